//! People who come and go, moderators who act, invites that are used: what is told agrees with what is true.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{busy_world, id, payload_of, play, world};
use serde_json::Value;
use vigie_core::vocabulary::{
    DepartureKind, Fact, GuildId, ModerationAction, ReadingRequest, UnixMs, UserId,
};
use vigie_world::{
    Author, Deed, Event, GuildPermission, Happening, InviteEnd, Raid, Truth, Way, World, limits,
};

/// What somebody knows who hears every event from the beginning of the present.
#[derive(Default)]
struct Heard {
    /// Who is there, by guild, with `joined_at`.
    members: BTreeMap<GuildId, BTreeMap<UserId, String>>,
    bans: BTreeMap<GuildId, BTreeSet<UserId>>,
    /// Pushed audit entries: id, and when they were told.
    entries: BTreeMap<(GuildId, u64), (Value, UnixMs)>,
    joins: u32,
    repeats: u32,
}

impl Heard {
    /// What a bot knows that has read the members and bans when the present began.
    fn beginning(world: &World) -> Self {
        let mut heard = Self::default();
        for guild in world.guilds() {
            let members = guild.members().map(|index| {
                let member = world.member(guild, index);
                (member.user.id, String::new())
            });
            heard.members.insert(guild.id, members.collect());
            let bans = world.bans(guild.id).map(|(user, _)| user).collect();
            heard.bans.insert(guild.id, bans);
        }
        heard
    }

    fn hear(&mut self, world: &World, event: &Event) {
        let is_meant = event.name.starts_with("GUILD_MEMBER")
            || event.name.starts_with("GUILD_BAN")
            || event.name == "GUILD_AUDIT_LOG_ENTRY_CREATE";
        if !is_meant {
            return;
        }
        let data = payload_of(world, event, false);
        let user = || UserId(id(&data["user"]["id"]));
        let members = self.members.entry(event.guild).or_default();
        match event.name {
            "GUILD_MEMBER_ADD" => {
                let joined_at = data["joined_at"].as_str().unwrap_or_default().to_owned();
                match members.insert(user(), joined_at.clone()) {
                    None => self.joins += 1,
                    // Told again: the same stay.
                    Some(before) => {
                        self.repeats += 1;
                        assert!(before.is_empty() || before == joined_at, "{before} {joined_at}");
                    }
                }
            }
            "GUILD_MEMBER_REMOVE" => {
                assert!(members.remove(&user()).is_some(), "who leaves was there: {data}");
            }
            "GUILD_BAN_ADD" => {
                assert!(self.bans.entry(event.guild).or_default().insert(user()));
            }
            "GUILD_BAN_REMOVE" => {
                assert!(self.bans.entry(event.guild).or_default().remove(&user()));
            }
            "GUILD_AUDIT_LOG_ENTRY_CREATE" => {
                let key = (event.guild, id(&data["id"]));
                let before = self.entries.insert(key, (data, event.at));
                assert!(before.is_none(), "an entry is pushed once");
            }
            _ => {}
        }
    }
}

/// Plays, then lets everything that was begun come to its end.
fn play_out(world: &mut World, for_ms: i64) -> Vec<Event> {
    let mut events = play(world, for_ms);
    world.set_events_per_second(0.0);
    events.extend(play(world, 5_000));
    events
}

#[test]
fn who_hears_everything_knows_who_is_there() {
    let mut world = busy_world(61, 6);
    let mut heard = Heard::beginning(&world);
    let events = play_out(&mut world, 90_000);
    events.iter().for_each(|event| heard.hear(&world, event));
    assert!(heard.joins > 500 && heard.repeats > 10, "{} {}", heard.joins, heard.repeats);
    for guild in world.guilds() {
        let there: BTreeSet<UserId> =
            guild.members().map(|index| world.member(guild, index).user.id).collect();
        let known: BTreeSet<UserId> = heard.members[&guild.id].keys().copied().collect();
        assert_eq!(there, known);
        assert_eq!(there.len() as u32, guild.member_count);
        assert_eq!(world.member_count_at(guild, world.clock()), guild.member_count);
        assert_eq!(world.member_count_at(guild, world.config().start), guild.places);
        let banned: BTreeSet<UserId> = world.bans(guild.id).map(|(user, _)| user).collect();
        assert_eq!(banned, heard.bans[&guild.id]);
        for user in &there {
            let index = world.member_index(guild, *user).expect("a member");
            assert_eq!(world.member(guild, index).user.id, *user);
            assert_eq!(world.user(*user).map(|account| account.id), Some(*user));
        }
        let listed = world.members_after(guild, UserId(0), usize::MAX);
        assert_eq!(listed.len(), there.len());
        assert!(listed.is_sorted_by_key(|member| member.user.id));
    }
}

