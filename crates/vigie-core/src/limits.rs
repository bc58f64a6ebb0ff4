//! Every bound of the core: its name, its arithmetic, and what happens when it is reached.

/// One minute: the width of a window.
pub const FLUSH_INTERVAL_MS_DEFAULT: u32 = 60_000;

/// How long after the end of a flush interval the flush waits for frames still in flight. A frame later than this is
/// not lost: it makes a second piece of its minute, which the store adds.
pub const FLUSH_GRACE_MS: i64 = 500;
