//! The parts of a checkpoint that version 2 adds: readings, what is known of reading guilds, timeouts, invite books.

use vigie_core::checkpoint::{BookCheckpoint, Checkpoint, CodeCheckpoint, SourcesCheckpoint};
use vigie_core::vocabulary::{
    AuditId, ChannelId, CoverageReason, GuildId, Reading, ReadingRequest, UnixMs, UserId,
};

use crate::DecodeError;
use crate::reader::Reader;
use crate::varint::{flag, write, write_id, write_signed, write_text};

const SOURCES_AUDIT: u8 = 1;
const SOURCES_MEMBERS: u8 = 2;
const SOURCES_VANITY: u8 = 4;
const SOURCES_REFUSED: u8 = 8;

const BOOK_READ: u8 = 1;
const BOOK_WANTED: u8 = 2;
const BOOK_REFUSED: u8 = 4;
const BOOK_AUDITS: u8 = 8;
const BOOK_DECIDE_AT: u8 = 16;
const BOOK_DECIDE_UNTIL: u8 = 32;

const CODE_VANITY: u8 = 1;
const CODE_CHANNEL: u8 = 2;
const CODE_INVITER: u8 = 4;
const CODE_CREATED: u8 = 8;
const CODE_EXPIRES: u8 = 16;
const CODE_TEMPORARY: u8 = 32;
const CODE_ENDED: u8 = 64;
const CODE_DELETED: u8 = 128;

/// Whether there is nothing to write: then version 1 says all.
pub(super) fn are_empty(core: &Checkpoint) -> bool {
    core.readings.is_empty()
        && core.sources.is_empty()
        && core.timeouts.is_empty()
        && core.books.is_empty()
}

/// Appends the parts.
pub(super) fn encode(core: &Checkpoint, out: &mut Vec<u8>) {
    write(core.readings.len() as u64, out);
    for request in &core.readings {
        let (guild, reading) = request.what();
        out.push(reading as u8);
        write_id(guild.0, out);
        match request {
            ReadingRequest::Invites { vanity, .. } => out.push(u8::from(*vanity)),
            ReadingRequest::Audits { after, .. } => write_id(after.0, out),
            ReadingRequest::Members { after, .. } => write_id(after.0, out),
        }
    }
    write(core.sources.len() as u64, out);
    core.sources.iter().for_each(|sources| encode_sources(sources, out));
    write(core.timeouts.len() as u64, out);
    for (guild, member, until) in &core.timeouts {
        write_id(guild.0, out);
        write_id(member.0, out);
        write_signed(until.0, out);
    }
    write(core.books.len() as u64, out);
    core.books.iter().for_each(|book| encode_book(book, out));
}

/// Reads the parts into `core`.
pub(super) fn decode(reader: &mut Reader<'_>, core: &mut Checkpoint) -> Result<(), DecodeError> {
    core.readings = list(reader, 10, decode_request)?;
    core.sources = list(reader, 11, decode_sources)?;
    core.timeouts = list(reader, 17, |reader| {
        Ok((GuildId(reader.id()?), UserId(reader.id()?), instant(reader)?))
    })?;
    core.books = list(reader, 15, decode_book)?;
    Ok(())
}

fn list<T>(
    reader: &mut Reader<'_>,
    entry_bytes_min: usize,
    mut entry: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let length = reader.list_len(entry_bytes_min)?;
    (0..length).map(|_| entry(reader)).collect()
}

fn instant(reader: &mut Reader<'_>) -> Result<UnixMs, DecodeError> {
    reader.signed().map(UnixMs)
}

fn instant_if(reader: &mut Reader<'_>, present: bool) -> Result<Option<UnixMs>, DecodeError> {
    present.then(|| instant(reader)).transpose()
}

fn id_if(reader: &mut Reader<'_>, present: bool) -> Result<Option<u64>, DecodeError> {
    present.then(|| reader.id()).transpose()
}

fn truth(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    Ok(reader.flags(1)? == 1)
}

fn reading(reader: &mut Reader<'_>) -> Result<Reading, DecodeError> {
    let byte = reader.u8()?;
    Reading::from_u8(byte).ok_or(DecodeError::BadFlags(byte))
}

fn decode_request(reader: &mut Reader<'_>) -> Result<ReadingRequest, DecodeError> {
    let what = reading(reader)?;
    let guild = GuildId(reader.id()?);
    Ok(match what {
        Reading::Invites => ReadingRequest::Invites { guild, vanity: truth(reader)? },
        Reading::AuditLog => ReadingRequest::Audits { guild, after: AuditId(reader.id()?) },
        Reading::Members => ReadingRequest::Members { guild, after: UserId(reader.id()?) },
    })
}

fn encode_sources(sources: &SourcesCheckpoint, out: &mut Vec<u8>) {
    write_id(sources.guild.0, out);
    out.push(
        flag(sources.newest_audit.is_some(), SOURCES_AUDIT)
            | flag(sources.members_began.is_some(), SOURCES_MEMBERS)
            | flag(sources.has_vanity, SOURCES_VANITY)
            | flag(sources.audits_refused.is_some(), SOURCES_REFUSED),
    );
    if let Some(newest) = sources.newest_audit {
        write_id(newest.0, out);
    }
    for at in [sources.members_began, sources.audits_refused].into_iter().flatten() {
        write_signed(at.0, out);
    }
    write(sources.access.len() as u64, out);
    for (reading, allowed) in &sources.access {
        out.extend([*reading as u8, u8::from(*allowed)]);
    }
    write(sources.moderation_gaps.len() as u64, out);
    for (from, until, reason) in &sources.moderation_gaps {
        write_signed(from.0, out);
        write_signed(until.0, out);
        out.push(*reason as u8);
    }
}

