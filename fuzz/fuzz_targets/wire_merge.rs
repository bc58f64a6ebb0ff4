//! Any bytes cut into entries, merged: no panic, fewer bytes, and all that leaves can be read if all that came could.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|entries: Vec<Vec<u8>>| {
    let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    let Some(merged) = vigie_wire::merge(&slices) else { return };
    let bytes = |entries: &[Vec<u8>]| entries.iter().map(Vec::len).sum::<usize>();
    assert!(bytes(&merged) < bytes(&entries));
    let is_read = |bytes: &Vec<u8>| vigie_wire::decode(bytes).is_ok();
    let unread = |entries: &[Vec<u8>]| entries.iter().filter(|bytes| !is_read(bytes)).count();
    assert_eq!(unread(&merged), unread(&entries));
});
