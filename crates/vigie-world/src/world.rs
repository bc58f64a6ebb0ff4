//! The world: everything that the other modules make, under one roof.

use std::sync::Mutex;

use vigie_core::vocabulary::{ChannelId, GuildId, UnixMs, UserId};

use crate::calendar::DAY_MS;
use crate::config::WorldConfig;
use crate::guild::{self, Channel, Guild};
use crate::history::DayCache;
use crate::ids::{IdLayout, user_id};
use crate::people::{Population, User};
use crate::present::Present;
use crate::rhythm::Rhythms;
use crate::society::SocietyPlay;
use crate::truth::{Truth, VoiceLog};

/// Our bot, as it is registered in the imaginary Discord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The id of the application and of its bot user.
    pub id: UserId,
    /// Its name.
    pub name: &'static str,
    /// Its bot user.
    pub user: User,
}

/// An imaginary Discord. See the crate's documentation.
pub struct World {
    pub(crate) config: WorldConfig,
    pub(crate) layout: IdLayout,
    pub(crate) application: Application,
    pub(crate) guilds: Vec<Guild>,
    pub(crate) population: Population,
    pub(crate) rhythms: Rhythms,
    pub(crate) present: Present,
    pub(crate) society_play: SocietyPlay,
    pub(crate) truth: Truth,
    /// What happened in voice, guild by guild.
    pub(crate) voice_logs: Vec<VoiceLog>,
    /// How much of it is kept over all guilds.
    pub(crate) voice_changes: usize,
    pub(crate) days: Mutex<DayCache>,
}

impl World {
    /// The world of this configuration, at its start. Costs a few microseconds and about 5 KB a guild.
    pub fn new(config: WorldConfig) -> Self {
        let config = config.clamped();
        let layout = IdLayout::new(config.guild_count);
        let first_day = config.start.0.div_euclid(DAY_MS) - i64::from(config.history_days);
        let population = Population::new(&config, UnixMs(first_day * DAY_MS));
        let mut guilds = Vec::with_capacity(config.guild_count as usize);
        let mut first_user = population.first_number();
        for (index, members) in guild::sizes(&config).into_iter().enumerate() {
            guilds.push(guild::build(&config, &layout, index as u32, members, first_user));
            first_user += u64::from(members);
        }
        scale_messages(&mut guilds, config.history_messages_per_day);
        let rhythms = Rhythms::new();
        let present = Present::new(&config, &guilds);
        let society_play = SocietyPlay::new(&config, &guilds);
        let mut world = Self {
            layout,
            application: application(config.seed),
            voice_logs: vec![VoiceLog::default(); guilds.len()],
            voice_changes: 0,
            guilds,
            population,
            rhythms,
            present,
            society_play,
            truth: Truth::new(),
            days: Mutex::default(),
            config,
        };
        world.seat_voice();
        world
    }

    /// The configuration, as it was clamped.
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// Our bot.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// All guilds. Our bot is in all of them.
    pub fn guilds(&self) -> &[Guild] {
        &self.guilds
    }

    /// The guild of this id.
    pub fn guild(&self, id: GuildId) -> Option<&Guild> {
        self.guild_of(id.0).filter(|guild| guild.id == id)
    }

    /// The channel, category or thread of this id and its guild.
    pub fn channel(&self, id: ChannelId) -> Option<(&Guild, &Channel)> {
        let guild = self.guild_of(id.0)?;
        guild.channel(id).map(|channel| (guild, channel))
    }

    /// The account of this id; `None` for an id that this world never gave (webhooks have none).
    pub fn user(&self, id: UserId) -> Option<User> {
        self.population.user(&self.guilds, id).or_else(|| {
            let guild = self.guild_of(id.0)?;
            let is_known = self.society(guild).accounts.contains(&id);
            is_known.then(|| self.population.stranger(guild, id))
        })
    }

    /// True totals of what [`World::play_until`] played, without time in voice, which goes on: see [`World::truth_at`].
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Forgets live truth before an hour (since 1970), for worlds that play for weeks.
    pub fn forget_truth_before(&mut self, unix_hour: u32) {
        self.truth.forget_before(unix_hour);
        self.forget_voice_before(unix_hour);
    }

    pub(crate) fn guild_of(&self, id: u64) -> Option<&Guild> {
        self.guilds.get(self.layout.guild_index(id) as usize)
    }
}

fn application(seed: u64) -> Application {
    let id = user_id(seed, 0);
    let user = crate::people::own_bot(seed, id);
    Application { id, name: "Vigie", user }
}

/// Brings the mean of all guilds to the wanted messages a day.
fn scale_messages(guilds: &mut [Guild], wanted: Option<f64>) {
    let Some(wanted) = wanted else { return };
    let mean = guilds.iter().map(|guild| guild.daily_messages).sum::<f64>() / guilds.len() as f64;
    guilds.iter_mut().for_each(|guild| guild.daily_messages *= wanted / mean);
}
