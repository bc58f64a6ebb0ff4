//! The frozen, versioned bytes of records. No IO.
