//! Reading ids and numbers out of requests, with Discord's form errors.

use std::collections::HashMap;

use axum::extract::Query;

use super::error::RestError;

/// A query string.
pub(crate) type Params = Query<HashMap<String, String>>;

/// A snowflake out of a path or a query; `field` names it in the error.
pub(crate) fn snowflake(field: &str, text: &str) -> Result<u64, RestError> {
    text.parse().map_err(|_| {
        RestError::form(field, "NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not snowflake."))
    })
}

/// A snowflake out of the query, where it is there.
pub(crate) fn optional_snowflake(params: &Params, field: &str) -> Result<Option<u64>, RestError> {
    params.get(field).map(|text| snowflake(field, text)).transpose()
}

/// `limit`, between 1 and `max`.
pub(crate) fn limit(params: &Params, default: u64, max: u64) -> Result<usize, RestError> {
    let Some(text) = params.get("limit") else { return Ok(default as usize) };
    let Ok(limit) = text.parse::<i64>() else {
        return Err(RestError::form(
            "limit",
            "NUMBER_TYPE_COERCE",
            format!("Value \"{text}\" is not int."),
        ));
    };
    if limit < 1 {
        let words = "int value should be greater than or equal to 1.";
        return Err(RestError::form("limit", "NUMBER_TYPE_MIN", words));
    }
    if limit as u64 > max {
        let words = format!("int value should be less than or equal to {max}.");
        return Err(RestError::form("limit", "NUMBER_TYPE_MAX", words));
    }
    Ok(limit as usize)
}

/// A boolean as query strings write it.
pub(crate) fn flag(params: &Params, field: &str) -> bool {
    params.get(field).is_some_and(|text| matches!(text.as_str(), "true" | "True" | "1"))
}
