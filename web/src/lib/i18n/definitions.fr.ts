// Comment tout est compté.
import type { Definitions } from './definitions.en.ts';

const definitions: Definitions = {
	messages:
		'Messages et réponses écrits dans un salon ou un fil. Placés dans le temps au moment de leur envoi, jamais à celui de leur arrivée ici. Arrivées, épingles, boosts et autres messages du système ne comptent pas\u00a0; les commandes sont comptées à part.',
	reactions: 'Réactions données aux messages. Une réaction retirée n’est pas déduite\u00a0: c’était un acte de participation.',
	active_members:
		'Membres qui ont envoyé un message, donné une réaction ou passé au moins une minute en vocal dans la période. Chacun compte une fois, quoi qu’il ait fait\u00a0; la somme des jours n’est donc pas le mois.',
	voice_minutes:
		'Temps passé dans les salons vocaux et les conférences, de l’arrivée dans un salon au départ, chacun pour soi\u00a0: deux personnes ensemble une heure font deux heures. Il est compté au fil de l’eau, dans l’heure où il passe.',
	active_voice_minutes: 'Temps vocal sans être absent (AFK), ni son coupé, ni seul dans le salon. Un bot n’est pas une compagnie. Micro coupé compte comme actif\u00a0: on peut écouter.',
	sessions: 'Une session est un membre dans un salon vocal ou une conférence, de l’arrivée au départ\u00a0; passer dans un autre salon en commence une autre. On compte les débuts entendus. Durée moyenne\u00a0: le temps entendu, divisé par les débuts entendus.',
	concurrency: 'Combien de personnes sont ensemble en vocal. La moyenne est le temps vocal divisé par le temps qui a pu être entendu\u00a0; le plus à la fois est mesuré à chaque instant, bots exclus.',
	commands: 'Commandes, par barre oblique ou menu contextuel, auxquelles un bot a répondu sur le serveur.',
	members: 'Nombre de membres du serveur selon Discord, bots compris.',
	joins: 'Toutes les personnes arrivées, à chaque fois ; les bots sont laissés de côté. Qui est trouvé plus tard dans la liste des membres compte au moment où Discord dit son arrivée. Les retours sont ceux de personnes déjà venues.',
	departures:
		'Toutes les personnes parties, de quelque façon. Le journal d’audit dit les expulsions, bannissements et purges, à moins de dix secondes du départ ; tout le reste est un départ de soi-même. Sans la permission « Voir les logs du serveur », expulsions et purges y ressemblent.',
	retention:
		'Parmi ceux arrivés ensemble, la part encore membre à la fin de chaque semaine depuis leur propre arrivée, et la part qui a écrit, réagi ou passé une minute en vocal cette semaine-là. Ne comptent que ceux dont la semaine est finie ; qui arrive deux fois compte deux fois.',
	lifecycle:
		'Nouveaux : actifs pour la première fois. Fidèles : actifs cette semaine et la précédente. Revenus : de nouveau actifs après une semaine de silence ou plus. Devenus muets : actifs la semaine précédente, pas celle-ci. Être actif, c’est écrire, réagir ou passer une minute en vocal.',
	attribution:
		'Discord ne dit pas par quelle invitation l’on vient : on le déduit des compteurs des invitations. Exact : rien d’autre n’a pu se passer. Probable : juste au moins 19 fois sur 20. Sinon l’arrivée est gardée sans invitation, avec les codes possibles.',
	acts: 'Ce que les modérateurs, les bots et la modération automatique de Discord ont fait aux membres, aux messages et en vocal. Le journal d’audit dit qui et pourquoi ; ce qu’il ne dit pas reste inconnu et n’est jamais deviné.',
	approximate: 'Discord fond ensemble les entrées de ce genre (messages supprimés un à un, déplacements et déconnexions en vocal) : leur nombre et leurs cibles sont approximatifs.',
	reactions_received: 'Réactions données par d’autres aux messages de ce membre.',
	active_days: 'Jours du fuseau choisi où le membre a écrit, réagi, utilisé une commande ou passé au moins une minute en vocal.',
	score: 'Score général\u00a0: un point par message, un demi-point par minute en vocal et un cinquième de point par réaction donnée. Les poids appliqués sont écrits sous le classement.',
	share: 'Part du total de la même période et du même public.',
	rank: 'Place par nombre de messages (en vocal\u00a0: par temps vocal) dans la période, parmi le public choisi. La tendance compare avec la place tenue sur la période de comparaison.',
	audience: 'Personnes, bots et webhooks sont tous comptés, séparément. Par défaut, vous voyez les personnes seulement.',
	time: 'Les faits sont gardés en UTC\u00a0; jours, semaines et mois sont découpés dans le fuseau que vous choisissez, au moment où vous demandez.',
	comparison: 'La période précédente, de même durée\u00a0; tant que la période court, la précédente est coupée au même point.',
	coverage: 'Part de la période entendue sur le moment, ou relue ensuite dans l’historique de Discord (messages seulement\u00a0: il n’y en a pas pour le vocal ni les réactions). Le temps non entendu est hachuré, jamais montré comme zéro\u00a0; le temps relu est pointillé. Les moyennes divisent par le temps couvert, les évolutions comparent par temps couvert\u00a0; quand moins de la moitié a été entendue, aucune évolution n’est dite.'
};

export default definitions;
