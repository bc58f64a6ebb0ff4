//! Bytes leave and arrive at least once: outbox, sender, transport. Never looks inside them.