#[test]
fn the_truth_of_stays_is_what_was_told() {
    let mut world = busy_world(62, 6);
    let events = play_out(&mut world, 60_000);
    let mut told = BTreeMap::<(GuildId, UserId), Vec<(&str, UnixMs)>>::new();
    for event in &events {
        match &event.what {
            Happening::MemberAdd(member) => {
                let at = member.joined_at;
                let late = event.at.0 - at.0;
                let is_first = (0..=limits::JOIN_TOLD_AFTER_MS_MAX as i64).contains(&late);
                if is_first {
                    told.entry((event.guild, member.user.id)).or_default().push(("came", at));
                }
            }
            Happening::MemberRemove(user) => {
                told.entry((event.guild, *user)).or_default().push(("went", event.at));
            }
            _ => {}
        }
    }
    told.values_mut().for_each(Vec::dedup);
    let truth = world.truth_at(world.clock());
    let mut true_story = BTreeMap::<(GuildId, UserId), Vec<(&str, UnixMs)>>::new();
    let mut kinds = BTreeMap::<DepartureKind, u32>::new();
    for (guild, stay) in truth.stays() {
        let story = true_story.entry((guild, stay.member)).or_default();
        if stay.joined_at >= world.config().start {
            story.push(("came", stay.joined_at));
        }
        if let Some((left_at, how)) = stay.left {
            *kinds.entry(how).or_default() += 1;
            story.push(("went", left_at));
        }
    }
    // The members that a prune removes are told within a moment.
    for (who, story) in &mut told {
        let truly = &true_story[who];
        assert_eq!(story.len(), truly.len(), "{who:?} {story:?} {truly:?}");
        for (heard, truly) in story.iter().zip(truly) {
            let late = heard.1.0 - truly.1.0;
            assert!(heard.0 == truly.0 && (0..=1_500).contains(&late), "{who:?} {heard:?}");
        }
    }
    assert_eq!(told.len(), true_story.len());
    assert!(kinds[&DepartureKind::Leave] > 100 && kinds[&DepartureKind::Ban] > 5, "{kinds:?}");
    assert!(kinds.contains_key(&DepartureKind::Kick), "{kinds:?}");
    let back = Truth::from_json(&truth.to_json()).expect("its own text");
    assert_eq!(back.stays().collect::<Vec<_>>(), truth.stays().collect::<Vec<_>>());
    assert_eq!(back.acts().collect::<Vec<_>>(), truth.acts().collect::<Vec<_>>());
    assert_eq!(back.to_json(), truth.to_json());
}

