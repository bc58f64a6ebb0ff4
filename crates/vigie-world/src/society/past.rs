//! The past of a guild's people, invites and moderators: the same scenes, played before the present begins.
//!
//! Who is a member when the present begins joined as their `joined_at` says. Beside them people came who left again, and
//! members of long standing left; a guild of some size was raided once. With a history of no days there is none of it, only
//! the invites that stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use vigie_core::vocabulary::{AuthorKind, DepartureKind, UnixMs, UserId};

use super::comings::{STANDING, Terms};
use super::{Deed, Past, Scene, Society, Target};
use crate::calendar::{DAY_MS, HOUR_MS};
use crate::event::Happening;
use crate::guild::{Guild, Role};
use crate::history::{Changes, founding_emojis, late_role};
use crate::ids::IdLayout;
use crate::invites::{Invite, Vanity};
use crate::members::{NOBODY, Stay, Way};
use crate::moderation::{AuditChange, AuditValue, action_type};
use crate::names::moderation::raid_reason;
use crate::people::{self, Population};
use crate::rng::Rng;
use crate::world::World;

/// People a day, for each member, who come and leave again within the history, and members of long standing who leave.
const PASSING: f64 = 0.001;
const LEAVING: f64 = 0.000_4;
/// A raid was so many days before the present, at this hour and minute (UTC), in guilds of so many people.
const RAID_DAYS_AGO: i64 = 21;
const RAID_MS: i64 = 19 * HOUR_MS + 41 * 60_000;
const RAIDED_FROM: u32 = 250;
/// However large a guild is, no more of one kind is done than this.
const DEEDS_MAX: f64 = 1_500.0;
/// How often something was done, against the people who came.
const DEEDS: &[(f64, Deed)] = &[
    (0.09, Deed::Timeout(None)),
    (0.02, Deed::LiftTimeout(None)),
    (0.05, Deed::Nick),
    (0.1, Deed::Roles),
    (0.1, Deed::Automod),
    (0.3, Deed::DeleteMessage),
    (0.04, Deed::DeleteMessages),
    (0.06, Deed::MoveVoice),
    (0.05, Deed::DisconnectVoice),
    (0.3, Deed::CreateAnyInvite),
    (0.05, Deed::DeleteInvite(None)),
    (0.02, Deed::Unban(None)),
    (0.05, Deed::RepeatJoin),
];

/// Something that happened.
#[derive(Clone, Debug)]
enum Step {
    /// A member of today joined.
    Stays(u32),
    /// Somebody came who is gone today: after so long, in such a way.
    Passes {
        lasted_ms: i64,
        how: DepartureKind,
    },
    /// Somebody left.
    Ends(UserId, DepartureKind),
    /// The raid: the code, and who pours in.
    Raid,
    Raider(UserId, Arc<str>),
    Banned(UserId, UserId),
    Prune,
    /// The guild itself changed.
    Changes(GuildChange),
    Does(Deed),
}

/// What changed about a guild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GuildChange {
    RoleMade,
    RoleNamed,
    Emoji,
    Description,
}

/// What is still to be played.
#[derive(Default)]
struct Script {
    steps: BTreeMap<(i64, u64), Step>,
    count: u64,
}

impl Script {
    fn add(&mut self, at: i64, step: Step) {
        self.steps.insert((at, self.count), step);
        self.count += 1;
    }
}

