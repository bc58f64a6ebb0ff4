//! Family **moderation**: the bytes of cases. What a source does not say costs no byte.

use vigie_core::vocabulary::{
    AuditId, Case, CaseSource, Change, ChannelId, ModerationAction, UnixMs, UserId,
};

use crate::reader::Reader;
use crate::varint::{Column, SignedColumn, flag, write, write_signed, write_text, write_text_if};
use crate::{DecodeError, limits};

const CASE_AUDIT: u8 = 1;
const CASE_TARGET: u8 = 2;
const CASE_MODERATOR: u8 = 4;
const CASE_REASON: u8 = 8;
const CASE_CHANNEL: u8 = 16;
const CASE_COUNT: u8 = 32;
const CASE_UNTIL: u8 = 64;
const CASE_FLAGS: u8 = 127;

const CHANGE_OLD: u8 = 1;
const CHANGE_NEW: u8 = 2;
const CHANGE_FLAGS: u8 = CHANGE_OLD | CHANGE_NEW;

/// What the cases of one record have said last.
#[derive(Debug, Default)]
struct Columns {
    audits: SignedColumn,
    instants: SignedColumn,
    targets: SignedColumn,
    moderators: SignedColumn,
    channels: Column,
}

pub(crate) fn encode_cases(cases: &[Case], out: &mut Vec<u8>) {
    write(cases.len() as u64, out);
    let mut columns = Columns::default();
    for case in cases {
        encode_case(case, &mut columns, out);
    }
}

pub(crate) fn decode_cases(reader: &mut Reader<'_>) -> Result<Vec<Case>, DecodeError> {
    let length = reader.list_len(limits::CASE_BYTES_MIN)?;
    let mut columns = Columns::default();
    (0..length).map(|_| decode_case(reader, &mut columns)).collect()
}

fn encode_case(case: &Case, columns: &mut Columns, out: &mut Vec<u8>) {
    out.push(
        flag(case.audit.is_some(), CASE_AUDIT)
            | flag(case.target.is_some(), CASE_TARGET)
            | flag(case.moderator.is_some(), CASE_MODERATOR)
            | flag(case.reason.is_some(), CASE_REASON)
            | flag(case.channel.is_some(), CASE_CHANNEL)
            | flag(case.count.is_some(), CASE_COUNT)
            | flag(case.until.is_some(), CASE_UNTIL),
    );
    out.push(case.action as u8);
    out.push(case.source as u8);
    columns.instants.write(case.at.0, out);
    if let Some(audit) = case.audit {
        columns.audits.write(audit.0 as i64, out);
    }
    if let Some(target) = case.target {
        columns.targets.write(target.0 as i64, out);
    }
    if let Some(moderator) = case.moderator {
        columns.moderators.write(moderator.0 as i64, out);
    }
    write_text_if(case.reason.as_deref(), out);
    if let Some(channel) = case.channel {
        columns.channels.write(channel.0, out);
    }
    if let Some(count) = case.count {
        write(u64::from(count), out);
    }
    if let Some(until) = case.until {
        write_signed(until.0.wrapping_sub(case.at.0), out);
    }
    write(case.changes.len() as u64, out);
    for change in &case.changes {
        out.push(flag(change.old.is_some(), CHANGE_OLD) | flag(change.new.is_some(), CHANGE_NEW));
        write_text(&change.field, out);
        write_text_if(change.old.as_deref(), out);
        write_text_if(change.new.as_deref(), out);
    }
}

fn decode_case(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<Case, DecodeError> {
    let flags = reader.flags(CASE_FLAGS)?;
    let has = |flag| flags & flag != 0;
    let action = reader.u8()?;
    let action = ModerationAction::from_u8(action).ok_or(DecodeError::BadFlags(action))?;
    let source = reader.u8()?;
    let source = CaseSource::from_u8(source).ok_or(DecodeError::BadFlags(source))?;
    let at = UnixMs(columns.instants.read(reader.signed()?));
    let mut id = |present, column: &mut SignedColumn| match present {
        true => reader.signed().map(|distance| Some(column.read(distance) as u64)),
        false => Ok(None),
    };
    let audit = id(has(CASE_AUDIT), &mut columns.audits)?.map(AuditId);
    let target = id(has(CASE_TARGET), &mut columns.targets)?.map(UserId);
    let moderator = id(has(CASE_MODERATOR), &mut columns.moderators)?.map(UserId);
    let reason = reader.text_if(has(CASE_REASON))?;
    let channel = has(CASE_CHANNEL).then(|| reader.delta(&mut columns.channels).map(ChannelId));
    let channel = channel.transpose()?;
    let count = has(CASE_COUNT).then(|| reader.varint_u32()).transpose()?;
    let until = has(CASE_UNTIL).then(|| reader.signed()).transpose()?;
    let until = until.map(|later| UnixMs(at.0.wrapping_add(later)));
    let length = reader.list_len(limits::CHANGE_BYTES_MIN)?;
    let changes = (0..length).map(|_| decode_change(reader)).collect::<Result<_, _>>()?;
    Ok(Case {
        audit,
        action,
        source,
        at,
        target,
        moderator,
        reason,
        channel,
        count,
        until,
        changes,
    })
}

fn decode_change(reader: &mut Reader<'_>) -> Result<Change, DecodeError> {
    let flags = reader.flags(CHANGE_FLAGS)?;
    Ok(Change {
        field: reader.text()?,
        old: reader.text_if(flags & CHANGE_OLD != 0)?,
        new: reader.text_if(flags & CHANGE_NEW != 0)?,
    })
}
