// Les mots de la page des interrupteurs.
import type { SwitchWords } from './switches.en.ts';

const switches: SwitchWords = {
	title: 'Qu’écoute Vigie\u00a0?',
	all: 'Tous les événements sont écoutés.',
	some: (off, events) => `${off} événements sur ${events} sont coupés ici.`,
	effect: 'Un interrupteur agit en cinq secondes au plus. Ce qui a été compté reste\u00a0; ce qui se passe entre-temps ne sera jamais connu.',
	here: 'Sur ce serveur',
	everywhere: 'Sur tous les serveurs',
	offEverywhere: 'coupé sur tous les serveurs',
	on: 'écouté',
	off: 'coupé',
	toggleHere: (event) => `${event}, sur ce serveur`,
	toggleEverywhere: (event) => `${event}, sur tous les serveurs`,
	failed: (event) => `${event} n’a pas pu être changé.`,
	sure: 'Couper sur tous les serveurs\u00a0?',
	sureHelp: (event) => `${event} ne sera plus entendu sur aucun serveur, jusqu’à ce qu’il soit rétabli.`,
	confirm: 'Couper',
	cancel: 'Continuer d’écouter',
	groups: { messages: 'Messages', reactions: 'Réactions', voice: 'Vocal', members: 'Membres', moderation: 'Modération', invites: 'Invitations', server: 'Le serveur lui-même' },
	costs: {
		AUTO_MODERATION_ACTION_EXECUTION: 'Ce qu’a fait la modération automatique de Discord',
		CHANNEL_CREATE: 'Les nouveaux salons et leurs noms',
		CHANNEL_DELETE: 'La suppression d’un salon',
		CHANNEL_UPDATE: 'Les noms et places des salons',
		GUILD_AUDIT_LOG_ENTRY_CREATE: 'Qui a agi et pourquoi, aussitôt\u00a0; le journal d’audit est lu plus tard',
		GUILD_BAN_ADD: 'Les bannissements, sur le moment',
		GUILD_BAN_REMOVE: 'Les bannissements levés',
		GUILD_EMOJIS_UPDATE: 'Les changements d’émojis',
		GUILD_MEMBER_ADD: 'Les arrivées, et par quelle invitation',
		GUILD_MEMBER_REMOVE: 'Les départs de toute sorte',
		GUILD_MEMBER_UPDATE: 'Exclusions, pseudos et rôles, sur le moment',
		GUILD_ROLE_CREATE: 'Les nouveaux rôles',
		GUILD_ROLE_DELETE: 'Les rôles supprimés',
		GUILD_ROLE_UPDATE: 'Les changements de rôles',
		GUILD_UPDATE: 'Les changements du serveur\u00a0: nom, icône, propriétaire…',
		INVITE_CREATE: 'Les nouvelles invitations\u00a0: leurs arrivées sont plus dures à attribuer',
		INVITE_DELETE: 'Les invitations supprimées ou épuisées\u00a0: les arrivées sont plus dures à attribuer',
		MESSAGE_CREATE: 'Les messages et commandes\u00a0: l’essentiel des chiffres',
		MESSAGE_DELETE_BULK: 'Les messages supprimés en bloc',
		MESSAGE_REACTION_ADD: 'Les réactions données',
		MESSAGE_REACTION_REMOVE: 'Les réactions retirées',
		MESSAGE_REACTION_REMOVE_ALL: 'Les réactions effacées d’un message',
		MESSAGE_REACTION_REMOVE_EMOJI: 'Un émoji effacé d’un message',
		THREAD_CREATE: 'Les nouveaux fils',
		THREAD_DELETE: 'Les fils supprimés',
		THREAD_LIST_SYNC: 'Les fils des salons devenus visibles',
		THREAD_UPDATE: 'Les noms des fils',
		VOICE_STATE_UPDATE: 'Tout le vocal'
	}
};

export default switches;
