//! Files that were cut, overwritten or deleted: an outbox always opens, gives nothing in part, and never gives a number
//! twice.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vigie_relay::transport::in_process;
use vigie_relay::{Commit, Entry, Outbox, Sender, SenderConfig};

use crate::common::{commit, open};

const PAGE_BYTES: u64 = 4096;
const PRODUCERS: [&str; 3] = ["bot/0", "bot/1", "bot/2"];

/// Commits of each producer in the files that are overwritten.
const COMMITS: u64 = 22;
/// The last of them with a checkpoint.
const CHECKPOINT: usize = 20;
/// Entries of all of them.
const ENTRIES: u64 = COMMITS * 3 * PRODUCERS.len() as u64;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }

    fn bytes(&mut self, count: u64) -> Vec<u8> {
        (0..count).map(|_| self.roll(256) as u8).collect()
    }
}

/// The commit of this index of a producer: three entries that name it, a frame that does, every tenth a checkpoint.
fn nth(producer: &str, index: u64) -> Commit {
    let entry = |place: u64| {
        let mut bytes = format!("{producer} {index} {place} ").into_bytes();
        // Some are larger than a page.
        let padding = if (index + place).is_multiple_of(17) { 9_000 } else { 200 };
        bytes.resize(bytes.len() + padding, b'.');
        Entry { lane: u8::from(place > 0), bytes: bytes.into() }
    };
    let text = format!("{index}");
    let is_flush = index.is_multiple_of(10) && index > 0;
    Commit {
        producer: producer.into(),
        entries: (0..3).map(entry).collect(),
        checkpoint: is_flush.then(|| Bytes::from(text.clone())),
        journal: text.into(),
    }
}

