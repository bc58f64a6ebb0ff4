// Les mots de la page d'état.
import { num } from '../format/number.ts';
import { plural } from './locale.svelte.ts';
import type { StatusWords } from './status.en.ts';

const count = (n: number, one: string, other: string) => `${num(n)} ${plural('fr', n, one, other)}`;

const status: StatusWords = {
	title: 'L’image est-elle complète\u00a0?',
	yes: 'Oui\u00a0: tout ce qui a été entendu est compté.',
	waiting: (entries) => `Presque\u00a0: ${entries} en attente d’enregistrement.`,
	storeDown: 'Non\u00a0: la base de données ne répond pas. Ce qui est entendu est gardé et sera enregistré dès qu’elle répondra.',
	shardDown: (n) =>
		`Pas en ce moment\u00a0: ${count(n, 'connexion est coupée', 'connexions sont coupées')}. Vigie se reconnecte seule.`,
	noShards: 'Pas encore de connexion à Discord\u00a0: rien n’est entendu.',
	shards: 'Connexions à Discord',
	shard: 'Shard',
	state: 'État',
	servers: 'Serveurs',
	latency: 'Latence',
	events: 'Événements',
	lastEvent: 'Dernier événement',
	store: 'Base de données',
	storeOk: 'répond',
	storeBad: 'ne répond pas',
	outbox: 'En attente d’enregistrement',
	oldest: (when) => `la plus ancienne\u00a0: ${when}`,
	ingest: 'Entrées enregistrées',
	repeats: (n) => `${n} répétitions reconnues et ignorées`,
	unreadable: (n) => `${n} illisibles, mises de côté`,
	lastCommit: (when) => `dernier enregistrement ${when}`,
	counted: 'Événements comptés',
	setAside: 'Entendu, non compté',
	setAsideHint: 'Événements selon la raison qui les écarte. Rien n’est écarté sans raison.',
	nothingAside: 'Chaque événement a compté.',
	catchUp: 'Relecture de ce qui a manqué',
	catchUpHint: 'Les messages d’un trou reviennent d’eux-mêmes de l’historique de Discord.',
	catchUpDone: 'Rien n’attend d’être relu.',
	catchUpLeft: (channels, servers) => `${channels} de ${servers} à relire encore`,
	catchUpFrom: (when) => `trou le plus ancien\u00a0: ${when}`,
	catchUpWaiting: (when) => `en attente de la limite de Discord jusqu’à ${when}`,
	recovered: 'Messages récupérés',
	pages: 'Pages lues',
	requests: 'Requêtes',
	refused: 'Salons refusés',
	readingTitle: 'Lire ce qu’aucun événement ne dit',
	readingHint: 'Journaux d’audit, invitations et listes de membres, demandés au besoin.',
	readingNothing: 'Rien n’attend d’être lu.',
	readingNow: (what, server) => `${what} de ${server}`,
	readingKinds: { audit_log: 'Journal d’audit', invites: 'Invitations', members: 'Liste des membres' },
	readingAnswered: 'Réponses',
	readingRefused: 'Refus',
	sinceStart: 'depuis le démarrage',
	journal: 'Journal',
	journalNote: (when) => `point de reprise ${when}`,
	noCheckpoint: 'pas encore de point de reprise',
	file: (size) => `${size} sur disque`,
	restart: 'Dernier départ',
	restarts: {
		resumed: 'repris, rien manqué',
		new_session: 'nouvelle session',
		state_lost: 'reparti sans mémoire'
	},
	notHeard: 'Serveurs qui ne sont pas entendus entièrement',
	recovering: (n) => `Presque\u00a0: les messages de ${count(n, 'serveur sont', 'serveurs sont')} en cours de relecture.`,
	blind: (n) => `Pas en ce moment\u00a0: ${count(n, 'serveur n’est pas entendu', 'serveurs ne sont pas entendus')}.`,
	since: (when) => `depuis ${when}`,
	version: 'Version',
	started: (when) => `démarré ${when}`,
	never: 'jamais',
	states: {
		connected: 'Connecté',
		active: 'Connecté',
		ready: 'Connecté',
		connecting: 'Connexion',
		identifying: 'Identification',
		resuming: 'Reprise',
		disconnected: 'Déconnecté',
		fatally_closed: 'Refusé',
		closed: 'Fermé'
	}
};

export default status;
