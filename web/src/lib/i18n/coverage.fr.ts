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
		},
		members: {
			blind: 'Les arrivées et départs de ce moment n’ont pas été entendus ; qui est venu et resté se trouve dans la liste des membres, si elle peut être lue.',
			recovered: 'La liste des membres a été relue : on sait qui est venu et resté, et qui est parti.'
		},
		moderation: {
			blind: 'Les actes de ce moment ne sont pas au registre.',
			recovered: 'Les actes de ce moment ont été lus dans le journal d’audit, avec leur auteur et leur raison.'
		}
	},
	notInstalled: 'Rien de ce temps n’est connu ici.',
	left: (channels) => `${channels} à relire encore`,
	access: 'Ce qui peut être lu',
	accessHint: 'Ce qu’il faut au bot en plus d’écouter, et ce que l’on ignore sans cela',
	allowed: 'Autorisé',
	refused: 'Refusé',
	untried: 'Pas encore essayé',
	allWell: 'Tout peut être lu : rien n’est perdu.',
	needs: (grant) => `Nécessite ${grant}`,
	without: 'Sans cela, on ignore :',
	readings: { audit_log: 'Journal d’audit', invites: 'Invitations', members: 'Liste des membres' },
	grants: {
		view_audit_log: 'la permission « Voir les logs du serveur » du rôle du bot',
		manage_guild: 'la permission « Gérer le serveur » du rôle du bot',
		server_members_intent: 'l’intention privilégiée « Server Members », sur le portail des développeurs de Discord et dans les réglages de Vigie'
	},
	losses: {
		moderators: 'qui a agi',
		reasons: 'pourquoi',
		departure_kinds: 'les expulsions et purges : elles ressemblent à des départs',
		moderation_backfill: 'ce qui s’est passé en l’absence du bot',
		attributions: 'par l’invitation de qui l’on est venu',
		invite_uses: 'combien de fois chaque invitation a servi',
		growth_before: 'qui est arrivé avant le bot',
		departures_missed: 'qui est parti en l’absence du bot'
	},
	began: (when) => `depuis ${when}`,
	since: (day) => `À l’écoute depuis le ${day}`,
	until: (when) => `dernière écoute ${when}`
};

export default coverage;
