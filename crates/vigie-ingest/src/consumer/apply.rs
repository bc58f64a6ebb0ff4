//! One batch: decoded, applied, and what cannot be stored set aside.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use vigie_core::vocabulary::Record;
use vigie_relay::Ack;
use vigie_store::{Applied, Batch, Store, StoreError};
use vigie_wire::{DecodeError, decode};

use super::desk::{Stream, Work};
use super::refusal::{Refusal, refusal};

const REFUSED_BY_STORE: &str = "refused by the store";
const REFUSED_BY_DATABASE: &str = "refused by the database";

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Outcome {
    pub stream: Stream,
    pub acks: Vec<Ack>,
    pub set_aside: Vec<SetAside>,
    pub result: Result<Applied, StoreError>,
}

/// An entry that can never be stored.
#[derive(Debug)]
pub(super) struct SetAside {
    pub number: u64,
    /// The name under which it is counted.
    pub reason: &'static str,
    /// The whole story, for the log.
    pub words: String,
}

/// Decodes and applies a batch. Every entry ends up stored, known as a repeat, or set aside; or the result is an error.
pub(super) async fn apply(store: Store, work: Work) -> Outcome {
    let Work { stream, entries, acks } = work;
    let mut set_aside = Vec::new();
    let records = decode_all(entries, &mut set_aside);
    let result = apply_records(&store, &stream, records, &mut set_aside).await;
    Outcome { stream, acks, set_aside, result }
}

pub(super) fn unix_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_1970.as_millis() as i64
}

fn decode_all(entries: Vec<(u64, Bytes)>, set_aside: &mut Vec<SetAside>) -> Vec<(u64, Record)> {
    let mut records = Vec::with_capacity(entries.len());
    for (number, bytes) in entries {
        match decode(&bytes) {
            Ok(record) => records.push((number, record)),
            Err(error) => {
                let words = error.to_string();
                set_aside.push(SetAside { number, reason: reason(error), words });
            }
        }
    }
    records
}

async fn apply_records(
    store: &Store,
    stream: &Stream,
    mut records: Vec<(u64, Record)>,
    set_aside: &mut Vec<SetAside>,
) -> Result<Applied, StoreError> {
    while !records.is_empty() {
        let batch = Batch { producer: &stream.0, lane: stream.1, records: &records };
        let error = match store.apply(&batch).await {
            Ok(applied) => return Ok(applied),
            Err(error) => error,
        };
        match refusal(&error, store.engine()) {
            // Each round takes a record out, so that this ends.
            Refusal::Entry(number) if records.iter().any(|(at, _)| *at == number) => {
                records.retain(|(at, _)| *at != number);
                set_aside.push(refused(number, REFUSED_BY_STORE, &error));
            }
            Refusal::SomeEntry => return apply_each(store, stream, &records, set_aside).await,
            Refusal::Entry(_) | Refusal::None => return Err(error),
        }
    }
    Ok(Applied::default())
}

/// Applies the records one by one: the database refuses one of them, and does not say which.
async fn apply_each(
    store: &Store,
    stream: &Stream,
    records: &[(u64, Record)],
    set_aside: &mut Vec<SetAside>,
) -> Result<Applied, StoreError> {
    let mut sum = Applied::default();
    for one in records.chunks(1) {
        let batch = Batch { producer: &stream.0, lane: stream.1, records: one };
        let number = one[0].0;
        match store.apply(&batch).await {
            Ok(applied) => {
                sum.applied += applied.applied;
                sum.repeated += applied.repeated;
                sum.guilds.extend(applied.guilds);
                for (kind, records) in applied.by_kind {
                    *sum.by_kind.entry(kind).or_default() += records;
                }
            }
            Err(error) => match refusal(&error, store.engine()) {
                Refusal::Entry(_) => set_aside.push(refused(number, REFUSED_BY_STORE, &error)),
                Refusal::SomeEntry => {
                    set_aside.push(refused(number, REFUSED_BY_DATABASE, &error));
                }
                Refusal::None => return Err(error),
            },
        }
    }
    sum.guilds.sort_unstable();
    sum.guilds.dedup();
    Ok(sum)
}

fn refused(number: u64, reason: &'static str, error: &StoreError) -> SetAside {
    SetAside { number, reason, words: error.to_string() }
}

/// The name under which an undecodable entry is counted.
fn reason(error: DecodeError) -> &'static str {
    match error {
        DecodeError::UnknownVersion(_) => "unknown version",
        DecodeError::UnknownKind(_) => "unknown kind",
        DecodeError::Truncated => "cut short",
        DecodeError::TrailingBytes(_) => "bytes left over",
        DecodeError::TooLarge(_) => "too large",
        _ => "damaged bytes",
    }
}