/// Plays the past of a guild: about a microsecond for each of its people, and a few for each thing that happened.
pub(super) fn make(world: &World, guild: &Guild) -> Past {
    let (from, start) = (world.history_start().0, world.config.start.0);
    let mut player = Player {
        layout: &world.layout,
        population: &world.population,
        guild,
        society: Society::default(),
        rng: Rng::of(&[guild.seed, 0x9a57]),
        told: Vec::new(),
        start,
    };
    let days = (start - from) as f64 / DAY_MS as f64;
    let has_history = world.config.history_days > 0;
    player.found_invites(if has_history { from } else { start });
    if has_history {
        // What a bot is told when it comes: the guild as it is then.
        player.told.push((UnixMs(from), Happening::GuildUpdate));
        let mut script = player.script(from, days, world);
        while let Some(((at, _), step)) = script.steps.pop_first() {
            if at >= start {
                break;
            }
            player.play(at, step, &mut script);
        }
    }
    let Player { mut society, mut told, .. } = player;
    society.timeouts.clear();
    told.sort_by_key(|(at, _)| *at);
    // What was told of the last seconds is told by then.
    told.iter_mut().for_each(|(at, _)| at.0 = at.0.min(start - 1));
    society.audit.iter_mut().for_each(|entry| entry.told_at.0 = entry.told_at.0.min(start - 1));
    Past { society, events: told }
}

struct Player<'a> {
    layout: &'a IdLayout,
    population: &'a Population,
    guild: &'a Guild,
    society: Society,
    rng: Rng,
    told: Vec<(UnixMs, Happening)>,
    start: i64,
}

