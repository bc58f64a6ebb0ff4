//! Vigie: analytics and administration for Discord communities, in one binary.
fn main() {}