#[test]
fn every_act_has_the_entry_that_it_says() {
    let mut world = busy_world(63, 5);
    let mut heard = Heard::beginning(&world);
    let events = play_out(&mut world, 120_000);
    events.iter().for_each(|event| heard.hear(&world, event));
    let (mut merged, mut unnamed, mut untold, mut first, mut late) = (0, 0, 0, 0, 0);
    let mut seen = BTreeSet::new();
    for guild in world.guilds() {
        for act in world.acts(guild.id).iter().filter(|act| act.at >= world.config().start) {
            seen.insert(act.action);
            let Some(audit) = act.audit else {
                untold += 1;
                continue;
            };
            let (entry, told_at) = &heard.entries[&(guild.id, audit.0)];
            assert_eq!(Some(*told_at), act.told_at);
            let delay = told_at.0 - act.at.0;
            assert!((0..=limits::AUDIT_TOLD_AFTER_MS_MAX as i64).contains(&delay), "{delay}");
            assert!((audit.time().0 - act.at.0).abs() <= 20, "the id says when");
            first += u32::from(delay == 0);
            late += u32::from(delay > 1_000);
            let actor = entry["user_id"].as_str().and_then(|text| text.parse().ok()).map(UserId);
            assert_eq!(actor, act.moderator.filter(|_| act.names_moderator));
            unnamed += u32::from(actor.is_none());
            let reason = entry.get("reason").and_then(Value::as_str);
            assert_eq!(reason, act.reason.as_deref());
            let stands = world.audit_log(guild.id).iter().find(|entry| entry.id == audit);
            let count = stands.and_then(|entry| entry.options.count);
            if act.action.is_approximate() {
                assert_eq!(count, Some(act.count));
                merged += u32::from(act.count > 1);
            }
        }
    }
    assert!(merged > 0 && unnamed > 0 && untold > 0, "{merged} {unnamed} {untold}");
    assert!(first > 20 && late > 20, "{first} {late}");
    use ModerationAction as A;
    for action in
        [A::Ban, A::Unban, A::Kick, A::Timeout, A::RoleUpdate, A::Automod, A::MessageDelete]
    {
        assert!(seen.contains(&action), "{action:?} in {seen:?}");
    }
}

#[test]
fn invites_are_used_as_often_as_people_came_by_them() {
    let mut world = busy_world(64, 6);
    let before: BTreeMap<(GuildId, String), u32> = world
        .guilds()
        .iter()
        .flat_map(|guild| world.all_invites(guild.id).iter().map(|one| (guild.id, one)))
        .map(|(guild, one)| ((guild, one.code.to_string()), one.uses))
        .collect();
    let vanity_before: BTreeMap<GuildId, u32> = world
        .guilds()
        .iter()
        .filter_map(|guild| world.vanity(guild.id).map(|vanity| (guild.id, vanity.uses)))
        .collect();
    let events = play_out(&mut world, 90_000);
    let mut ended = 0;
    for guild in world.guilds() {
        let lived = world.stays(guild.id).iter();
        let lived = lived.filter(|stay| stay.joined_at >= world.config().start);
        let came = |way: &Way| lived.clone().filter(|stay| stay.way == *way).count() as u32;
        for invite in world.all_invites(guild.id) {
            let uses = before.get(&(guild.id, invite.code.to_string())).copied().unwrap_or(0);
            let by_it = came(&Way::Invite(invite.code.clone()));
            assert_eq!(invite.uses, uses + by_it, "{invite:?}");
            assert!(invite.max_uses == 0 || invite.uses <= invite.max_uses, "{invite:?}");
            let is_used_up = invite.max_uses > 0 && invite.uses == invite.max_uses;
            let by_use = matches!(invite.ended, Some((_, InviteEnd::UsedUp)));
            assert_eq!(is_used_up, by_use, "{invite:?}");
            let deletions = events.iter().filter(|event| {
                let is_it = |code: &str| *code == *invite.code;
                matches!(&event.what, Happening::InviteDelete(_, code) if is_it(code))
            });
            let in_present = invite.ended.is_some_and(|(at, _)| at >= world.config().start);
            assert_eq!(deletions.count(), usize::from(in_present), "{invite:?}");
            ended += u32::from(in_present && by_use);
        }
        if let Some(vanity) = world.vanity(guild.id) {
            assert_eq!(vanity.uses, vanity_before[&guild.id] + came(&Way::Vanity));
        }
    }
    assert!(ended > 5, "{ended}");
}

#[test]
fn who_is_gone_writes_no_more_and_who_is_new_does() {
    let mut world = busy_world(65, 3);
    let mut gone = BTreeSet::new();
    let (mut by_joiners, mut left) = (0, 0);
    for _ in 0..120 {
        for event in play(&mut world, 1_000) {
            let guild = world.guild(event.guild).expect("its own");
            match &event.what {
                Happening::MemberRemove(user) => {
                    gone.insert((event.guild, *user));
                    left += 1;
                }
                Happening::MemberAdd(member) => {
                    gone.remove(&(event.guild, member.user.id));
                }
                Happening::MessageCreate(message) => {
                    let Author::Member(index) = message.author else { continue };
                    let user = world.member(guild, index).user.id;
                    assert!(!gone.contains(&(event.guild, user)), "{user:?} is gone");
                    by_joiners += u32::from(index > limits::MEMBERS_MAX);
                }
                _ => {}
            }
        }
    }
    assert!(by_joiners > 20 && left > 300, "{by_joiners} {left}");
}

