//! Family **invites**: the bytes of invites and of how members came.

use vigie_core::vocabulary::{
    Attribution, AttributionMethod, Candidate, ChannelId, Confidence, InviteRecord, UnixMs, UserId,
};

use crate::reader::Reader;
use crate::varint::{Column, SignedColumn, flag, write, write_signed, write_text, write_text_if};
use crate::{DecodeError, limits};

const INVITE_VANITY: u8 = 1;
const INVITE_CHANNEL: u8 = 2;
const INVITE_INVITER: u8 = 4;
const INVITE_USES: u8 = 8;
const INVITE_CREATED_AT: u8 = 16;
const INVITE_EXPIRES_AT: u8 = 32;
const INVITE_ENDED_AT: u8 = 64;
const INVITE_TEMPORARY: u8 = 128;

const ATTRIBUTION_CONFIDENCE: u8 = 3;
const ATTRIBUTION_CODE: u8 = 4;
const ATTRIBUTION_INVITER: u8 = 8;
const ATTRIBUTION_FLAGS: u8 = ATTRIBUTION_CONFIDENCE | ATTRIBUTION_CODE | ATTRIBUTION_INVITER;

const CANDIDATE_INVITER: u8 = 1;
const CANDIDATE_ENDED: u8 = 2;
const CANDIDATE_FLAGS: u8 = CANDIDATE_INVITER | CANDIDATE_ENDED;

pub(crate) fn encode_invites(invites: &[InviteRecord], out: &mut Vec<u8>) {
    write(invites.len() as u64, out);
    let (mut channels, mut inviters) = (Column::default(), Column::default());
    let mut instants = SignedColumn::default();
    for invite in invites {
        out.push(
            flag(invite.is_vanity, INVITE_VANITY)
                | flag(invite.channel.is_some(), INVITE_CHANNEL)
                | flag(invite.inviter.is_some(), INVITE_INVITER)
                | flag(invite.uses.is_some(), INVITE_USES)
                | flag(invite.created_at.is_some(), INVITE_CREATED_AT)
                | flag(invite.expires_at.is_some(), INVITE_EXPIRES_AT)
                | flag(invite.ended_at.is_some(), INVITE_ENDED_AT)
                | flag(invite.temporary, INVITE_TEMPORARY),
        );
        write_text(&invite.code, out);
        instants.write(invite.at.0, out);
        if let Some(channel) = invite.channel {
            channels.write(channel.0, out);
        }
        if let Some(inviter) = invite.inviter {
            inviters.write(inviter.0, out);
        }
        if let Some(uses) = invite.uses {
            write(u64::from(uses), out);
        }
        write(u64::from(invite.max_uses), out);
        let instants = [invite.created_at, invite.expires_at, invite.ended_at];
        for instant in instants.into_iter().flatten() {
            write_signed(instant.0.wrapping_sub(invite.at.0), out);
        }
    }
}

pub(crate) fn decode_invites(reader: &mut Reader<'_>) -> Result<Vec<InviteRecord>, DecodeError> {
    let length = reader.list_len(limits::INVITE_BYTES_MIN)?;
    let (mut channels, mut inviters) = (Column::default(), Column::default());
    let mut instants = SignedColumn::default();
    let invite = |_| {
        let flags = reader.u8()?;
        let has = |flag| flags & flag != 0;
        let code = reader.text()?;
        let at = UnixMs(instants.read(reader.signed()?));
        let channel = has(INVITE_CHANNEL).then(|| reader.delta(&mut channels).map(ChannelId));
        let channel = channel.transpose()?;
        let inviter = has(INVITE_INVITER).then(|| reader.delta(&mut inviters).map(UserId));
        let inviter = inviter.transpose()?;
        let uses = has(INVITE_USES).then(|| reader.varint_u32()).transpose()?;
        let max_uses = reader.varint_u32()?;
        let mut instant = |flag| match has(flag) {
            true => reader.signed().map(|later| Some(UnixMs(at.0.wrapping_add(later)))),
            false => Ok(None),
        };
        Ok(InviteRecord {
            code,
            at,
            is_vanity: has(INVITE_VANITY),
            channel,
            inviter,
            uses,
            max_uses,
            created_at: instant(INVITE_CREATED_AT)?,
            expires_at: instant(INVITE_EXPIRES_AT)?,
            ended_at: instant(INVITE_ENDED_AT)?,
            temporary: has(INVITE_TEMPORARY),
        })
    };
    (0..length).map(invite).collect()
}

