//! What can go wrong between a commit and its acknowledgement.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

/// An error of the relay. Cloneable, because one failed transaction answers every commit that was in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RelayError {
    /// Another process, or another `Outbox` of this one, holds the file.
    #[error(
        "outbox {path} is in use by another process: stop it, or give this one a file of its own"
    )]
    Locked {
        /// The outbox file.
        path: PathBuf,
    },
    /// The file system has no room left; nothing of the commit was written.
    #[error(
        "no room left on the disk of outbox {path}: free some space, then the commit can be repeated"
    )]
    DiskFull {
        /// The outbox file.
        path: PathBuf,
    },
    /// The file is damaged, or no database at all.
    #[error(
        "outbox {path} is damaged ({detail}) and could not be saved: move it aside (with its -wal file) to start empty"
    )]
    Corrupt {
        /// The outbox file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A SQLite database, but of another program.
    #[error("{path} is the database of another program, not an outbox: choose another path")]
    NotAnOutbox {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error(
        "outbox {path} has schema {found}, this version knows up to {known}: run the newer version again"
    )]
    NewerSchema {
        /// The outbox file.
        path: PathBuf,
        /// The schema version in the file.
        found: u32,
        /// The newest schema version this build can read.
        known: u32,
    },
    /// The file or its folder could not be opened or made.
    #[error("cannot open outbox {path}: {detail}; check that the folder exists and is writable")]
    Open {
        /// The outbox file.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// Any other failure of the database; nothing of the commit was written.
    #[error("outbox {path}: the database failed, the cause follows; see to the disk, then repeat")]
    Database {
        /// The outbox file.
        path: PathBuf,
        /// SQLite's error.
        source: Arc<rusqlite::Error>,
    },
    /// An entry above [`ENTRY_BYTES_MAX`](crate::limits::ENTRY_BYTES_MAX).
    #[error("an entry of {bytes} bytes exceeds the largest allowed, {max}: split the record")]
    EntryTooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// A checkpoint or a journal frame above its bound.
    #[error("a {what} of {bytes} bytes exceeds the largest allowed, {max}: flush earlier")]
    TooLarge {
        /// "checkpoint" or "journal frame".
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// More than [`STREAMS_MAX`](crate::limits::STREAMS_MAX) (producer, lane) pairs.
    #[error(
        "the outbox already holds {max} producers and lanes: give the new producers a file of their own"
    )]
    TooManyStreams {
        /// The bound.
        max: usize,
    },
    /// A pair has used all of its numbers (see [`NUMBER_BITS`](crate::limits::NUMBER_BITS)).
    #[error("producer {producer} has used all entry numbers of lane {lane}: give it a new name")]
    NumbersExhausted {
        /// The producer.
        producer: Arc<str>,
        /// The lane.
        lane: u8,
    },
    /// The outbox was closed, or its thread ended.
    #[error("the outbox is closed")]
    Closed,
    /// A second sender was started on the same outbox: two would break the order.
    #[error("a sender already runs on this outbox: stop it first")]
    SenderRunning,
    /// Nobody receives any more.
    #[error("the receiving side of the transport is gone: nothing can be delivered")]
    TransportClosed,
}

impl RelayError {
    /// Whether the same may succeed later, once somebody has seen to the disk.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::DiskFull { .. }
                | Self::Database { .. }
                | Self::Corrupt { .. }
                | Self::Open { .. }
                | Self::Locked { .. }
        )
    }

    /// Reads SQLite's result code: which of them the operator can act upon.
    pub(crate) fn from_sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
            // We ask for single rows only where the counters say that there is one.
            return Self::Corrupt { path, detail: "an entry is missing".to_owned() };
        }
        if matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::SqlInputError { .. }
        ) {
            // Strict tables hold nothing that we cannot read, unless something else wrote into the file.
            return Self::Corrupt { path, detail: error.to_string() };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            // Our statements fit our schema: where one does not, the file's schema or an index is damaged.
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::Unknown
                | ErrorCode::TypeMismatch
                | ErrorCode::ConstraintViolation,
            ) => Self::Corrupt { path, detail: error.to_string() },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Self::Open { path, detail: error.to_string() }
            }
            _ => Self::Database { path, source: Arc::new(error) },
        }
    }
}
