//! `/users`. Source: Discord, "User Resource".

use std::sync::Arc;

use axum::extract::{Path, State};
use vigie_core::vocabulary::UserId;
use vigie_world::payload;

use super::request::snowflake;
use super::{Answer, JsonText, RestError};
use crate::hub::Hub;
use crate::sync::read;

/// Our bot.
pub(crate) async fn me(State(hub): State<Arc<Hub>>) -> JsonText {
    let mut out = String::new();
    payload::current_user(&read(&hub.world), &mut out);
    JsonText(out)
}

/// Any account.
pub(crate) async fn user(State(hub): State<Arc<Hub>>, Path(user): Path<String>) -> Answer {
    let id = snowflake("user_id", &user)?;
    let user = read(&hub.world).user(UserId(id)).ok_or(RestError::UNKNOWN_USER)?;
    let mut out = String::new();
    payload::user(&user, &mut out);
    Ok(JsonText(out))
}
