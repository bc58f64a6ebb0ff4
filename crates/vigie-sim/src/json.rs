//! Small pieces of JSON: ids as Discord writes them, strings, arrays.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A snowflake, accepted as a string or as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(pub(crate) u64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a snowflake as a string or number")
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Id, E> {
                Ok(Id(value))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Id, E> {
                value.parse().map(Id).map_err(|_| E::custom("a snowflake is a decimal number"))
            }
        }
        deserializer.deserialize_any(IdVisitor)
    }
}

/// A string as JSON text.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An array, each element written by `write`.
pub(crate) fn array<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(T, &mut String),
) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}
