// Comment tout est compté.
import type { Definitions } from './definitions.en.ts';

const definitions: Definitions = {
	messages:
		'Messages et réponses écrits dans un salon ou un fil. Placés dans le temps au moment de leur envoi, jamais à celui de leur arrivée ici. Arrivées, épingles, boosts et autres messages du système ne comptent pas\u00a0; les commandes sont comptées à part.',
	reactions: 'Réactions données aux messages. Une réaction retirée n’est pas déduite\u00a0: c’était un acte de participation.',
	active_members:
		'Membres qui ont envoyé un message ou donné une réaction dans la période. Chacun compte une fois, quoi qu’il ait fait\u00a0; la somme des jours n’est donc pas le mois.',
	commands: 'Commandes, par barre oblique ou menu contextuel, auxquelles un bot a répondu sur le serveur.',
	members: 'Nombre de membres du serveur selon Discord, bots compris.',
	reactions_received: 'Réactions données par d’autres aux messages de ce membre.',
	active_days: 'Jours du fuseau choisi où le membre a écrit, réagi ou utilisé une commande.',
	score: 'Score général\u00a0: un point par message et un cinquième de point par réaction donnée. Les poids appliqués sont écrits sous le classement.',
	share: 'Part du total de la même période et du même public.',
	rank: 'Place par nombre de messages dans la période, parmi le public choisi. La tendance compare avec la place tenue sur la période de comparaison.',
	audience: 'Personnes, bots et webhooks sont tous comptés, séparément. Par défaut, vous voyez les personnes seulement.',
	time: 'Les faits sont gardés en UTC\u00a0; jours, semaines et mois sont découpés dans le fuseau que vous choisissez, au moment où vous demandez.',
	comparison: 'La période précédente, de même durée\u00a0; tant que la période court, la précédente est coupée au même point.',
	coverage: 'Part de la période où Discord a pu être entendu. Le temps qui n’a pas pu l’être est hachuré, jamais montré comme zéro.'
};

export default definitions;
