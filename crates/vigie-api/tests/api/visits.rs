//! Who came and went in the imagined server, by which invite, and the records that tell it.

use vigie_core::vocabulary::{
    Attribution, AttributionMethod, AuthorKind, Candidate, Confidence, DISCORD_EPOCH_MS, Departure,
    InviteRecord, Join, Record, UnixMs, UserId,
};

use crate::seed::{ADA, Dice, GENERAL, GUILD, NOW, day_number};

pub const DAY_MS: i64 = 86_400_000;

/// One stay.
#[derive(Clone, Debug)]
pub struct Visit {
    pub member: UserId,
    pub kind: AuthorKind,
    pub joined_at: i64,
    pub rejoined: bool,
    pub left_at: Option<i64>,
    pub came: Option<Attribution>,
}

/// When the bot came: the member count is told for the first time, and joins are heard from here on.
pub fn sampled_at() -> i64 {
    i64::from(day_number(2025, 11, 5)) * DAY_MS
}

/// Members counted then, of whom none is known by name.
pub const MEMBERS_THEN: u64 = 40;

/// A year of stays: those who write (1,001 to 1,007), and some hundreds who never do. In the order of their beginnings.
pub fn visits() -> Vec<Visit> {
    let mut dice = Dice(0x5851_F42D_4C95_7F2D);
    let mut visits = Vec::new();
    let now = NOW.0;
    for number in 0..7_u64 {
        // Each of those who write comes, goes and comes again, but for the last stay.
        let mut at =
            sampled_at() + i64::from(dice.below(20)) * DAY_MS + i64::from(dice.below(86_400_000));
        for round in 0..3 {
            let stays = i64::from(5 + dice.below(120)) * DAY_MS + i64::from(dice.below(86_400_000));
            let leaves = round < 2 || number % 3 == 0;
            let left_at = Some(at + stays).filter(|left| leaves && *left < now);
            visits.push(visit(UserId(1_001 + number), at, round > 0, left_at));
            let Some(left) = left_at else { break };
            at = left + i64::from(1 + dice.below(40)) * DAY_MS;
            if at >= now {
                break;
            }
        }
    }
    let days = (now - sampled_at()) / DAY_MS;
    for number in 0..400_u64 {
        // Half of them in the last weeks.
        let recent = number % 2 == 0;
        let day = if recent {
            days - 1 - i64::from(dice.below(45))
        } else {
            i64::from(dice.below(days as u32))
        };
        let at = sampled_at() + day * DAY_MS + i64::from(dice.below(86_400_000));
        let age = match dice.below(5) {
            0 => i64::from(dice.below(86_400_000)),
            1 => i64::from(1 + dice.below(6)) * DAY_MS,
            2 => i64::from(8 + dice.below(21)) * DAY_MS,
            3 => i64::from(31 + dice.below(330)) * DAY_MS,
            _ => i64::from(400 + dice.below(1_500)) * DAY_MS,
        };
        let id = (((at - age - DISCORD_EPOCH_MS) as u64) << 22) | number;
        let left =
            at + i64::from(dice.below(60)) * DAY_MS + i64::from(1_000 + dice.below(80_000_000));
        let left_at = Some(left).filter(|left| dice.below(3) > 0 && *left < now);
        let mut one = visit(UserId(id), at, dice.below(9) == 0, left_at);
        if dice.below(25) == 0 {
            one.kind = AuthorKind::Bot;
        }
        visits.push(one);
    }
    visits.retain(|visit| visit.joined_at < now);
    visits.sort_by_key(|visit| (visit.joined_at, visit.member));
    for (number, visit) in visits.iter_mut().enumerate() {
        visit.came = came(number, visit, &mut dice);
    }
    visits
}

fn visit(member: UserId, joined_at: i64, rejoined: bool, left_at: Option<i64>) -> Visit {
    Visit { member, kind: AuthorKind::Human, joined_at, rejoined, left_at, came: None }
}