impl Player<'_> {
    fn scene<T>(&mut self, at: i64, act: impl FnOnce(&mut Scene<'_>) -> T) -> T {
        act(&mut Scene {
            layout: self.layout,
            population: self.population,
            guild: self.guild,
            society: &mut self.society,
            rng: &mut self.rng,
            at: UnixMs(at),
            is_past: true,
            told: &mut self.told,
            effects: &mut Vec::new(),
        })
    }

    /// The invites that stand since before anything was recorded, and the vanity address.
    fn found_invites(&mut self, from: i64) {
        let people = f64::from(self.guild.human_count);
        let wanted = 2 + (crate::math::ln(people.max(1.0)) * 0.8) as u32;
        let mut invites: Vec<Invite> = Vec::new();
        for _ in 0..wanted {
            invites.push(self.scene(from, |scene| {
                let staff = scene.moderator();
                let somebody = scene.anybody().map_or(staff, |somebody| somebody.user);
                let inviter = if scene.rng.chance(0.5) { staff } else { somebody };
                let age_ms = scene.rng.below(400 * DAY_MS as u64) as i64 + HOUR_MS;
                let made = UnixMs((from - age_ms).max(scene.guild.created_at.0));
                let mut invite = scene.new_invite(inviter, STANDING, made);
                invite.uses = (scene.rng.unit() * scene.rng.unit() * people * 0.2) as u32;
                invite
            }));
        }
        invites.sort_by_key(|invite| invite.created_at);
        invites.into_iter().for_each(|invite| self.society.add_invite(invite));
        let uses = (people * 0.15) as u32;
        let code = self.guild.vanity_code();
        self.society.vanity = code.map(|code| Vanity { code: code.into(), uses });
    }

    fn script(&mut self, from: i64, days: f64, world: &World) -> Script {
        let mut script = Script::default();
        let people = f64::from(self.guild.human_count);
        for nth in 0..people::newcomers(self.guild) {
            let at = self.population.newcomer_joined_at(self.guild, nth).0;
            script.add(at, Step::Stays(people::old_members(self.guild) + nth));
        }
        let passing = self.rng.arrivals(people * PASSING * days);
        for _ in 0..passing {
            let at = self.moment(from, world);
            let lasted_ms = self.stay_ms();
            let how = match self.rng.below(100) {
                0..84 => DepartureKind::Leave,
                84..89 => DepartureKind::Kick,
                _ => DepartureKind::Ban,
            };
            script.add(at, Step::Passes { lasted_ms, how });
        }
        for _ in 0..self.rng.arrivals(people * LEAVING * days) {
            let at = self.moment(from, world);
            let user = self.member_of_old(from);
            let how = match self.rng.below(100) {
                0..93 => DepartureKind::Leave,
                93..96 => DepartureKind::Kick,
                _ => DepartureKind::Ban,
            };
            script.add(at, Step::Ends(user, how));
        }
        let joins = f64::from(passing) + f64::from(people::newcomers(self.guild)) + 0.03 * days;
        for (weight, deed) in DEEDS {
            for _ in 0..self.rng.arrivals((joins * weight).min(DEEDS_MAX)) {
                script.add(self.moment(from, world), Step::Does(deed.clone()));
            }
        }
        if self.guild.human_count >= RAIDED_FROM {
            let midnight = self.start.div_euclid(DAY_MS) * DAY_MS;
            script.add(midnight - RAID_DAYS_AGO * DAY_MS + RAID_MS, Step::Raid);
            script.add(midnight - 34 * DAY_MS + 10 * HOUR_MS, Step::Prune);
        }
        if let Some(changes) = Changes::of(world, self.guild) {
            let named = changes.role.0 + Changes::NAMED_AFTER_MS;
            script.add(changes.role.0, Step::Changes(GuildChange::RoleMade));
            script.add(named, Step::Changes(GuildChange::RoleNamed));
            script.add(changes.emoji.0, Step::Changes(GuildChange::Emoji));
            script.add(changes.description.0, Step::Changes(GuildChange::Description));
        }
        // What lies before the history did not happen.
        script.steps = script.steps.split_off(&(from, 0));
        script
    }

    /// An instant of the history, at the hours when people are there.
    fn moment(&mut self, from: i64, world: &World) -> i64 {
        let window = (self.start - from).max(1) as u64;
        let peak = world.rhythms.peak(self.guild.community);
        for _ in 0..20 {
            let at = from + self.rng.below(window) as i64;
            let zone = &self.guild.time_zone;
            let weight = world.rhythms.weight(self.guild.community, zone, UnixMs(at));
            if self.rng.chance(weight / peak) {
                return at;
            }
        }
        from + self.rng.below(window) as i64
    }

    /// How long somebody stays who leaves again: minutes, hours or weeks.
    fn stay_ms(&mut self) -> i64 {
        let mean = match self.rng.below(10) {
            0..3 => 0.3 * HOUR_MS as f64,
            3..6 => 10.0 * HOUR_MS as f64,
            _ => 12.0 * DAY_MS as f64,
        };
        20_000 + (self.rng.waiting() * mean) as i64
    }

    /// The account of somebody who had been there long, and is gone today: their stay is written down.
    fn member_of_old(&mut self, from: i64) -> UserId {
        let created = self.guild.created_at.0;
        let joined_at = created + self.rng.below((from - created).max(1) as u64) as i64;
        let member = self.scene(joined_at, |scene| {
            let age = 30.0 + scene.rng.unit() * 900.0;
            scene.account(age)
        });
        self.society.open.insert(member, self.society.stays.len());
        self.society.stays.push(Stay {
            member,
            kind: AuthorKind::Human,
            joined_at: UnixMs(joined_at),
            rejoined: false,
            way: Way::Before,
            inviter: None,
            left: None,
        });
        member
    }

    fn play(&mut self, at: i64, step: Step, script: &mut Script) {
        match step {
            Step::Stays(index) => self.scene(at, |scene| {
                let who = Target { user: scene.user(index), index };
                let way = scene.way();
                scene.arrive(who, way, false);
            }),
            Step::Passes { lasted_ms, how } => {
                let left = at + lasted_ms;
                // Who is still there would be a member today.
                if left >= self.start - 60_000 {
                    return;
                }
                let user = self.scene(at, |scene| {
                    let comes_back = scene.society.left.last().copied();
                    let comes_back = comes_back.filter(|_| scene.rng.chance(0.06));
                    let age = scene.usual_age();
                    let user = comes_back.unwrap_or_else(|| scene.account(age));
                    let way = scene.way();
                    scene.arrive(Target { user, index: NOBODY }, way, comes_back.is_some());
                    user
                });
                script.add(left, Step::Ends(user, how));
            }
            Step::Ends(user, how) => self.scene(at, |scene| {
                let who = Target { user, index: NOBODY };
                match how {
                    DepartureKind::Kick => scene.kick(who),
                    DepartureKind::Ban => {
                        let (by, reason) = (scene.enforcer(), scene.reason());
                        scene.ban(who, by, reason);
                    }
                    _ => scene.depart(who, how, 0),
                }
            }),
            Step::Raid => self.raid(at, script),
            Step::Raider(user, code) => self.scene(at, |scene| {
                scene.arrive(Target { user, index: NOBODY }, Way::Invite(code), false);
            }),
            Step::Banned(user, by) => self.scene(at, |scene| {
                let reason = raid_reason(scene.guild.language).into();
                scene.ban(Target { user, index: NOBODY }, by, Some(reason));
            }),
            Step::Prune => self.prune(at),
            Step::Changes(change) => self.change_guild(at, change),
            Step::Does(deed) => self.scene(at, |scene| scene.play_past(&deed)),
        }
    }

    /// People pour in by one invite, within half a minute, and are banned twenty a second when all have come.
    fn raid(&mut self, at: i64, script: &mut Script) {
        let raiders = i64::from((self.guild.human_count / 110).clamp(24, 420));
        let (code, by) = self.scene(at, |scene| {
            let terms = Terms { max_age_s: 86_400, ..STANDING };
            (scene.create_invite(None, terms), scene.enforcer())
        });
        for place in 0..raiders {
            let user = self.scene(at, |scene| {
                let age = scene.rng.unit() * 9.0;
                scene.account(age)
            });
            let joins = at + 5_000 + self.rng.below(30_000) as i64;
            script.add(joins, Step::Raider(user, Arc::clone(&code)));
            script.add(at + 95_000 + place * 50, Step::Banned(user, by));
        }
    }

    /// The owner changes the guild.
    fn change_guild(&mut self, at: i64, change: GuildChange) {
        let guild = self.guild;
        let text = |text: &str| Some(AuditValue::Text(text.to_owned()));
        let last_emoji = founding_emojis(guild).last();
        let (number, target, told, key, old, new) = match (change, late_role(guild), last_emoji) {
            (GuildChange::RoleMade, Some(role), _) => {
                let name = Changes::NEW_ROLE;
                let made = Role { name: name.into(), color: 0, ..role.clone() };
                let told = Happening::RoleCreate(Arc::new(made));
                (action_type::ROLE_CREATE, role.id.0, told, "name", None, text(name))
            }
            (GuildChange::RoleNamed, Some(role), _) => {
                let told = Happening::RoleUpdate(Arc::new(role.clone()));
                let (old, new) = (text(Changes::NEW_ROLE), text(&role.name));
                (action_type::ROLE_UPDATE, role.id.0, told, "name", old, new)
            }
            (GuildChange::Emoji, _, Some(emoji)) => {
                let told = Happening::EmojisUpdate(founding_emojis(guild).into());
                (action_type::EMOJI_CREATE, emoji.id.0, told, "name", None, text(emoji.name))
            }
            (GuildChange::Description, _, _) => {
                let is_shown = guild.features().contains(&"COMMUNITY");
                let new = guild.description.as_deref().filter(|_| is_shown).and_then(text);
                if new.is_none() {
                    return;
                }
                let told = Happening::GuildUpdate;
                (action_type::GUILD_UPDATE, guild.id.0, told, "description", None, new)
            }
            _ => return,
        };
        self.scene(at, |scene| {
            scene.tell(told);
            let mut draft = super::Draft::new(number, scene.user(0), Some(target));
            draft.changes = vec![AuditChange { key, old, new }];
            scene.audit(draft, false);
        });
    }

    /// Members of long standing who had not been seen are pruned at once.
    fn prune(&mut self, at: i64) {
        let count = 3 + self.guild.human_count / 400;
        let who: Vec<Target> = (0..count)
            .map(|_| Target { user: self.member_of_old(at - 90 * DAY_MS), index: NOBODY })
            .collect();
        self.scene(at, |scene| scene.prune(&who));
    }
}

