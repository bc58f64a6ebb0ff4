//! Any bytes, as a journal frame: no panic, an error is the last, and the steps before it write a frame that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_wire::journal::{self, JournalWriter};

fuzz_target!(|bytes: &[u8]| {
    let mut steps: Vec<_> = journal::read(bytes).collect();
    if steps.last().is_some_and(Result::is_err) {
        steps.pop();
    }
    let steps: Vec<_> =
        steps.into_iter().map(|step| step.expect("only the last is an error")).collect();
    let mut writer = JournalWriter::new();
    for (now, sequence, step) in &steps {
        writer.push(*now, *sequence, step);
    }
    let frame = writer.take();
    let again: Result<Vec<_>, _> = journal::read(&frame).collect();
    assert_eq!(again, Ok(steps));
});