pub(crate) fn encode_attributions(attributions: &[Attribution], out: &mut Vec<u8>) {
    write(attributions.len() as u64, out);
    let (mut members, mut inviters) = (Column::default(), Column::default());
    let mut joined = SignedColumn::default();
    for attribution in attributions {
        members.write(attribution.member.0, out);
        joined.write(attribution.joined_at.0, out);
        out.push(
            attribution.confidence as u8
                | flag(attribution.code.is_some(), ATTRIBUTION_CODE)
                | flag(attribution.inviter.is_some(), ATTRIBUTION_INVITER),
        );
        out.push(attribution.method as u8);
        write_text_if(attribution.code.as_deref(), out);
        if let Some(inviter) = attribution.inviter {
            inviters.write(inviter.0, out);
        }
        write(u64::from(attribution.burst), out);
        write(attribution.candidates.len() as u64, out);
        for candidate in &attribution.candidates {
            out.push(
                flag(candidate.inviter.is_some(), CANDIDATE_INVITER)
                    | flag(candidate.ended, CANDIDATE_ENDED),
            );
            write_text(&candidate.code, out);
            if let Some(inviter) = candidate.inviter {
                inviters.write(inviter.0, out);
            }
            write(u64::from(candidate.used), out);
        }
    }
}

pub(crate) fn decode_attributions(
    reader: &mut Reader<'_>,
) -> Result<Vec<Attribution>, DecodeError> {
    let length = reader.list_len(limits::ATTRIBUTION_BYTES_MIN)?;
    let (mut members, mut inviters) = (Column::default(), Column::default());
    let mut joined = SignedColumn::default();
    let attribution = |_| {
        let member = UserId(reader.delta(&mut members)?);
        let joined_at = UnixMs(joined.read(reader.signed()?));
        let flags = reader.flags(ATTRIBUTION_FLAGS)?;
        let confidence = Confidence::from_u8(flags & ATTRIBUTION_CONFIDENCE);
        let confidence = confidence.ok_or(DecodeError::BadFlags(flags))?;
        let method = reader.u8()?;
        let method = AttributionMethod::from_u8(method).ok_or(DecodeError::BadFlags(method))?;
        let code = reader.text_if(flags & ATTRIBUTION_CODE != 0)?;
        let has_inviter = flags & ATTRIBUTION_INVITER != 0;
        let inviter = has_inviter.then(|| reader.delta(&mut inviters).map(UserId)).transpose()?;
        let burst = reader.varint_u32()?;
        let length = reader.list_len(limits::CANDIDATE_BYTES_MIN)?;
        let candidates = (0..length).map(|_| decode_candidate(reader, &mut inviters));
        let candidates = candidates.collect::<Result<_, _>>()?;
        Ok(Attribution { member, joined_at, method, confidence, code, inviter, candidates, burst })
    };
    (0..length).map(attribution).collect()
}

fn decode_candidate(
    reader: &mut Reader<'_>,
    inviters: &mut Column,
) -> Result<Candidate, DecodeError> {
    let flags = reader.flags(CANDIDATE_FLAGS)?;
    let code = reader.text()?;
    let has_inviter = flags & CANDIDATE_INVITER != 0;
    let inviter = has_inviter.then(|| reader.delta(inviters).map(UserId)).transpose()?;
    let ended = flags & CANDIDATE_ENDED != 0;
    Ok(Candidate { code, inviter, used: reader.varint_u32()?, ended })
}