/// What arrives of an outbox until it is empty: number and words of each entry, by producer and lane.
async fn drain(outbox: &Outbox) -> BTreeMap<(String, u8), Vec<(u64, String)>> {
    let (publisher, mut subscriber) = in_process(4);
    let stop = CancellationToken::new();
    let config = SenderConfig { retry_first_ms: 1, ..SenderConfig::default() };
    let running = tokio::spawn(Sender::new(outbox.clone(), publisher, config).run(stop.clone()));
    let mut arrived: BTreeMap<_, Vec<_>> = BTreeMap::new();
    while outbox.stats().pending_entries > 0 {
        let next = tokio::time::timeout(Duration::from_millis(20), subscriber.next());
        let Ok(Some(delivery)) = next.await else { continue };
        let stream = arrived.entry((delivery.producer.to_string(), delivery.lane)).or_default();
        for (number, bytes) in &delivery.entries {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            stream.push((*number, text.trim_end_matches('.').to_owned()));
        }
        delivery.ack.done();
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    arrived
}

/// The state of a producer, as the number of its commits that it holds; it must be whole.
async fn commits_recovered(outbox: &Outbox, producer: &str) -> u64 {
    let recovery = outbox.recover(producer).await.unwrap();
    assert_eq!(recovery.damage, [], "{producer}");
    let number = |bytes: &Bytes| std::str::from_utf8(bytes).unwrap().parse::<u64>().unwrap();
    let first = recovery.checkpoint.as_ref().map_or(0, number);
    let frames: Vec<_> = recovery.journal.iter().map(number).collect();
    let expected: Vec<_> = (first..first + frames.len() as u64).collect();
    assert_eq!(frames, expected, "{producer}");
    assert!(frames.len() <= 10 && (first > 0 || recovery.checkpoint.is_none()), "{recovery:?}");
    first + frames.len() as u64
}

fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

/// Files as a power cut leaves them: everything is in the log. And the greatest number given.
async fn files_with_a_log(folder: &Path, commits: u64) -> (PathBuf, u64) {
    let path = folder.join("whole.db");
    let outbox = open(&path);
    for index in 0..commits {
        outbox.commit(nth(PRODUCERS[0], index)).await.unwrap();
    }
    let copy = folder.join("copy.db");
    fs::copy(&path, &copy).unwrap();
    fs::copy(log_of(&path), log_of(&copy)).unwrap();
    let arrived = drain(&outbox).await;
    let greatest = arrived.values().flatten().map(|(number, _)| *number).max().unwrap();
    outbox.close().await;
    (copy, greatest)
}

/// Opens a copy of the files after something was done to it; the outbox must be as it was after some commit.
async fn check_log(name: &str, (files, greatest): (&Path, u64), harm: impl FnOnce(&Path)) -> u64 {
    let path = files.with_file_name(name);
    fs::copy(files, &path).unwrap();
    fs::copy(log_of(files), log_of(&path)).unwrap();
    harm(&log_of(&path));
    let outbox = open(&path);
    assert_eq!(outbox.salvaged(), None);
    let commits = commits_recovered(&outbox, PRODUCERS[0]).await;
    assert_eq!(outbox.stats().pending_entries, commits * 3, "{name}");
    let arrived = drain(&outbox).await;
    for (stream, entries) in &arrived {
        let texts: Vec<_> = entries.iter().map(|(_, text)| text.clone()).collect();
        let expected = (0..commits).flat_map(|index| nth(PRODUCERS[0], index).entries);
        let expected = expected.filter(|entry| entry.lane == stream.1);
        let expected = expected.map(|entry| String::from_utf8(entry.bytes.to_vec()).unwrap());
        let expected: Vec<_> = expected.map(|text| text.trim_end_matches('.').to_owned()).collect();
        assert_eq!(texts, expected, "{name}");
    }
    // The files were copied after all 60 commits, some of which this outbox knows nothing of.
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    outbox.commit(commit("bot/0", 0, 1)).await.unwrap();
    for (_, number) in drain_numbers(&outbox).await {
        assert!(number > greatest, "{name}: {number} was given before, up to {greatest}");
    }
    outbox.close().await;
    commits
}

#[tokio::test]
async fn a_log_that_was_cut_anywhere_leaves_whole_commits() {
    let folder = tempfile::tempdir().unwrap();
    let (files, greatest) = files_with_a_log(folder.path(), 60).await;
    let bytes = fs::metadata(log_of(&files)).unwrap().len();
    let mut dice = Dice(1);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..30 {
        let left = if round == 0 { bytes } else { dice.roll(bytes) };
        let cut = |log: &Path| {
            OpenOptions::new().write(true).open(log).unwrap().set_len(left).unwrap();
        };
        seen.insert(check_log(&format!("cut-{left}"), (&files, greatest), cut).await);
    }
    assert!(seen.contains(&60) && seen.len() > 10, "{seen:?}");
}

#[tokio::test]
async fn a_byte_that_changed_in_the_log_takes_what_follows_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (files, greatest) = files_with_a_log(folder.path(), 60).await;
    let bytes = fs::metadata(log_of(&files)).unwrap().len();
    let mut dice = Dice(2);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..30 {
        let at = dice.roll(bytes);
        let flip = |log: &Path| {
            let mut content = fs::read(log).unwrap();
            content[at as usize] ^= 0x10;
            fs::write(log, content).unwrap();
        };
        seen.insert(check_log(&format!("flip-{at}"), (&files, greatest), flip).await);
    }
    assert!(seen.len() > 10 && !seen.contains(&60), "{seen:?}");
}

/// A closed file with three producers, and what each of its entries says.
async fn closed_file(path: &Path) -> u64 {
    let outbox = open(path);
    for index in 0..COMMITS {
        for producer in PRODUCERS {
            outbox.commit(nth(producer, index)).await.unwrap();
        }
    }
    let arrived = drain_some(&outbox).await;
    outbox.close().await;
    assert_eq!(fs::metadata(path).unwrap().len() % PAGE_BYTES, 0);
    // A burst gives numbers faster than the clock that a new file begins with; an outage takes longer than that.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    arrived
}

