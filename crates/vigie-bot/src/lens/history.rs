//! Pages of a channel's history: the same messages that MESSAGE_CREATE brings, without the guild they are of and without members.
//! Source: Discord, "Messages Resource", Get Channel Messages.

use vigie_core::PageRequest;
use vigie_core::vocabulary::{HistoryPage, MessageFact, MessageId};

use super::message::Message;
use super::scan::Scanner;
use super::{SetAside, reasons};
use crate::limits;

/// Entries of a full page.
const PAGE_MESSAGES: usize = limits::HISTORY_PAGE_MESSAGES as usize;

/// Reads the answer to `GET /channels/{channel}/messages?after={after}&limit=100`.
///
/// Types that are not counted, and entries that cannot be, are left out of the messages; they are part of the page all the same:
/// `newest` is the newest of all its entries with an id, and `more` says whether there were as many entries as a page can have.
///
/// # Errors
/// [`SetAside`] when the text is broken or no list, which is what an answer other than a page is (`history.not_a_list`).
pub fn read_history<'a>(text: &'a str, request: &PageRequest) -> Result<HistoryPage<'a>, SetAside> {
    let mut scanner = Scanner::new(text, 0);
    if scanner.peek() != b'[' {
        return Err(scanner.broken().unwrap_or(reasons::NOT_A_LIST));
    }
    scanner.enter(b'[');
    let mut entries = 0;
    let mut newest = None;
    let mut messages = Vec::new();
    while scanner.element() {
        entries += 1;
        let Some((id, fact)) = read_entry(&mut scanner, request) else { continue };
        newest = newest.max(Some(id));
        if messages.len() < PAGE_MESSAGES {
            messages.extend(fact);
        }
    }
    if let Some(broken) = scanner.broken() {
        return Err(broken);
    }
    // Discord gives the newest first.
    messages.reverse();
    messages.sort_by_key(|fact: &MessageFact<'_>| fact.message);
    Ok(HistoryPage {
        guild: request.guild,
        channel: request.channel,
        after: request.after,
        newest,
        more: entries >= PAGE_MESSAGES,
        messages,
    })
}

/// The id of the entry under the cursor, and its fact if it counts; `None` without an id.
fn read_entry<'a>(
    scanner: &mut Scanner<'a>,
    request: &PageRequest,
) -> Option<(MessageId, Option<MessageFact<'a>>)> {
    if !scanner.enter(b'{') {
        return None;
    }
    let mut message = Message::default();
    message.read_fields(scanner);
    let id = MessageId(message.id.ok()?);
    Some((id, message.into_history(id, request.guild, request.channel)))
}
