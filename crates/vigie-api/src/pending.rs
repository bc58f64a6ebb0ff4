//! The questions about moderation, members, invites and changes as this crate puts them, until the store answers them: a method of
//! the store of the same name takes the place of the one here.

use vigie_core::vocabulary::{
    Access, AuditId, CaseSource, Change, ChannelId, GuildId, ModerationAction, RoleRecord, UserId,
};
use vigie_store::question::MemberRow;
use vigie_store::{Store, StoreError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moderator {
    Unknown,
    Known(UserId),
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseCursor {
    pub at_ms: i64,
    pub id: i64,
}
#[derive(Clone, Debug)]
pub struct CasesQuestion {
    pub guild: GuildId,
    pub from_ms: i64,
    pub to_ms: i64,
    pub actions: Vec<ModerationAction>,
    pub moderator: Option<Moderator>,
    pub target: Option<UserId>,
    pub search: Option<String>,
    pub after: Option<CaseCursor>,
    pub limit: u32,
}
#[derive(Clone, Copy, Debug)]
pub enum TimeoutEnd {
    Lifted,
    Replaced,
}
#[derive(Clone, Debug)]
pub struct CaseRow {
    pub id: i64,
    pub audit: Option<AuditId>,
    pub action: ModerationAction,
    pub at_ms: i64,
    pub target: Option<MemberRow>,
    pub moderator: Option<MemberRow>,
    pub reason: Option<String>,
    pub channel: Option<ChannelId>,
    pub count: Option<u32>,
    pub until_ms: Option<i64>,
    pub timeout_end: Option<(i64, TimeoutEnd)>,
    pub source: CaseSource,
    pub is_heard: bool,
    pub changes: Vec<Change>,
}
#[derive(Clone, Debug, Default)]
pub struct CasePage {
    pub rows: Vec<CaseRow>,
    pub next: Option<CaseCursor>,
}
#[derive(Clone, Debug)]
pub struct CaseDetail {
    pub case: CaseRow,
    pub history: Vec<CaseRow>,
    pub ended_stay: Option<(Option<i64>, i64)>,
}
#[derive(Clone, Debug)]
pub struct ModeratorRow {
    pub moderator: Option<MemberRow>,
    pub actions: Vec<(ModerationAction, u64)>,
    pub reversed: u64,
}
#[derive(Clone, Debug, Default)]
pub struct ModerationSummary {
    pub buckets: Vec<Vec<(ModerationAction, u64)>>,
    pub moderators: Vec<ModeratorRow>,
    pub reversed: Vec<(ModerationAction, u64)>,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuildChangeKind {
    BotAdded,
    BotRemoved,
    Guild,
    RoleAdded,
    RoleChanged,
    RoleRemoved,
    EmojiAdded,
    EmojiChanged,
    EmojiRemoved,
    ChannelAdded,
    ChannelChanged,
    ChannelRemoved,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor {
    pub at_ms: i64,
    pub id: i64,
}
#[derive(Clone, Debug)]
pub struct ChangesQuestion {
    pub guild: GuildId,
    pub from_ms: i64,
    pub to_ms: i64,
    pub kinds: Vec<GuildChangeKind>,
    pub after: Option<ChangeCursor>,
    pub limit: u32,
}
#[derive(Clone, Debug)]
pub struct ChangeRow {
    pub id: i64,
    pub at_ms: i64,
    pub kind: GuildChangeKind,
    pub subject: Option<u64>,
    pub subject_name: Option<String>,
    pub field: Option<String>,
    pub old: Option<String>,
    pub new: Option<String>,
}
#[derive(Clone, Debug, Default)]
pub struct ChangePage {
    pub rows: Vec<ChangeRow>,
    pub next: Option<ChangeCursor>,
}

macro_rules! pending {
    ($($name:ident($($arg:ident: $kind:ty),*) -> $answer:ty;)*) => {
        pub trait Pending {
            $(fn $name(&self, $($arg: $kind),*) -> impl Future<Output = Result<$answer, StoreError>> + Send {
                $(let _ = $arg;)*
                async { Ok(Default::default()) }
            })*
        }
    };
}

pending! {
    moderation_recent(question: &CasesQuestion) -> CasePage;
    moderation_case(guild: GuildId, id: i64, history: u32) -> Option<CaseDetail>;
    moderation_summary(guild: GuildId, bounds: &[i64], limit: u32) -> ModerationSummary;
    guild_changes(question: &ChangesQuestion) -> ChangePage;
    roles(guild: GuildId) -> Vec<RoleRecord>;
    access(guild: GuildId) -> Vec<Access>;
    switches() -> Vec<(GuildId, String)>;
    set_switch(guild: GuildId, event: &str, on: bool) -> ();
}

impl Pending for Store {}