/// The greatest number in use.
async fn drain_some(outbox: &Outbox) -> u64 {
    let (publisher, mut subscriber) = in_process(1);
    let stop = CancellationToken::new();
    let sender = Sender::new(outbox.clone(), publisher, SenderConfig::default());
    let running = tokio::spawn(sender.run(stop.clone()));
    let mut last = 0;
    for _ in 0..2 {
        let delivery = subscriber.next().await.unwrap();
        last = last.max(delivery.entries.last().unwrap().0);
    }
    stop.cancel();
    drop(subscriber);
    let _ = running.await.unwrap();
    last + 1_000
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

/// Opens a damaged file, and looks at everything that is left of it. How many entries are.
async fn check_damaged(path: &Path, greatest: u64, harm: &str) -> u64 {
    let outbox = Outbox::open(vigie_relay::OutboxConfig::new(path));
    let outbox = outbox.unwrap_or_else(|error| panic!("{harm}: {error:?}"));
    for producer in PRODUCERS {
        let recovery = outbox.recover(producer).await.unwrap();
        if let Some(checkpoint) = recovery.checkpoint {
            assert_eq!(checkpoint, format!("{CHECKPOINT}"), "{harm}");
        }
        for (index, frame) in recovery.journal.iter().enumerate() {
            assert_eq!(frame, &Bytes::from(format!("{}", index + CHECKPOINT)), "{harm}");
        }
    }
    let arrived = drain(&outbox).await;
    let mut count = 0;
    for ((producer, lane), entries) in &arrived {
        assert!(entries.is_sorted_by(|a, b| a.0 < b.0), "{harm}: out of order or twice");
        for (_, text) in entries {
            let mut words = text.split_whitespace();
            assert_eq!(words.next(), Some(&**producer), "{harm}");
            let index = words.next().unwrap().parse().unwrap();
            let place: usize = words.next().unwrap().parse().unwrap();
            let whole = &nth(producer, index).entries[place];
            assert_eq!(whole.lane, *lane, "{harm}");
        }
        count += entries.len() as u64;
    }
    if let Some(salvage) = outbox.salvaged() {
        assert!(salvage.moved_to.exists() && salvage.entries_kept <= count.max(ENTRIES), "{harm}");
    }
    outbox.commit(commit("bot/0", 1, 1)).await.unwrap();
    outbox.commit(commit("bot/9", 1, 1)).await.unwrap();
    for (stream, entries) in drain_numbers(&outbox).await {
        assert!(entries > greatest, "{harm}: {stream} goes on with {entries}");
    }
    outbox.close().await;
    count
}

async fn drain_numbers(outbox: &Outbox) -> Vec<(String, u64)> {
    let (publisher, mut subscriber) = in_process(4);
    let stop = CancellationToken::new();
    let sender = Sender::new(outbox.clone(), publisher, SenderConfig::default());
    let running = tokio::spawn(sender.run(stop.clone()));
    let mut numbers = Vec::new();
    while numbers.len() < 2 {
        let delivery = subscriber.next().await.unwrap();
        numbers.push((delivery.producer.to_string(), delivery.entries[0].0));
        delivery.ack.done();
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    numbers
}

#[tokio::test]
async fn a_file_with_any_page_overwritten_opens_with_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    let greatest = closed_file(&whole).await;
    let pages = fs::metadata(&whole).unwrap().len() / PAGE_BYTES;
    let mut dice = Dice(3);
    let mut checks = JoinSet::new();
    for page in 0..pages {
        let path = folder.path().join(format!("page-{page}.db"));
        fs::copy(&whole, &path).unwrap();
        let bytes = if page % 3 == 0 { vec![0; 4096] } else { dice.bytes(4096) };
        overwrite(&path, page * PAGE_BYTES, &bytes);
        checks.spawn(async move {
            let harm = format!("page {} of {pages}", page + 1);
            (page, check_damaged(&path, greatest, &harm).await)
        });
    }
    let kept: BTreeMap<_, _> = checks.join_all().await.into_iter().collect();
    let mean = kept.values().sum::<u64>() / pages;
    assert!(mean > ENTRIES / 10 * 9, "of {ENTRIES} {mean} are kept on average: {kept:?}");
    let worst = kept.values().min().unwrap();
    assert!(*worst > ENTRIES / 2, "at worst {worst}: {kept:?}");
    assert_eq!(kept[&0], ENTRIES, "nothing is lost with the first page: {kept:?}");
}

#[tokio::test]
async fn a_file_with_changed_bytes_anywhere_opens_with_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    let greatest = closed_file(&whole).await;
    let bytes = fs::metadata(&whole).unwrap().len();
    let (mut dice, mut checks) = (Dice(6), JoinSet::new());
    for round in 0..40 {
        let path = folder.path().join(format!("changed-{round}.db"));
        let mut content = fs::read(&whole).unwrap();
        let places: Vec<_> = (0..=round / 2).map(|_| dice.roll(bytes)).collect();
        places.iter().for_each(|&place| content[place as usize] = dice.roll(256) as u8);
        fs::write(&path, content).unwrap();
        checks.spawn(async move {
            check_damaged(&path, greatest, &format!("bytes {places:?} changed")).await
        });
    }
    checks.join_all().await;
}