#[test]
fn a_raid_comes_and_is_banned_in_silence_too() {
    let mut world = world(66, 3, 0.0);
    let guild = world.guilds()[0].id;
    let mut events = Vec::new();
    let raid = Raid {
        members: 1_000,
        joins_within_ms: 20_000,
        bans_after_ms: 30_000,
        bans_within_ms: 10_000,
    };
    assert!(world.cause(guild, Deed::Raid(raid), &mut events));
    let begun = world.clock();
    events.extend(play(&mut world, 60_000));
    let count = |name: &str| events.iter().filter(|event| event.name == name).count();
    assert_eq!(count("GUILD_MEMBER_ADD"), 1_000);
    assert_eq!((count("GUILD_BAN_ADD"), count("GUILD_MEMBER_REMOVE")), (1_000, 1_000));
    let bans =
        || events.iter().filter(|event| event.name == "GUILD_BAN_ADD").map(|event| event.at.0);
    let (first, last) = (bans().min().unwrap_or(0), bans().max().unwrap_or(0));
    assert!(first >= begun.0 + 29_000 && last - first <= 10_000, "{}", last - first);
    assert_eq!(events.len(), events.iter().map(|event| event.at).filter(|at| at.0 > 0).count());
    assert!(events.is_sorted_by_key(|event| event.at));
    let bans = world.acts(guild).iter().filter(|act| act.action == ModerationAction::Ban);
    assert_eq!(bans.filter(|act| act.at >= begun).count(), 1_000);
    let raiders = world.stays(guild).iter().filter(|stay| stay.joined_at >= begun);
    let young =
        |user: UserId| (begun.0 - vigie_core::vocabulary::snowflake_time(user.0).0) / 86_400_000;
    assert!(raiders.clone().all(|stay| young(stay.member) < 10));
    let codes: BTreeSet<_> = raiders.map(|stay| format!("{:?}", stay.way)).collect();
    assert_eq!(codes.len(), 1, "by one invite");
    let guild = world.guild(guild).expect("its own");
    assert_eq!(guild.member_count, guild.places);
}

#[test]
fn twenty_join_in_the_same_second_by_three_invites() {
    let mut world = world(67, 2, 0.0);
    let guild = world.guilds()[0].id;
    let mut events = Vec::new();
    assert!(world.cause(guild, Deed::Rush { joins: 20, codes: 3 }, &mut events));
    let begun = world.clock();
    events.extend(play(&mut world, 3_000));
    let joined: Vec<_> = world.stays(guild).iter().filter(|stay| stay.joined_at >= begun).collect();
    assert_eq!(joined.len(), 20);
    assert!(joined.iter().all(|stay| stay.joined_at.0 - begun.0 < 1_000));
    let codes: BTreeSet<_> = joined.iter().map(|stay| format!("{:?}", stay.way)).collect();
    assert_eq!(codes.len(), 3);
}

#[test]
fn an_invite_for_one_is_deleted_by_its_use_and_one_that_ran_out_by_nothing() {
    let mut world = world(68, 1, 0.0);
    let guild = world.guilds()[0].id;
    let (mut before, mut after) = (0, 0);
    for _ in 0..40 {
        let mut events = Vec::new();
        let deed = Deed::CreateInvite { max_age_s: 60, max_uses: 1, temporary: false };
        assert!(world.cause(guild, deed, &mut events));
        let code = world.all_invites(guild).last().expect("just made").code.clone();
        play(&mut world, 2_500);
        assert!(world.cause(guild, Deed::Join(Some(code.clone())), &mut events));
        assert!(!world.cause(guild, Deed::Join(Some(code)), &mut events), "it is used up");
        events.extend(play(&mut world, 2_500));
        let place = |name: &str| events.iter().position(|event| event.name == name);
        match place("INVITE_DELETE") < place("GUILD_MEMBER_ADD") {
            true => before += 1,
            false => after += 1,
        }
    }
    assert!(before > 5 && after > 5, "{before} {after}");
    let mut events = Vec::new();
    let deed = Deed::CreateInvite { max_age_s: 30, max_uses: 0, temporary: false };
    assert!(world.cause(guild, deed, &mut events));
    let open = world.invites(guild).len();
    let told = play(&mut world, 40_000);
    assert_eq!(world.invites(guild).len(), open - 1);
    assert!(told.iter().all(|event| event.name != "INVITE_DELETE"));
}

