// The families of figures whose coverage is kept, in the order in which they are shown.
import type { Family } from '#lib/api/index.ts';

export const families = ['messages', 'reactions', 'voice', 'members', 'moderation'] as const satisfies readonly Family[];