/// The codes, and who made them.
pub const CODES: [(&str, Option<UserId>); 4] = [
    ("alpha", Some(ADA)),
    ("beta", Some(UserId(1_002))),
    ("gamma", Some(UserId(1_002))),
    ("harbour", None),
];

fn came(number: usize, visit: &Visit, dice: &mut Dice) -> Option<Attribution> {
    let (code, inviter) = CODES[dice.below(4) as usize];
    let (member, joined_at) = (visit.member, UnixMs(visit.joined_at));
    let none = Attribution { member, joined_at, burst: 1, ..Attribution::default() };
    if visit.kind == AuthorKind::Bot {
        return Some(Attribution { method: AttributionMethod::BotAdded, ..none });
    }
    let candidate = |code: &str, inviter, used| Candidate {
        code: code.to_owned(),
        inviter,
        used,
        ended: false,
    };
    let told = |method, confidence| Attribution {
        method,
        confidence,
        code: Some(code.to_owned()),
        inviter,
        candidates: vec![candidate(code, inviter, 1)],
        ..none.clone()
    };
    let by =
        if code == "harbour" { AttributionMethod::Vanity } else { AttributionMethod::UsesDiff };
    match number % 7 {
        0 => None,
        1 => Some(none),
        2 => Some(Attribution {
            method: AttributionMethod::Ambiguous,
            candidates: vec![
                candidate("alpha", Some(ADA), 2),
                candidate("beta", Some(UserId(1_002)), 1),
            ],
            burst: 3,
            ..none
        }),
        3 => Some(told(AttributionMethod::Ambiguous, Confidence::Likely)),
        _ => Some(told(by, Confidence::Exact)),
    }
}

/// The records that tell of the stays: in the order in which things happened, as one bot tells them.
pub fn records(visits: &[Visit]) -> Vec<Record> {
    let mut events: Vec<(i64, usize, bool)> = Vec::new();
    for (place, visit) in visits.iter().enumerate() {
        events.push((visit.joined_at, place, true));
        events.extend(visit.left_at.map(|left| (left, place, false)));
    }
    events.sort_unstable();
    let mut records = Vec::new();
    for (_, place, joins) in events {
        let Visit { member, kind, rejoined, joined_at, left_at, .. } = visits[place];
        if joins {
            let joined_at = UnixMs(joined_at);
            let join = Join { member, kind, joined_at, rejoined, listed: None };
            // Discord may say it twice.
            records.push(Record::Joins(GUILD, vec![join, join]));
        } else if let Some(left) = left_at {
            records.push(Record::Departures(
                GUILD,
                vec![Departure { member, kind, left_at: UnixMs(left) }],
            ));
        }
    }
    let came: Vec<Attribution> = visits.iter().filter_map(|visit| visit.came.clone()).collect();
    records.extend(came.chunks(100).map(|some| Record::Attributions(GUILD, some.to_vec())));
    records.push(Record::Invites(GUILD, invites()));
    records
}

/// Four that can be used, one that has run out, one that was deleted.
fn invites() -> Vec<InviteRecord> {
    let invite = |(place, (code, inviter)): (usize, &(&str, Option<UserId>))| InviteRecord {
        code: (*code).to_owned(),
        at: UnixMs(NOW.0 - DAY_MS),
        is_vanity: inviter.is_none(),
        channel: Some(GENERAL),
        inviter: *inviter,
        uses: Some(10 + place as u32),
        created_at: Some(UnixMs(sampled_at() + place as i64 * DAY_MS)),
        ..InviteRecord::default()
    };
    let mut all: Vec<InviteRecord> = CODES.iter().enumerate().map(invite).collect();
    let old = InviteRecord {
        at: UnixMs(NOW.0 - DAY_MS),
        inviter: Some(ADA),
        max_uses: 5,
        ..InviteRecord::default()
    };
    all.push(InviteRecord {
        code: "past".to_owned(),
        expires_at: Some(UnixMs(NOW.0 - 1)),
        ..old.clone()
    });
    all.push(InviteRecord { code: "gone".to_owned(), ended_at: Some(UnixMs(NOW.0 - 9)), ..old });
    all
}
