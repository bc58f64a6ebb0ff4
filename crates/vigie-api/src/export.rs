//! Lists and series as files: CSV (RFC 4180) and NDJSON.

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `text/csv`.
    Csv,
    /// `application/x-ndjson`: one JSON value a line.
    Ndjson,
}

impl Format {
    /// Splits `name.csv` into its name and kind.
    pub fn split(text: &str) -> (&str, Option<Self>) {
        if let Some(name) = text.strip_suffix(".csv") {
            return (name, Some(Self::Csv));
        }
        if let Some(name) = text.strip_suffix(".ndjson") {
            return (name, Some(Self::Ndjson));
        }
        (text, None)
    }
}