#[test]
fn without_a_permission_nothing_is_told_of_it() {
    let mut world = busy_world(69, 2);
    let guild = world.guilds()[0].id;
    let mut events = Vec::new();
    for permission in [
        GuildPermission::ViewAuditLog,
        GuildPermission::ManageGuild,
        GuildPermission::ManageChannels,
        GuildPermission::BanMembers,
    ] {
        assert!(world.set_guild_permission(guild, permission, false, &mut events));
        assert!(!world.set_guild_permission(guild, permission, false, &mut events));
    }
    assert!(events.iter().all(|event| event.name == "GUILD_ROLE_UPDATE") && events.len() == 4);
    let told: BTreeSet<&str> = play(&mut world, 60_000)
        .iter()
        .filter(|event| event.guild == guild && world.is_told(event))
        .map(|event| event.name)
        .collect();
    for name in ["GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD", "INVITE_CREATE", "INVITE_DELETE"]
    {
        assert!(!told.contains(name), "{name}");
    }
    assert!(told.contains("GUILD_MEMBER_ADD") && told.contains("GUILD_MEMBER_REMOVE"));
}

#[test]
fn the_past_tells_what_is_true_of_it() {
    let world = busy_world(70, 4);
    for guild in world.guilds() {
        let truth = world.history_truth(guild.id);
        let mut came = BTreeMap::<UserId, u32>::new();
        let (mut went, mut acts) = (BTreeMap::<UserId, u32>::new(), 0);
        let mut seen = BTreeSet::new();
        for day in 0..world.history_day_count() {
            for (at, fact) in world.history_facts(guild.id, day).iter() {
                assert!(at >= world.history_day_start(day) && at < world.config().start);
                match fact {
                    Fact::MemberJoined(_, member)
                        if seen.insert((member.person.id, member.joined_at)) =>
                    {
                        *came.entry(member.person.id).or_default() += 1;
                    }
                    Fact::MemberLeft(_, person) => *went.entry(person.id).or_default() += 1,
                    Fact::Audit(_, entry) => acts += u32::from(entry.action_type == 22),
                    _ => {}
                }
            }
        }
        let mut joined = BTreeMap::<UserId, u32>::new();
        let mut left = BTreeMap::<UserId, u32>::new();
        for (_, stay) in truth.stays() {
            let is_recorded = stay.way != Way::Before;
            *joined.entry(stay.member).or_default() += u32::from(is_recorded);
            *left.entry(stay.member).or_default() += u32::from(stay.left.is_some());
        }
        joined.retain(|_, count| *count > 0);
        left.retain(|_, count| *count > 0);
        // Somebody there since long may be told again.
        came.retain(|user, _| joined.contains_key(user));
        assert_eq!((came, went), (joined, left));
        let bans = truth.acts().filter(|(_, act)| act.action == ModerationAction::Ban);
        assert_eq!(bans.count() as u32, acts);
        let begun = world.member_count_at(guild, UnixMs(world.history_start().0 - 1));
        let joins = world.stays(guild.id).iter().filter(|stay| stay.way != Way::Before).count();
        let ends = world.stays(guild.id).iter().filter(|stay| stay.left.is_some()).count();
        assert_eq!(begun as usize + joins - ends, guild.places as usize);
    }
}

