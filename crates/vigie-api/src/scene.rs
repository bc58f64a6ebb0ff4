//! What a question about activity is put to: a guild, a period, an audience and a part of the guild, all resolved.

use std::sync::Arc;

use vigie_core::vocabulary::GuildId;
use vigie_store::question::{Audience, Scope};

use crate::cache::Key;
use crate::params::AudienceWord;
use crate::params::stats::StatsParams;
use crate::period::{Resolved, Span};
use crate::problem::Problem;
use crate::state::{App, Known};
use crate::types::activity::Step;

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
}

impl Scene {
    /// Resolves a question's parameters.
    ///
    /// # Errors
    /// No such guild or channel, a period that makes no sense.
    pub async fn open(app: &App, guild: GuildId, params: &StatsParams) -> Result<Self, Problem> {
        let known = app.known(guild).await?;
        if params.channel.is_some_and(|channel| known.channels.row(channel).is_none()) {
            return Err(Problem::bad_parameter(
                "channel",
                "no channel with this id is known in this server",
            )
            .remedy("ask /api/v1/guilds/{guild_id}/channels for the channels that are"));
        }
        let resolved = Resolved::new(params, known.guild.first_activity_hour, (app.clock)())?;
        let audience = match params.audience {
            AudienceWord::Humans => Audience::Humans,
            AudienceWord::Bots => Audience::Bots,
            AudienceWord::All => Audience::All,
        };
        let scope = params.channel.map_or(Scope::Guild, Scope::Under);
        Ok(Self { guild, known, resolved, audience, scope })
    }

    /// The same scene, to change a part of.
    pub fn same(&self) -> Self {
        Self {
            guild: self.guild,
            known: Arc::clone(&self.known),
            resolved: self.resolved.clone(),
            audience: self.audience,
            scope: self.scope,
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

    /// The span compared with, where all of it is known.
    pub fn previous(&self) -> Option<Span> {
        self.resolved.known_previous().map(|previous| previous.span)
    }

    /// Said with an answer whose hours of UTC do not fit the hours of the zone.
    pub fn note(&self) -> Option<String> {
        let zone = &self.resolved.zone;
        let Span { from, to } = self.resolved.span;
        (!zone.on_the_hour(from, to)).then(|| {
            format!(
                "{} is not a whole number of hours from UTC: figures are kept by UTC hour, and an hour counts where it begins",
                zone.name()
            )
        })
    }
}
