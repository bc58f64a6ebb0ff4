//! Records of members, moderation and invites as text.

use vigie_core::vocabulary::{Attribution, Candidate, Case, InviteRecord, Record};

use super::{clock, kind, shortened, text};

/// A record of these families; `None` for any other.
pub(super) fn record(record: &Record) -> Option<String> {
    Some(match record {
        Record::Joins(guild, joins) => {
            let join = |join: &vigie_core::vocabulary::Join| {
                format!("  m={}{} {}\n", join.member.0, kind(join.kind), clock(join.joined_at))
            };
            format!(
                "joins g={}\n{}",
                guild.0,
                shortened(&joins.iter().map(join).collect::<Vec<_>>())
            )
        }
        Record::Departures(guild, departures) => {
            let departure = |one: &vigie_core::vocabulary::Departure| {
                format!("  m={}{} {}\n", one.member.0, kind(one.kind), clock(one.left_at))
            };
            format!(
                "departures g={}\n{}",
                guild.0,
                departures.iter().map(departure).collect::<String>()
            )
        }
        Record::Cases(guild, cases) => {
            format!("cases g={}\n{}", guild.0, cases.iter().map(case).collect::<String>())
        }
        Record::Invites(guild, invites) => {
            format!("invites g={}\n{}", guild.0, invites.iter().map(invite).collect::<String>())
        }
        Record::Attributions(guild, found) => {
            let lines = shortened(&found.iter().map(attribution).collect::<Vec<_>>());
            format!("attributions g={}\n{lines}", guild.0)
        }
        Record::Access(guild, access) => {
            let one = |one: &vigie_core::vocabulary::Access| {
                format!("  {:?} allowed={} {}\n", one.reading, one.allowed, clock(one.at))
            };
            format!("access g={}\n{}", guild.0, access.iter().map(one).collect::<String>())
        }
        _ => return None,
    })
}

fn case(case: &Case) -> String {
    let mut line = format!("  {:?} {} {:?}", case.action, clock(case.at), case.source);
    let number =
        |name: &str, value: Option<u64>| value.map_or(String::new(), |v| format!(" {name}={v}"));
    line += &number("target", case.target.map(|user| user.0));
    line += &number("moderator", case.moderator.map(|user| user.0));
    line += &number("count", case.count.map(u64::from));
    line += &case.reason.as_deref().map_or(String::new(), |reason| format!(" {}", text(reason)));
    line += &case.until.map_or(String::new(), |until| format!(" until {}", clock(until)));
    for change in &case.changes {
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        line += &format!(" {}:{}>{}", change.field, value(&change.old), value(&change.new));
    }
    line + "\n"
}

fn invite(invite: &InviteRecord) -> String {
    let uses = invite.uses.map_or("?".to_owned(), |uses| uses.to_string());
    let ended = invite.ended_at.map_or(String::new(), |at| format!(" ended {}", clock(at)));
    format!("  {} {uses}/{}{ended}\n", invite.code, invite.max_uses)
}

fn attribution(found: &Attribution) -> String {
    let code = found.code.as_deref().map_or(String::new(), |code| format!(" {code}"));
    let inviter = found.inviter.map_or(String::new(), |inviter| format!(" by {}", inviter.0));
    let candidate =
        |one: &Candidate| format!("{}*{}{}", one.code, one.used, if one.ended { "†" } else { "" });
    let candidates = found.candidates.iter().map(candidate).collect::<Vec<_>>().join(" ");
    let (method, confidence) = (found.method, found.confidence);
    format!(
        "  m={} {method:?} {confidence:?}{code}{inviter} [{candidates}] of {}\n",
        found.member.0, found.burst
    )
}