#[test]
fn guilds_change_in_the_past_and_become_what_they_are() {
    let world = busy_world(73, 2);
    let guild = &world.guilds()[0];
    let (mut roles, mut emojis, mut description) = (BTreeMap::new(), 0, None);
    let mut changes = Vec::new();
    for day in 0..world.history_day_count() {
        for (_, fact) in world.history_facts(guild.id, day).iter() {
            match fact {
                Fact::GuildDetails(details) => {
                    let named = details.roles.iter();
                    roles = named.map(|role| (role.id.0, role.name.to_string())).collect();
                    emojis = details.emojis.len();
                    description = details.fields[0].1.as_deref().map(str::to_owned);
                    changes.push("details");
                }
                Fact::Role(_, role) => {
                    roles.insert(role.id.0, role.name.to_string());
                    changes.push("role");
                }
                Fact::Emojis(_, all) => {
                    assert_eq!(all.len(), emojis + 1);
                    emojis = all.len();
                    changes.push("emojis");
                }
                _ => {}
            }
        }
    }
    assert_eq!(changes, ["details", "role", "role", "emojis", "details"]);
    let named = guild.roles.iter().map(|role| (role.id.0, role.name.to_string()));
    assert_eq!(roles, named.collect());
    assert_eq!(
        (emojis, description.as_deref()),
        (guild.emojis.len(), guild.description.as_deref())
    );
}

#[test]
fn the_past_can_be_read_as_a_bot_of_then_would_have() {
    let world = busy_world(71, 2);
    let guild = &world.guilds()[0];
    let now = UnixMs(world.config().start.0 - 9 * 86_400_000);
    let mut after = vigie_core::vocabulary::AuditId(0);
    let mut read = Vec::new();
    loop {
        let request = ReadingRequest::Audits { guild: guild.id, after };
        let Fact::Audits(page) = world.history_answer(request, now) else {
            panic!("a page of the audit log")
        };
        assert_eq!(page.after, after);
        read.extend(page.entries.iter().map(|entry| entry.id));
        match page.newest {
            Some(newest) if page.more => after = newest,
            _ => break,
        }
    }
    let log = world.audit_log(guild.id).iter();
    let written: Vec<_> = log.filter(|entry| entry.told_at <= now).map(|entry| entry.id).collect();
    assert_eq!(read, written);
    let request = ReadingRequest::Invites { guild: guild.id, vanity: true };
    let Fact::Invites(then) = world.history_answer(request, now) else { panic!("invites") };
    let request = ReadingRequest::Invites { guild: guild.id, vanity: true };
    let Fact::Invites(last) = world.history_answer(request, world.config().start) else {
        panic!("invites")
    };
    let uses = |list: &vigie_core::vocabulary::InviteList<'_>, code: &str| {
        list.invites.iter().find(|one| one.code == code).and_then(|one| one.uses)
    };
    for invite in &then.invites {
        let Some(later) = uses(&last, &invite.code) else { continue };
        let came = world
            .stays(guild.id)
            .iter()
            .filter(|stay| stay.joined_at > now && stay.way == Way::Invite((*invite.code).into()));
        assert_eq!(invite.uses.map(|uses| uses + came.count() as u32), Some(later));
    }
    let request = ReadingRequest::Members { guild: guild.id, after: UserId(0) };
    let Fact::Members(page) = world.history_answer(request, now) else { panic!("members") };
    assert_eq!(page.members.len() as u32, world.member_count_at(guild, now).min(1_000));
    assert!(page.members.is_sorted_by_key(|member| member.person.id));
}

#[test]
fn the_same_happens_to_people_however_the_way_is_divided() {
    let (mut one, mut two) = (busy_world(72, 4), busy_world(72, 4));
    let whole = play(&mut one, 30_000);
    let mut pieces = Vec::new();
    let end = one.clock();
    while two.clock() < end {
        let next = UnixMs((two.clock().0 + 333).min(end.0));
        two.play_until(next, &mut pieces);
    }
    assert_eq!(whole, pieces);
    assert_eq!(one.truth_at(end).to_json(), two.truth_at(end).to_json());
}

#[test]
fn a_thousand_people_see_a_few_joins_a_day_by_themselves() {
    let world = World::new(vigie_world::WorldConfig {
        guild_count: 1,
        members_min: 1_000,
        members_max: 1_000,
        events_per_second: 0.02,
        ..vigie_world::WorldConfig::default()
    });
    let mut world = world;
    let mut joins = 0;
    for _ in 0..14 {
        let events = play(&mut world, 86_400_000);
        joins += events.iter().filter(|event| event.name == "GUILD_MEMBER_ADD").count();
    }
    assert!((10..90).contains(&joins), "{joins} in two weeks");
}
