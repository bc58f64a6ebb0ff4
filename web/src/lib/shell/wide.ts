// Whether there is room for the sidebar. The same width as Tailwind's `lg`, which the styles of the frame use.
import { MediaQuery } from 'svelte/reactivity';

export const wide = new MediaQuery('min-width: 64rem');
