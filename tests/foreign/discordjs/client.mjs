// A discord.js client that logs in, counts what it hears, and prints one line of JSON.
//
//   node client.mjs --api http://127.0.0.1:7700/api --token any --until SIM_END
//
// Messages are counted from discord.js's own `messageCreate`, so that its caches and parsers take part; reactions and
// departures from its raw packets, because its events of them need cached messages and members. The dispatch named by --until ends the count.
import { parseArgs } from 'node:util';
import { Client, Events, GatewayIntentBits, MessageType } from 'discord.js';

const { values } = parseArgs({
  options: {
    api: { type: 'string' },
    token: { type: 'string', default: 'any' },
    until: { type: 'string', default: 'SIM_END' },
  },
});

const counted = {
  client: 'discord.js',
  ready: 0,
  resumed: 0,
  guilds: 0,
  messages: {},
  reactions_added: 0,
  reactions_removed: 0,
  joins: [],
  departures: [],
  bans: [],
  entries: [],
  invites: [],
  errors: [],
};

const client = new Client({
  intents: [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.GuildMessageReactions,
    GatewayIntentBits.GuildMembers,
    GatewayIntentBits.GuildModeration,
    GatewayIntentBits.GuildInvites,
  ],
  rest: { api: values.api },
});

client.on(Events.MessageCreate, (message) => {
  if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return;
  counted.messages[message.guildId] = (counted.messages[message.guildId] ?? 0) + 1;
});
client.on(Events.GuildMemberAdd, (member) => counted.joins.push(member.id));
client.on(Events.GuildBanAdd, (ban) => counted.bans.push(ban.user.id));
client.on(Events.GuildAuditLogEntryCreate, (entry) => counted.entries.push(entry.id));
client.on(Events.InviteCreate, (invite) => counted.invites.push(invite.code));
client.on(Events.Raw, (packet) => {
  if (packet.t === 'READY') counted.ready += 1;
  if (packet.t === 'GUILD_CREATE') counted.guilds += 1;
  if (packet.t === 'MESSAGE_REACTION_ADD') counted.reactions_added += 1;
  if (packet.t === 'MESSAGE_REACTION_REMOVE') counted.reactions_removed += 1;
  if (packet.t === 'GUILD_MEMBER_REMOVE') counted.departures.push(packet.d.user.id);
  // The packet is handled after this event: end the count behind it.
  if (packet.t === values.until) setImmediate(finish);
});
client.on(Events.ShardResume, () => {
  counted.resumed += 1;
});
client.on(Events.Error, (error) => counted.errors.push(String(error)));
client.on(Events.ShardError, (error) => counted.errors.push(String(error)));

function finish() {
  process.stdout.write(`${JSON.stringify(counted)}\n`, () => process.exit(0));
}

client.login(values.token).catch((error) => {
  console.error(error);
  process.exit(1);
});
