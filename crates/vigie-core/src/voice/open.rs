//! One session that goes on: its state, and its time so far.

use crate::limits;
use crate::vocabulary::{
    AuthorKind, ChannelId, GuildId, UnixMs, UserId, VoiceSegment, VoiceSession, VoiceState,
    VoiceTime,
};
use crate::voice::windows::{Presence, Windows};

/// One member in one channel. Who and where the guild is, is its key in the list of sessions.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) channel: ChannelId,
    pub(crate) kind: AuthorKind,
    pub(crate) started_at: UnixMs,
    pub(crate) start_heard: bool,
    /// Everything before has been credited.
    pub(crate) credited_until: UnixMs,
    /// All states but [`VoiceState::ALONE`], which the channel knows.
    pub(crate) state: VoiceState,
    pub(crate) time: VoiceTime,
    pub(crate) segments: Vec<VoiceSegment>,
}

impl Open {
    /// Credits the time since the last change, spent in the state that holds until now.
    pub(crate) fn credit(
        &mut self,
        (guild, member): (GuildId, UserId),
        alone: bool,
        until: UnixMs,
        windows: &mut Windows,
    ) {
        if until <= self.credited_until {
            return;
        }
        let state = if alone { self.state.with(VoiceState::ALONE) } else { self.state };
        let presence = Presence { guild, channel: self.channel, member, kind: self.kind };
        windows.credit(&presence, state, self.credited_until, until);
        let duration_ms = (until.0 - self.credited_until.0) as u64;
        self.time.add(state, duration_ms);
        self.add_segment(VoiceSegment { state, duration_ms });
        self.credited_until = until;
    }

    /// The session as it is to be stored, everything credited.
    pub(crate) fn end(self, member: UserId, end_heard: bool) -> VoiceSession {
        VoiceSession {
            channel: self.channel,
            member,
            kind: self.kind,
            started_at: self.started_at,
            ended_at: self.credited_until,
            start_heard: self.start_heard,
            end_heard,
            time: self.time,
            segments: self.segments,
        }
    }

    fn add_segment(&mut self, segment: VoiceSegment) {
        match self.segments.last_mut() {
            Some(last) if last.state == segment.state => last.duration_ms += segment.duration_ms,
            _ => self.segments.push(segment),
        }
        if self.segments.len() > limits::SEGMENTS_MAX {
            merge_shortest(&mut self.segments);
        }
    }
}

/// Gives the time of the shortest segment but the last, which still grows, to the one before it (the first: to the one after).
fn merge_shortest(segments: &mut Vec<VoiceSegment>) {
    let before_last = &segments[..segments.len() - 1];
    let shortest = before_last.iter().enumerate().min_by_key(|(_, segment)| segment.duration_ms);
    let Some((position, _)) = shortest else { return };
    let gone = segments.remove(position);
    let heir = position.saturating_sub(1);
    segments[heir].duration_ms += gone.duration_ms;
    // The two that now meet may be of one state.
    if heir + 1 < segments.len() && segments[heir].state == segments[heir + 1].state {
        let next = segments.remove(heir + 1);
        segments[heir].duration_ms += next.duration_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(list: &[(u8, u64)]) -> Vec<VoiceSegment> {
        let segment = |&(bits, duration_ms)| VoiceSegment { state: VoiceState(bits), duration_ms };
        list.iter().map(segment).collect()
    }

    #[track_caller]
    fn check(before: &[(u8, u64)], after: &[(u8, u64)]) {
        let mut list = segments(before);
        merge_shortest(&mut list);
        assert_eq!(list, segments(after));
    }

    #[test]
    fn the_shortest_segment_goes_to_its_neighbour_and_no_time_is_lost() {
        check(&[(0, 9), (1, 5), (0, 8), (2, 7)], &[(0, 22), (2, 7)]);
        check(&[(0, 3), (1, 5), (2, 8)], &[(1, 8), (2, 8)]);
        check(&[(0, 9), (1, 5), (2, 1)], &[(0, 14), (2, 1)]);
        check(&[(0, 9)], &[(0, 9)]);
    }
}
