//! The query of an address, read strictly: percent-encoding and UTF-8 must be right, a name may come once, and only
//! names that the route knows.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{Parameter, Word};
use crate::problem::Problem;

/// The decoded query, from which parameters are taken one by one.
#[derive(Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a raw query. An empty value counts as absent.
    pub fn read(raw: Option<&str>) -> Result<Self, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in raw.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let Some(name) = decode(name) else {
                return Err(Problem::bad_parameter(
                    &short(name),
                    "the name of a parameter is not percent-encoded UTF-8",
                ));
            };
            let Some(value) = decode(value) else {
                return Err(Problem::bad_parameter(
                    &short(&name),
                    "the value is not percent-encoded UTF-8 text without control characters",
                ));
            };
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Problem::bad_parameter(&short(&name), "the parameter is given twice"));
            }
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// Refuses names that no table of the route holds.
    pub fn only(&self, tables: &[&[Parameter]]) -> Result<(), Problem> {
        let known = |name: &str| tables.iter().any(|table| table.iter().any(|p| p.name == name));
        let Some((name, _)) = self.pairs.iter().find(|(name, _)| !known(name)) else {
            return Ok(());
        };
        let names: Vec<&str> =
            tables.iter().flat_map(|table| table.iter().map(|p| p.name)).collect();
        let problem =
            Problem::bad_parameter(&short(name), "this route does not know this parameter");
        Err(if names.is_empty() {
            problem.remedy("it takes none")
        } else {
            problem.remedy(format!("it knows {}", names.join(", ")))
        })
    }

    /// The text of a parameter; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// A word out of a closed set.
    pub fn word<T: Word>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let value = T::of(text).ok_or_else(|| {
            Problem::bad_parameter(name, format!("`{}` is not a word it knows", short(text)))
                .remedy(format!("give one of {}", super::words::<T>().join(", ")))
        })?;
        Ok(Some(value))
    }

    /// A whole number between two bounds.
    pub fn number(&self, name: &str, least: u32, most: u32) -> Result<Option<u32>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let value = if digits { text.parse::<u32>().ok() } else { None };
        match value.filter(|value| (least..=most).contains(value)) {
            Some(value) => Ok(Some(value)),
            None => Err(Problem::bad_parameter(
                name,
                format!("`{}` is not a number it takes", short(text)),
            )
            .remedy(format!("give a whole number from {least} to {most}"))),
        }
    }

    /// A Discord id.
    pub fn snowflake(&self, name: &str) -> Result<Option<u64>, Problem> {
        self.text(name).map(|text| snowflake(name, text)).transpose()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(parts.uri.query())
    }
}

/// A Discord id: decimal digits, at least 1, no larger than a database's signed 64 bits.
pub fn snowflake(name: &str, text: &str) -> Result<u64, Problem> {
    let digits = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = if digits { text.parse::<u64>().ok() } else { None };
    id.filter(|id| *id > 0 && i64::try_from(*id).is_ok()).ok_or_else(|| {
        Problem::bad_parameter(name, format!("`{}` is not a Discord id", short(text)))
            .remedy("give the digits of the id, as copied from Discord")
    })
}

/// The start of a text, to be quoted in an error.
pub fn short(text: &str) -> String {
    let mut start: String = text.chars().take(40).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

/// Percent-decoding of `application/x-www-form-urlencoded`; `None` for broken escapes, broken UTF-8 and control
/// characters (no parameter of ours has a use for them, and databases refuse NUL).
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push((high * 16 + low) as u8);
            }
            _ => bytes.push(byte),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}
