//! Any bytes, as a checkpoint: no panic, and what decodes encodes to the same bytes again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_wire::checkpoint;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = checkpoint::decode(bytes) {
        let mut again = Vec::new();
        checkpoint::encode(&read, &mut again);
        assert_eq!(again, bytes);
    }
});