impl Scene<'_> {
    /// What leaves no trace but in the audit log, the invites and the bans.
    fn play_past(&mut self, deed: &Deed) {
        match deed {
            Deed::CreateAnyInvite => {
                let terms = self.terms();
                self.create_invite(None, terms);
            }
            Deed::DeleteInvite(_) => {
                self.delete_invite(None);
            }
            Deed::Unban(_) => {
                let banned: Vec<UserId> = self.society.bans.keys().copied().collect();
                if let Some(user) = super::present::pick(self.rng, &banned) {
                    self.unban(user);
                }
            }
            Deed::LiftTimeout(_) => {
                if let Some(who) = self.timed_out() {
                    self.lift_timeout(who);
                }
            }
            Deed::MoveVoice | Deed::DisconnectVoice => self.voice_in_the_past(deed),
            _ => {
                if let Some(who) = self.anybody() {
                    self.happen_to(who, deed);
                }
            }
        }
    }

    fn happen_to(&mut self, who: Target, deed: &Deed) {
        use vigie_core::vocabulary::ModerationAction as Action;
        match deed {
            Deed::Timeout(_) => self.time_out(who),
            Deed::Roles => {
                self.change_roles(who);
            }
            Deed::Automod => self.automod(who),
            Deed::RepeatJoin => {
                let member = self.member(who.index);
                self.tell(Happening::MemberAdd(Arc::new(member)));
            }
            Deed::Nick => {
                let member = self.member(who.index);
                let other = self.population.founding_member(self.guild, who.index, 1).nick;
                if other != member.nick {
                    self.rename(who, other, member.nick);
                }
            }
            Deed::DeleteMessage => {
                let by = self.moderator();
                let mut draft =
                    super::Draft::new(action_type::MESSAGE_DELETE, by, Some(who.user.0));
                draft.options.channel = self.guild.system_channel();
                self.merged(draft, Action::MessageDelete);
            }
            Deed::DeleteMessages => {
                let channel = self.guild.system_channel().unwrap_or_default();
                let (by, count) = (self.enforcer(), 2 + self.rng.below(28) as u32);
                let at = self.at;
                let first = self.layout.id(UnixMs(at.0 - HOUR_MS), self.guild.index);
                let ids = (0..u64::from(count)).map(|step| {
                    let id = first + ((step * 60_000) << 22);
                    vigie_core::vocabulary::MessageId(id)
                });
                self.tell(Happening::MessageDeleteBulk(channel, ids.collect()));
                let number = action_type::MESSAGE_BULK_DELETE;
                let mut draft = super::Draft::new(number, by, Some(channel.0));
                draft.options.count = Some(count);
                let id = self.audit(draft, false).id;
                let mut act = self.act_of(Action::MessageDeleteBulk, Some(by));
                (act.channel, act.count) = (Some(channel), count);
                self.act(Some(id), act);
            }
            _ => {}
        }
    }

    /// A moderator moved or disconnected somebody: the nights in voice do not tell who.
    fn voice_in_the_past(&mut self, deed: &Deed) {
        use vigie_core::vocabulary::ModerationAction as Action;
        let by = self.moderator();
        let (number, action, room) = match deed {
            Deed::MoveVoice => {
                let room = crate::voice::room(self.guild, None, self.rng);
                (action_type::MEMBER_MOVE, Action::VoiceMove, room)
            }
            _ => (action_type::MEMBER_DISCONNECT, Action::VoiceDisconnect, None),
        };
        let mut draft = super::Draft::new(number, by, None);
        draft.options.channel = room;
        self.merged(draft, action);
    }
}
