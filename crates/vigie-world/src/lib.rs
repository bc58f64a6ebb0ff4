//! An imaginary Discord: a seed makes people, channels, days, payloads and the true totals. No IO.
