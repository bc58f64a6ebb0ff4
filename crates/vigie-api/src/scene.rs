//! What a question about activity is put to: a guild, a period, an audience and a part of the guild, all resolved.

use std::sync::Arc;

use tokio::sync::OnceCell;
use vigie_core::vocabulary::{GuildId, UnixMs};
use vigie_store::question::{Audience, Scope};

use crate::cache::Key;
use crate::ledger::{self, ACTIVITY, Ledger};
use crate::params::AudienceWord;
use crate::params::stats::StatsParams;
use crate::period::{Minute, Resolved, Span};
use crate::problem::Problem;
use crate::state::{App, Known};
use crate::types::activity::Step;
use crate::types::coverage::{Coverage, Family};
use crate::types::vocabulary::Note;

/// See the module.
pub struct Scene {
    /// The guild.
    pub guild: GuildId,
    /// Its row and its channels' names.
    pub known: Arc<Known>,
    /// When.
    pub resolved: Resolved,
    /// Who.
    pub audience: Audience,
    /// Where.
    pub scope: Scope,
    /// The instant of the question.
    now: UnixMs,
    /// Coverage from the span compared with until now, read when it is first needed.
    ledger: OnceCell<Arc<Ledger>>,
}

impl Scene {
    /// Resolves a question's parameters.
    ///
    /// # Errors
    /// No such guild or channel, a period that makes no sense.
    pub async fn open(app: &App, guild: GuildId, params: &StatsParams) -> Result<Self, Problem> {
        Self::since(app, guild, params, None).await
    }

    /// The same; `all` begins with this minute if that is earlier than what is known of activity.
    ///
    /// # Errors
    /// Those of [`Scene::open`].
    pub async fn since(
        app: &App,
        guild: GuildId,
        params: &StatsParams,
        earliest: Option<Minute>,
    ) -> Result<Self, Problem> {
        let known = app.known(guild).await?;
        if params.channel.is_some_and(|channel| known.channels.row(channel).is_none()) {
            return Err(Problem::bad_parameter(
                "channel",
                "no channel with this id is known in this server",
            )
            .remedy("ask /api/v1/guilds/{guild_id}/channels for the channels that are"));
        }
        let now = (app.clock)();
        let first = ledger::begin(&known.known_from, &ACTIVITY);
        let first = first.map(|ms| UnixMs(ms).unix_minute());
        let first = [first, earliest].into_iter().flatten().min();
        let resolved = Resolved::new(params, first, now)?;
        let audience = match params.audience {
            AudienceWord::Humans => Audience::Humans,
            AudienceWord::Bots => Audience::Bots,
            AudienceWord::All => Audience::All,
        };
        let scope = params.channel.map_or(Scope::Guild, Scope::Under);
        Ok(Self { guild, known, resolved, audience, scope, now, ledger: OnceCell::new() })
    }

    /// The instant of the question.
    pub fn now(&self) -> UnixMs {
        self.now
    }

    /// The server's coverage from the span compared with until now.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn ledger(&self, app: &App) -> Result<Arc<Ledger>, Problem> {
        let read = async {
            let before = self.resolved.previous.map_or(u32::MAX, |previous| previous.span.from);
            let from = i64::from(before.min(self.resolved.span.from)) * 60_000;
            let told = app.store.coverage(self.guild, from, self.now.0.max(from)).await?;
            Ok::<_, Problem>(Arc::new(Ledger::new(&told, self.known.first_counted(), self.now)))
        };
        self.ledger.get_or_try_init(|| read).await.map(Arc::clone)
    }

    /// What an answer that rests on these families says about its period.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn coverage(&self, app: &App, families: &[Family]) -> Result<Coverage, Problem> {
        Ok(self.ledger(app).await?.coverage(families, self.resolved.span))
    }

    /// The same question about another part of the server.
    pub fn within(&self, scope: Scope) -> Self {
        Self { scope, ..self.same() }
    }

    /// The same question about another audience.
    pub fn among(&self, audience: Audience) -> Self {
        Self { audience, ..self.same() }
    }

    fn same(&self) -> Self {
        Self {
            guild: self.guild,
            known: Arc::clone(&self.known),
            resolved: self.resolved.clone(),
            audience: self.audience,
            scope: self.scope,
            now: self.now,
            ledger: self.ledger.clone(),
        }
    }

    /// The key of an answer: everything it depends on. Requests of the same hour share it; by minutes, those of the same
    /// minute.
    pub fn key(&self, route: &str, params: &impl std::fmt::Debug, step: Option<Step>) -> Key {
        let Resolved { span, now, .. } = self.resolved;
        let running = if step == Some(Step::Minute) { now } else { now / 60 };
        let question = format!("{route} {params:?} {} {} {running}", span.from, span.to);
        Key { guild: self.guild, version: self.known.version, question }
    }

    /// The span compared with, where all of it is known for these families.
    pub fn previous(&self, families: &[Family]) -> Option<Span> {
        self.resolved.previous_since(ledger::begin(&self.known.known_from, families))
    }

    /// Said with an answer whose hours of UTC do not fit the hours of the zone.
    pub fn note(&self) -> Option<Note> {
        let Span { from, to } = self.resolved.span;
        (!self.resolved.zone.on_the_hour(from, to)).then_some(Note::WholeHours)
    }
}