#[tokio::test]
async fn a_file_of_the_first_version_without_its_first_page_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version-1.db");
    fs::copy(fixture, &path).unwrap();
    overwrite(&path, 0, &Dice(7).bytes(4096));
    let outbox = open(&path);
    assert_eq!(outbox.salvaged().unwrap().entries_kept, 12);
    let arrived = drain(&outbox).await;
    assert_eq!(arrived.values().map(Vec::len).sum::<usize>(), 12);
}

#[tokio::test]
async fn a_file_cut_short_opens_with_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    let greatest = closed_file(&whole).await;
    let bytes = fs::metadata(&whole).unwrap().len();
    let (mut dice, mut checks) = (Dice(4), JoinSet::new());
    for round in 0..30 {
        let left = match round {
            0 => 0,
            1 => 50,
            2 => 4096,
            _ => dice.roll(bytes),
        };
        let path = folder.path().join(format!("cut-{left}.db"));
        fs::copy(&whole, &path).unwrap();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(left).unwrap();
        checks.spawn(async move {
            check_damaged(&path, greatest, &format!("{left} of {bytes} bytes left")).await
        });
    }
    checks.join_all().await;
}

#[tokio::test]
async fn a_damaged_first_page_costs_nothing_even_with_everything_else_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = files_with_a_log(folder.path(), 60).await;
    overwrite(&path, 0, &Dice(5).bytes(4096));
    let outbox = open(&path);
    assert_eq!(outbox.stats().pending_entries, 180);
    assert_eq!(commits_recovered(&outbox, PRODUCERS[0]).await, 60);
    outbox.close().await;
}

#[tokio::test]
async fn what_was_never_an_outbox_is_moved_aside_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    fs::write(&path, vec![0x5a; 20_000]).unwrap();
    let outbox = open(&path);
    let salvage = outbox.salvaged().unwrap();
    assert_eq!((salvage.entries_kept, salvage.entries_lost), (0, None));
    assert_eq!(fs::read(&salvage.moved_to).unwrap(), vec![0x5a; 20_000]);
    let recovery = outbox.recover("bot/0").await.unwrap();
    assert_eq!(recovery.damage.len(), 1, "nobody knows whether there was a checkpoint");
    outbox.commit(commit("bot/0", 1, 5)).await.unwrap();
    outbox.close().await;
    let outbox = open(&path);
    assert_eq!((outbox.salvaged(), outbox.stats().pending_entries), (None, 5));
}

#[tokio::test]
async fn a_deleted_file_does_not_begin_again_with_old_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let mut last = 0;
    for _ in 0..3 {
        let outbox = open(&path);
        outbox.commit(commit("bot/0", 1, 10)).await.unwrap();
        let arrived = crate::common::collect(&outbox, 10).await;
        let numbers = arrived.numbers("bot/0", 1);
        assert!(numbers[0] > last);
        last = numbers[9];
        outbox.close().await;
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn an_exchange_of_files_that_a_crash_interrupted_is_completed() {
    for moved in [&[][..], &["-wal"], &["-wal", ""]] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.db");
        let whole = folder.path().join("outbox.db.salvage");
        let outbox = open(&whole);
        outbox.commit(commit("bot/0", 1, 5)).await.unwrap();
        outbox.close().await;
        for part in ["", "-wal"].into_iter().filter(|part| !moved.contains(part)) {
            fs::write(format!("{}{part}", path.display()), b"damaged").unwrap();
        }
        let outbox = open(&path);
        assert_eq!(outbox.stats().pending_entries, 5, "{moved:?}");
        outbox.close().await;
        assert!(!whole.exists());
    }
}
