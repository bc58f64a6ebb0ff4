//! Family **members**: the bytes of stays that began and that ended.

use vigie_core::vocabulary::{AuthorKind, Departure, Join, UnixMs, UserId};

use crate::reader::Reader;
use crate::varint::{Column, SignedColumn, flag, write};
use crate::{DecodeError, limits};

const JOIN_KIND: u8 = 3;
const JOIN_REJOINED: u8 = 4;
const JOIN_LISTED: u8 = 8;
const JOIN_FLAGS: u8 = JOIN_KIND | JOIN_REJOINED | JOIN_LISTED;

pub(crate) fn encode_joins(joins: &[Join], out: &mut Vec<u8>) {
    write(joins.len() as u64, out);
    let mut members = Column::default();
    let (mut joined, mut listed) = (SignedColumn::default(), SignedColumn::default());
    for join in joins {
        members.write(join.member.0, out);
        out.push(
            join.kind as u8
                | flag(join.rejoined, JOIN_REJOINED)
                | flag(join.listed.is_some(), JOIN_LISTED),
        );
        joined.write(join.joined_at.0, out);
        if let Some(at) = join.listed {
            listed.write(at.0, out);
        }
    }
}

pub(crate) fn decode_joins(reader: &mut Reader<'_>) -> Result<Vec<Join>, DecodeError> {
    let length = reader.list_len(limits::JOIN_BYTES_MIN)?;
    let mut members = Column::default();
    let (mut joined, mut listed) = (SignedColumn::default(), SignedColumn::default());
    let join = |_| {
        let member = UserId(reader.delta(&mut members)?);
        let flags = reader.flags(JOIN_FLAGS)?;
        let kind = AuthorKind::from_u8(flags & JOIN_KIND).ok_or(DecodeError::BadFlags(flags))?;
        let joined_at = UnixMs(joined.read(reader.signed()?));
        let is_listed = flags & JOIN_LISTED != 0;
        let at = is_listed.then(|| reader.signed().map(|later| UnixMs(listed.read(later))));
        let rejoined = flags & JOIN_REJOINED != 0;
        Ok(Join { member, kind, joined_at, rejoined, listed: at.transpose()? })
    };
    (0..length).map(join).collect()
}

pub(crate) fn encode_departures(departures: &[Departure], out: &mut Vec<u8>) {
    write(departures.len() as u64, out);
    let (mut members, mut left) = (Column::default(), SignedColumn::default());
    for departure in departures {
        members.write(departure.member.0, out);
        out.push(departure.kind as u8);
        left.write(departure.left_at.0, out);
    }
}

pub(crate) fn decode_departures(reader: &mut Reader<'_>) -> Result<Vec<Departure>, DecodeError> {
    let length = reader.list_len(limits::DEPARTURE_BYTES_MIN)?;
    let (mut members, mut left) = (Column::default(), SignedColumn::default());
    let departure = |_| {
        let member = UserId(reader.delta(&mut members)?);
        let kind = reader.kind()?;
        Ok(Departure { member, kind, left_at: UnixMs(left.read(reader.signed()?)) })
    };
    (0..length).map(departure).collect()
}
