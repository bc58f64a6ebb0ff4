//! Family **members**: stays that begin and end. How a stay ended, and which departure ends which stay, the store finds out: it holds
//! them all.

use crate::limits;
use crate::vocabulary::{AuthorKind, Departure, GuildId, Join, MemberFact, Person, Record, UnixMs};

/// A stay that begins.
pub(crate) fn join(guild: GuildId, fact: &MemberFact<'_>) -> Record {
    Record::Joins(guild, vec![join_of(fact, None)])
}

/// A stay that ends; the kind may be known better than the event says.
pub(crate) fn departure(
    at: UnixMs,
    guild: GuildId,
    person: &Person<'_>,
    kind: AuthorKind,
) -> Record {
    let departure = Departure { member: person.id, kind: kind.max(person.kind), left_at: at };
    Record::Departures(guild, vec![departure])
}

/// Pushes the members of a page of the list whose reading began at an instant.
pub(crate) fn listed(
    guild: GuildId,
    began: UnixMs,
    members: &[MemberFact<'_>],
    out: &mut Vec<Record>,
) {
    let pieces = members.chunks(limits::RECORD_JOINS_MAX).map(|piece| {
        let joins = piece.iter().map(|fact| join_of(fact, Some(began)));
        Record::Joins(guild, joins.collect())
    });
    out.extend(pieces);
}

fn join_of(fact: &MemberFact<'_>, listed: Option<UnixMs>) -> Join {
    Join {
        member: fact.person.id,
        kind: fact.person.kind,
        joined_at: fact.joined_at,
        rejoined: fact.rejoined,
        listed,
    }
}