fn decode_sources(reader: &mut Reader<'_>) -> Result<SourcesCheckpoint, DecodeError> {
    let guild = GuildId(reader.id()?);
    let known = SOURCES_AUDIT | SOURCES_MEMBERS | SOURCES_VANITY | SOURCES_REFUSED;
    let flags = reader.flags(known)?;
    Ok(SourcesCheckpoint {
        guild,
        newest_audit: id_if(reader, flags & SOURCES_AUDIT != 0)?.map(AuditId),
        members_began: instant_if(reader, flags & SOURCES_MEMBERS != 0)?,
        has_vanity: flags & SOURCES_VANITY != 0,
        audits_refused: instant_if(reader, flags & SOURCES_REFUSED != 0)?,
        access: list(reader, 2, |reader| Ok((reading(reader)?, truth(reader)?)))?,
        moderation_gaps: list(reader, 3, |reader| {
            let (from, until) = (instant(reader)?, instant(reader)?);
            let byte = reader.u8()?;
            let reason = CoverageReason::from_u8(byte).ok_or(DecodeError::BadFlags(byte))?;
            Ok((from, until, reason))
        })?,
    })
}

fn encode_book(book: &BookCheckpoint, out: &mut Vec<u8>) {
    write_id(book.guild.0, out);
    out.push(
        flag(book.is_read, BOOK_READ)
            | flag(book.is_wanted, BOOK_WANTED)
            | flag(book.is_refused, BOOK_REFUSED)
            | flag(book.audits, BOOK_AUDITS)
            | flag(book.decide_at.is_some(), BOOK_DECIDE_AT)
            | flag(book.decide_until.is_some(), BOOK_DECIDE_UNTIL),
    );
    write_signed(book.read_at.0, out);
    for at in [book.decide_at, book.decide_until].into_iter().flatten() {
        write_signed(at.0, out);
    }
    write(u64::from(book.reads), out);
    write(u64::from(book.asked), out);
    write(book.codes.len() as u64, out);
    book.codes.iter().for_each(|code| encode_code(code, out));
    write(book.pending.len() as u64, out);
    for (member, joined_at, heard_at) in &book.pending {
        write_id(member.0, out);
        write_signed(joined_at.0, out);
        write_signed(heard_at.0, out);
    }
    write(book.recent.len() as u64, out);
    for (member, joined_at) in &book.recent {
        write_id(member.0, out);
        write_signed(joined_at.0, out);
    }
}

fn decode_book(reader: &mut Reader<'_>) -> Result<BookCheckpoint, DecodeError> {
    let guild = GuildId(reader.id()?);
    let known =
        BOOK_READ | BOOK_WANTED | BOOK_REFUSED | BOOK_AUDITS | BOOK_DECIDE_AT | BOOK_DECIDE_UNTIL;
    let flags = reader.flags(known)?;
    Ok(BookCheckpoint {
        guild,
        is_read: flags & BOOK_READ != 0,
        is_wanted: flags & BOOK_WANTED != 0,
        is_refused: flags & BOOK_REFUSED != 0,
        audits: flags & BOOK_AUDITS != 0,
        read_at: instant(reader)?,
        decide_at: instant_if(reader, flags & BOOK_DECIDE_AT != 0)?,
        decide_until: instant_if(reader, flags & BOOK_DECIDE_UNTIL != 0)?,
        reads: reader.varint_u32()?,
        asked: reader.varint_u32()?,
        codes: list(reader, 5, decode_code)?,
        pending: list(reader, 10, |reader| {
            Ok((UserId(reader.id()?), instant(reader)?, instant(reader)?))
        })?,
        recent: list(reader, 9, |reader| Ok((UserId(reader.id()?), instant(reader)?)))?,
    })
}

fn encode_code(code: &CodeCheckpoint, out: &mut Vec<u8>) {
    out.push(
        flag(code.is_vanity, CODE_VANITY)
            | flag(code.channel.is_some(), CODE_CHANNEL)
            | flag(code.inviter.is_some(), CODE_INVITER)
            | flag(code.created_at.is_some(), CODE_CREATED)
            | flag(code.expires_at.is_some(), CODE_EXPIRES)
            | flag(code.temporary, CODE_TEMPORARY)
            | flag(code.ended_at.is_some(), CODE_ENDED)
            | flag(code.is_deleted, CODE_DELETED),
    );
    write_text(&code.code, out);
    if let Some(channel) = code.channel {
        write_id(channel.0, out);
    }
    if let Some(inviter) = code.inviter {
        write_id(inviter.0, out);
    }
    for uses in [code.uses_before, code.uses, code.max_uses] {
        write(u64::from(uses), out);
    }
    for at in [code.created_at, code.expires_at, code.ended_at].into_iter().flatten() {
        write_signed(at.0, out);
    }
}

fn decode_code(reader: &mut Reader<'_>) -> Result<CodeCheckpoint, DecodeError> {
    let flags = reader.u8()?;
    Ok(CodeCheckpoint {
        code: reader.text()?,
        is_vanity: flags & CODE_VANITY != 0,
        channel: id_if(reader, flags & CODE_CHANNEL != 0)?.map(ChannelId),
        inviter: id_if(reader, flags & CODE_INVITER != 0)?.map(UserId),
        uses_before: reader.varint_u32()?,
        uses: reader.varint_u32()?,
        max_uses: reader.varint_u32()?,
        created_at: instant_if(reader, flags & CODE_CREATED != 0)?,
        expires_at: instant_if(reader, flags & CODE_EXPIRES != 0)?,
        temporary: flags & CODE_TEMPORARY != 0,
        ended_at: instant_if(reader, flags & CODE_ENDED != 0)?,
        is_deleted: flags & CODE_DELETED != 0,
    })
}
