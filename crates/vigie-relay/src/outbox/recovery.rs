//! What comes back after a stop: a producer's own state, and what was saved of a damaged file.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;

/// What a producer left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Its last checkpoint; `None` if there was never one, or if it is damaged.
    pub checkpoint: Option<Bytes>,
    /// The journal frames written since, in order and without a gap.
    pub journal: Vec<Bytes>,
    /// What could not be given back; empty when all is well.
    pub damage: Vec<Damage>,
}

/// A piece of a producer's state that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What it was.
    pub what: DamagedPiece,
    /// The number of the (first) frame, counted over the life of the producer; `None` for a checkpoint.
    pub frame: Option<u64>,
    /// Its bytes, as far as they are still there.
    pub bytes: u64,
}

/// What a [`Damage`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamagedPiece {
    /// The checkpoint does not match its checksum, or was lost with a damaged file. All frames are unusable with it.
    Checkpoint,
    /// A frame does not match its checksum.
    Frame,
    /// A frame, and perhaps some after it, is not there.
    MissingFrame,
    /// Whole frames that follow a damaged piece: without it they mean nothing.
    UnusableFrames,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, frame, bytes } = self;
        let frame = frame.unwrap_or_default();
        match what {
            DamagedPiece::Checkpoint => {
                write!(formatter, "checkpoint damaged or lost ({bytes} bytes)")
            }
            DamagedPiece::Frame => {
                write!(formatter, "journal frame {frame} damaged ({bytes} bytes)")
            }
            DamagedPiece::MissingFrame => write!(formatter, "journal frame {frame} missing"),
            DamagedPiece::UnusableFrames => {
                write!(formatter, "journal frames from {frame} on unusable ({bytes} bytes)")
            }
        }
    }
}

/// What was saved of a damaged outbox file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvage {
    /// Where the damaged file stands now; its log beside it, with `-wal` appended.
    pub moved_to: PathBuf,
    /// Entries that go on.
    pub entries_kept: u64,
    /// Entries that do not; `None` when nobody knows how many there were.
    pub entries_lost: Option<u64>,
    /// (producer, lane) pairs that go on.
    pub streams: u64,
}
