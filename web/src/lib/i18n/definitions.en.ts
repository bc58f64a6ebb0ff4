// How everything is counted: read on request, so it travels on request.

const definitions = {
	messages:
		'Messages and replies written in a channel or a thread. Placed in time by the moment they were sent, never by the moment they arrived here. Joins, pins, boosts and other system messages do not count; slash commands are counted apart.',
	reactions: 'Reactions given to messages. A reaction taken back is not deducted: it was an act of taking part.',
	active_members: 'Members who sent a message, gave a reaction, or spent a minute or more in voice in the period. Each counts once, however much they did; so the days do not add up to the month.',
	voice_minutes:
		'Time in voice and stage channels, from joining a channel to leaving it, each person for themselves: two people together for an hour are two hours. It is credited while it runs, to the hour in which it passed.',
	active_voice_minutes: 'Voice time that is neither AFK, nor deafened, nor without another person in the channel. Bots are no company. Being muted counts as active: one can listen.',
	sessions: 'A session is one member in one voice or stage channel, from joining to leaving; moving to another channel begins another. Counted are the beginnings that were heard. Average length: the time that was heard, divided by the beginnings that were heard.',
	concurrency: 'How many people are in voice together. The average is voice time divided by the time that could be heard; the most at once is measured at every instant, bots left out.',
	commands: 'Slash and context-menu commands answered by a bot in the server.',
	members: 'How many members Discord says the server has, bots included.',
	joins: 'Everybody who came, each time they came; bots are left out. Somebody who was found in the list of members later counts at the time Discord says they joined. Rejoins are those who had been here before.',
	departures:
		'Everybody who went, by whatever way. A kick, a ban or a prune is told by the audit log, within ten seconds of the departure; everything else is a leave. Without the permission “View Audit Log”, kicks and prunes look like leaves.',
	retention:
		'Of those who joined together, the share who were still members at the end of each week since their own join, and the share who wrote, reacted or spent a minute in voice in that week. Only members whose week is over count; whoever joins twice counts twice.',
	lifecycle:
		'New: active for the first time ever. Returning: active this week and the week before. Resurrected: active again after a week or more of silence. Gone quiet: active the week before, not this one. Active is writing, reacting, or a minute in voice.',
	attribution:
		'Discord does not say by which invite somebody came: it is worked out from the counters of the invites. Exact: nothing else can have happened. Likely: right in at least 19 of 20. Otherwise the join is kept without an invite, with the codes it may have been.',
	acts: 'What was done to members, messages and voice by moderators, bots and Discord’s automatic moderation. The audit log says who and why; what it does not tell stays unknown and is never guessed.',
	approximate: 'Discord merges entries of this kind (messages deleted one by one, voice moves and disconnects): their number and targets are approximate.',
	reactions_received: 'Reactions that others gave to the messages of this member.',
	active_days: 'Days of the chosen time zone on which the member wrote, reacted, used a command or spent a minute or more in voice.',
	score: 'Overall score: one point per message, half a point per minute in voice, and a fifth of a point per reaction given. The weights in use are printed under the board.',
	share: 'Part of the total of the same period and the same audience.',
	rank: 'Place by number of messages (in voice: by voice time) in the period, among the chosen audience. The trend compares with the place held in the period of comparison.',
	audience: 'People, bots and webhooks are all counted, apart from each other. By default you see people only.',
	time: 'Facts are kept in UTC; days, weeks and months are cut in the time zone you choose, at the moment you ask.',
	comparison: 'The period before, of the same length; while the current period runs, the earlier one is cut at the same point.',
	coverage: 'The part of the period that was heard as it happened, or read again later from Discord’s history (messages only: for voice and reactions there is none). Time that could not be heard is drawn hatched, never as zero; time read again is dotted. Averages divide by covered time, and changes compare per covered time; where less than half was heard, no change is told.'
};

export type Definitions = typeof definitions;
export type Definition = keyof Definitions;
export default definitions;
