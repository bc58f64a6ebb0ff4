//! Reading a channel's history again: `GET /channels/{id}/messages`, one page at a time.
//! Source: Discord, "Messages Resource", Get Channel Messages.

use vigie_core::PageRequest;
use vigie_core::vocabulary::HistoryRefusal;

use crate::limits;
use crate::rest::{Asker, Bucket, Rest};

/// The page that was asked for, as Discord writes it. Trouble on the way is waited out, for as long as it lasts.
///
/// An empty page means either that what was there is gone or that we may not look: without READ_MESSAGE_HISTORY
/// Discord answers with an empty list. So the newest message of all is asked for, too.
pub(crate) async fn page(
    rest: Rest,
    request: PageRequest,
    asker: Asker,
) -> Result<String, HistoryRefusal> {
    let channel = request.channel.0;
    let get = async |query: &str| {
        let path = format!("channels/{channel}/messages?{query}");
        rest.get(&path, Bucket::Messages(channel), &asker).await
    };
    let query = format!("after={}&limit={}", request.after.0, limits::HISTORY_PAGE_MESSAGES);
    let page = get(&query).await?;
    if !is_empty_list(&page) {
        return Ok(page);
    }
    let newest = get("limit=1").await?;
    if is_empty_list(&newest) {
        return Err(HistoryRefusal::MissingPermission);
    }
    Ok(page)
}

/// Whether a body is `[]`, with or without spaces.
fn is_empty_list(body: &str) -> bool {
    body.bytes().filter(|byte| !byte.is_ascii_whitespace()).eq(*b"[]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_known_however_it_is_written() {
        assert!(is_empty_list("[]") && is_empty_list(" [\n] "));
        assert!(!is_empty_list("[{}]") && !is_empty_list("") && !is_empty_list("{}"));
    }
}
