//! Any bytes, as a record: no panic, and what decodes encodes to the same bytes again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = vigie_wire::decode(bytes) {
        let mut again = Vec::new();
        vigie_wire::encode(&record, &mut again);
        assert_eq!(again, bytes);
    }
});
