//! Any JSON, written plainly: the lens and the slow reader say the same, of a frame and of a page of history.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/vigie-bot/tests/lens/reference.rs"]
mod reference;

fuzz_target!(|text: &str| {
    // Written anew: what a whole frame with a key twice or a key in escapes means is left open.
    if let Ok(value) = serde_json::from_str(text) {
        let text = serde_json::to_string(&value).expect("a tree");
        reference::assert_agrees(&text, &value, "fuzz");
        reference::assert_history_agrees(&text, &value, "fuzz");
    }
});
