//! The OpenAPI 3.1 document, made from the routes and types of this crate.

use serde_json::Value;

use crate::routes;

/// The document as pretty JSON with a line feed at its end: what `crates/vigie-api/openapi.json` holds.
pub fn document() -> String {
    let (_, document) = routes::documented().split_for_parts();
    let mut document = serde_json::to_value(document).expect("the document is plain data");
    document["info"]["version"] = Value::from("1");
    drop_integer_formats(&mut document);
    let mut text = serde_json::to_string_pretty(&document).expect("the document is plain data");
    text.push('\n');
    text
}

/// Counts are far below 2^53: without `int64` a client takes them for plain numbers rather than big integers.
fn drop_integer_formats(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let integer = map.get("format").and_then(Value::as_str);
            if integer.is_some_and(|format| format.starts_with("int")) {
                map.remove("format");
            }
            map.values_mut().for_each(drop_integer_formats);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_integer_formats),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_document_is_the_one_of_this_code() {
        let refresh = "cargo run -p vigie-api --example openapi > crates/vigie-api/openapi.json";
        assert!(
            super::document() == include_str!("../openapi.json"),
            "the routes or types have changed; refresh the document, then the web app's client: {refresh}"
        );
    }
}
