// Les mots de la page de couverture.
import { num } from '../format/number.ts';
import type { CoverageWords } from './coverage.en.ts';
import { plural } from './locale.svelte.ts';

const count = (n: number, one: string, other: string) => `${num(n)} ${plural('fr', n, one, other)}`;

const coverage: CoverageWords = {
	title: (guild) => `Que n’a-t-on pas entendu sur ${guild}\u00a0?`,
	nothing: (within) => `Il ne manque rien ${within}\u00a0: tout a été entendu.`,
	answer: (gaps, length, within) => `${gaps} ${within}, ${length} en tout.`,
	worst: (family, share) => ` Le moins couvert\u00a0: ${family}, ${share}.`,
	readAgain: (within) => `Il ne manque rien ${within}\u00a0: ce qui n’a pas été entendu a été relu.`,
	gaps: (n) => count(n, 'trou', 'trous'),
	heard: 'Entendu',
	recovered: 'Relu',
	blind: 'Manquant',
	absent: 'Avant le bot',
	of: 'de la période',
	strip: 'Où sont les trous',
	stripHint: (days) => `Une ligne par famille, ${days}`,
	list: 'Les trous, un par un',
	every: 'Tous',
	families: 'Quels trous',
	listHint: 'Les derniers d’abord',
	goesOn: 'en cours',
	none: 'Aucun trou sur cette période',
	noneHelp: 'Chaque connexion perdue et chaque panne figurerait ici, avec sa raison.',
	more: 'Afficher plus de trous',
	meanings: {
		messages: {
			blind: 'Les messages et commandes de ce moment ne sont pas dans les chiffres.',
			recovered: 'Les messages et commandes de ce moment ont été lus dans l’historique\u00a0: les chiffres sont complets.'
		},
		reactions: {
			blind: 'Les réactions de ce moment ne sont pas dans les chiffres\u00a0; Discord ne garde pas l’heure où elles sont données.',
			recovered: 'Les réactions de ce moment ont été relues.'
		},
		voice: {
			blind: 'On ne sait pas qui était en vocal à ce moment\u00a0; Discord n’en garde aucun historique.',
			recovered: 'Le vocal de ce moment a été relu.'
		}
	},
	notInstalled: 'Rien de ce temps n’est connu ici.',
	left: (channels) => `${channels} à relire encore`,
	began: (when) => `depuis ${when}`,
	since: (day) => `À l’écoute depuis le ${day}`,
	until: (when) => `dernière écoute ${when}`
};

export default coverage;
