//! What is read of a guild beside messages: its invites, its audit log, its members. One answer at a time, as the core asks for it.
//! Sources: Discord, "Guild Resource", Get Guild Invites, Get Guild Vanity URL, List Guild Members; "Audit Logs Resource", Get Guild
//! Audit Log.

use vigie_core::vocabulary::{Fact, HistoryRefusal, ReadingRequest};

use crate::lens::{self, SetAside};
use crate::limits;
use crate::rest::{Asker, Bucket, Rest};

/// What Discord answered to a [`ReadingRequest`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The list or page itself.
    pub text: String,
    /// The vanity address, where it was asked for and given.
    pub vanity: Option<String>,
}

impl Answer {
    /// An answer without vanity address.
    pub fn new(text: String) -> Self {
        Self { text, vanity: None }
    }

    /// The fact that this is as an answer to `request`.
    ///
    /// # Errors
    /// [`SetAside`] when the text is broken or another thing than was asked for.
    pub fn fact(&self, request: ReadingRequest) -> Result<Fact<'_>, SetAside> {
        Ok(match request {
            ReadingRequest::Invites { guild, .. } => {
                Fact::Invites(lens::read_invites(&self.text, self.vanity.as_deref(), guild)?)
            }
            ReadingRequest::Audits { guild, after } => {
                Fact::Audits(lens::read_audits(&self.text, guild, after)?)
            }
            ReadingRequest::Members { guild, after } => {
                Fact::Members(lens::read_members(&self.text, guild, after)?)
            }
        })
    }
}

/// Reads what was asked for. Trouble on the way is waited out, for as long as it lasts.
pub(crate) async fn read(
    rest: Rest,
    request: ReadingRequest,
    asker: Asker,
) -> Result<Answer, HistoryRefusal> {
    match request {
        ReadingRequest::Invites { guild, vanity } => {
            let path = format!("guilds/{}/invites", guild.0);
            let mut answer = Answer::new(rest.get(&path, Bucket::Invites(guild.0), &asker).await?);
            if vanity {
                let path = format!("guilds/{}/vanity-url", guild.0);
                // A refusal says no more than that it is not known.
                answer.vanity = rest.get(&path, Bucket::Vanity(guild.0), &asker).await.ok();
            }
            Ok(answer)
        }
        ReadingRequest::Audits { guild, after } => {
            let (guild, after) = (guild.0, after.0);
            let limit = limits::AUDIT_PAGE_ENTRIES;
            let path = format!("guilds/{guild}/audit-logs?after={after}&limit={limit}");
            rest.get(&path, Bucket::AuditLog(guild), &asker).await.map(Answer::new)
        }
        ReadingRequest::Members { guild, after } => {
            let (guild, after) = (guild.0, after.0);
            let limit = limits::MEMBERS_PAGE;
            let path = format!("guilds/{guild}/members?after={after}&limit={limit}");
            rest.get(&path, Bucket::Members(guild), &asker).await.map(Answer::new)
        }
    }
}
