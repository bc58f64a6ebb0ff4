// How everything is counted: read on request, so it travels on request.

const definitions = {
	messages:
		'Messages and replies written in a channel or a thread. Placed in time by the moment they were sent, never by the moment they arrived here. Joins, pins, boosts and other system messages do not count; slash commands are counted apart.',
	reactions: 'Reactions given to messages. A reaction taken back is not deducted: it was an act of taking part.',
	active_members: 'Members who sent a message or gave a reaction in the period. Each counts once, however much they did; so the days do not add up to the month.',
	commands: 'Slash and context-menu commands answered by a bot in the server.',
	members: 'How many members Discord says the server has, bots included.',
	reactions_received: 'Reactions that others gave to the messages of this member.',
	active_days: 'Days of the chosen time zone on which the member wrote, reacted or used a command.',
	score: 'Overall score: one point per message and a fifth of a point per reaction given. The weights in use are printed under the board.',
	share: 'Part of the total of the same period and the same audience.',
	rank: 'Place by number of messages in the period, among the chosen audience. The trend compares with the place held in the period of comparison.',
	audience: 'People, bots and webhooks are all counted, apart from each other. By default you see people only.',
	time: 'Facts are kept in UTC; days, weeks and months are cut in the time zone you choose, at the moment you ask.',
	comparison: 'The period before, of the same length; while the current period runs, the earlier one is cut at the same point.',
	coverage: 'The part of the period in which Discord could be heard. Time that could not be heard is drawn hatched, never as zero.'
};

export type Definitions = typeof definitions;
export type Definition = keyof Definitions;
export default definitions;
