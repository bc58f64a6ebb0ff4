//! What the judge is told besides the truth: what nobody was told, what was asked over REST, how much was written.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vigie_core::vocabulary::{ChannelId, GuildId, UnixMs};
use vigie_world::{GuildPermission, Stretch, Truth, World};

use crate::gateway::heard::{self, Reason, Told};
use crate::gateway::session::Session;
use crate::hub::Hub;
use crate::limits::{ENDED_SESSIONS_MAX, REST_IDS_MAX};
use crate::sync::lock;

/// The books of the simulator.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Tokens in the order of their first session: a bot's number is its place.
    bots: Mutex<Vec<String>>,
    /// Sessions that are over, oldest first.
    ended: Mutex<VecDeque<Arc<Session>>>,
    /// What our bot may not hear, or might not for a while.
    hidden: Mutex<Vec<Hidden>>,
    /// Requests served, by route and by the id in it.
    rest: Mutex<BTreeMap<String, BTreeMap<String, u64>>>,
}

/// What is told to nobody for want of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hiding {
    /// What happens in a channel.
    Channel(ChannelId),
    /// What needs this permission in the guild.
    Guild(GuildPermission),
}

#[derive(Clone, Copy)]
struct Hidden {
    guild: GuildId,
    what: Hiding,
    from: UnixMs,
    to: Option<UnixMs>,
}

impl Ledger {
    pub(crate) fn note_bot(&self, token: &str) {
        let mut bots = lock(&self.bots);
        if !bots.iter().any(|bot| bot == token) {
            bots.push(token.to_owned());
        }
    }

    /// Keeps an ended session.
    pub(crate) fn keep(&self, session: Arc<Session>) {
        let mut ended = lock(&self.ended);
        if ended.len() >= ENDED_SESSIONS_MAX {
            ended.pop_front();
        }
        ended.push_back(session);
    }

    /// The ended session of this id.
    pub(crate) fn ended(&self, id: &str) -> Option<Arc<Session>> {
        lock(&self.ended).iter().find(|session| session.id == id).cloned()
    }

    /// Forgets the dispatches of ended sessions that nobody is connected to.
    pub(crate) fn bury(&self) {
        lock(&self.ended).iter().for_each(|session| session.bury());
    }

    /// Our bot may not hear something from now on, or may again.
    pub(crate) fn hide(&self, guild: GuildId, what: Hiding, at: UnixMs, hides: bool) {
        let mut hidden = lock(&self.hidden);
        match hides {
            true => hidden.push(Hidden { guild, what, from: at, to: None }),
            false => hidden
                .iter_mut()
                .filter(|hidden| {
                    (hidden.guild, hidden.what) == (guild, what) && hidden.to.is_none()
                })
                .for_each(|hidden| hidden.to = Some(at)),
        }
    }

    /// Counts a request that was served: `path` is the route's template, `id` the first id in it.
    pub(crate) fn count_request(&self, method: &str, path: &str, id: &str) {
        let mut rest = lock(&self.rest);
        let ids = rest.entry(format!("{method} {}", plain(path))).or_default();
        let is_full = ids.len() >= REST_IDS_MAX && !ids.contains_key(id);
        *ids.entry(if is_full { "other" } else { id }.to_owned()).or_default() += 1;
    }

    /// Requests served, by route and id.
    pub(crate) fn rest(&self) -> Value {
        json!(*lock(&self.rest))
    }
}

/// `/channels/{channel}/messages` as `/channels/{id}/messages`.
fn plain(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{id}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

impl Hub {
    /// Every stretch of a guild whose dispatches reached no session of a bot, and every lost dispatch.
    pub(crate) fn unheard(&self, world: &World) -> Vec<Value> {
        let (start, now) = (world.config().start, world.clock());
        let mut rows = Vec::new();
        let bots = lock(&self.ledger.bots).clone();
        for (bot, token) in bots.iter().enumerate() {
            let sessions = self.sessions_of(token);
            for guild in self.guild_ids() {
                let told = told(&sessions, guild, now);
                let gaps = heard::gaps(told, start, now);
                rows.extend(gaps.iter().map(|gap| row(bot, guild, gap)));
            }
            let lost = sessions.iter().flat_map(|session| session.lost());
            rows.extend(lost.map(|(guild, gap)| row(bot, guild, &gap)));
            for hidden in lock(&self.ledger.hidden).iter() {
                let to = hidden.to.unwrap_or(now);
                let gap = Told { from: hidden.from, to, end: Reason::Permission };
                let mut row = row(bot, hidden.guild, &gap);
                match hidden.what {
                    Hiding::Channel(channel) => row["channel"] = json!(channel.0.to_string()),
                    Hiding::Guild(permission) => row["permission"] = json!(name_of(permission)),
                }
                rows.push(row);
            }
        }
        rows
    }

    /// True time in voice within the stretches that reached the first bot, over all guilds.
    pub(crate) fn voice_heard(&self, world: &World) -> Truth {
        let mut truth = Truth::new();
        let Some(token) = lock(&self.ledger.bots).first().cloned() else { return truth };
        let sessions = self.sessions_of(&token);
        for guild in self.guild_ids() {
            let stretches: Vec<Stretch> = heard::union(told(&sessions, guild, world.clock()));
            truth.merge(&world.voice_heard(guild, &stretches));
        }
        truth
    }

    /// Messages of the present by channel, deleted ones included.
    pub(crate) fn messages_made(&self, world: &World) -> Value {
        let counts = world.guilds().iter().flat_map(|guild| world.live_messages(guild));
        let made: BTreeMap<String, u64> =
            counts.map(|(channel, count)| (channel.0.to_string(), count)).collect();
        json!(made)
    }

    /// Sessions of a bot, those that are over included.
    fn sessions_of(&self, token: &str) -> Vec<Arc<Session>> {
        let mut sessions: Vec<Arc<Session>> = lock(&self.ledger.ended).iter().cloned().collect();
        sessions.extend(self.sessions());
        sessions.retain(|session| session.token == token);
        sessions
    }
}

fn told(sessions: &[Arc<Session>], guild: GuildId, now: UnixMs) -> Vec<Told> {
    let own = sessions.iter().filter(|session| session.shard.holds(guild));
    own.flat_map(|session| session.told(guild, now)).collect()
}

fn name_of(permission: GuildPermission) -> &'static str {
    match permission {
        GuildPermission::ViewAuditLog => "view_audit_log",
        GuildPermission::ManageGuild => "manage_guild",
        GuildPermission::ManageChannels => "manage_channels",
        GuildPermission::BanMembers => "ban_members",
    }
}

fn row(bot: usize, guild: GuildId, gap: &Told) -> Value {
    json!({
        "bot": bot,
        "guild": guild.0.to_string(),
        "from_ms": gap.from.0,
        "to_ms": gap.to.0,
        "reason": gap.end.name(),
    })
}
