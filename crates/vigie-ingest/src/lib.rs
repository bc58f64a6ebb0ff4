//! Consumer: records arrive, are decoded, applied in one transaction and acknowledged.
