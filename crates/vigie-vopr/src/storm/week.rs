//! A week of many guilds in virtual time: people come and go, moderators act, raids and crowds, and the tables beside the truth.
//!
//! Nothing goes wrong here but the crowds themselves: what is missed in storms is [`super`]'s. The shares of the attributions by
//! method and confidence are printed, for they are the measure of the product; an `exact` one that is wrong is a failure.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use vigie_core::vocabulary::UnixMs;
use vigie_world::{Deed, Raid};

use super::client::{Client, Disk};
use super::discord::{Discord, Greeting};
use super::ledger::Ledger;
use super::line::{self, Line};
use super::plan::Plan;
use super::{BEAT_MS, judge};
use crate::rows::Rows;
use crate::society::{self, Hearing, Truth, Verdict};

/// How much is played at a time: what is read over REST is at most so far ahead of what was heard.
const STEP_MS: i64 = 250;

const HOUR_MS: i64 = 3_600_000;

/// Crowds a day: twenty people in the same second by three codes.
const RUSHES_PER_DAY: u32 = 12;

/// Raids a day, in guilds of any size.
const RAIDS_PER_DAY: u32 = 3;

/// How large a week is.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// What everything is drawn from.
    pub seed: u64,
    /// Guilds, of 8 to `members_max` members.
    pub guilds: u32,
    /// Members of the largest guild.
    pub members_max: u32,
    /// Days.
    pub days: u32,
    /// Live events a second over all guilds, beside members and moderation.
    pub events_per_second: f64,
}

/// Plays it and prints what it showed.
///
/// # Errors
/// Rows that differ from the truth, with the first of them.
pub fn run(parameters: Parameters) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let verdict = runtime.block_on(Week::play(parameters))?;
    println!("{} guilds, {} days: {verdict}", parameters.guilds, parameters.days);
    verdict.differences.iter().take(20).for_each(|line| println!("  {line}"));
    if !verdict.differences.is_empty() {
        bail!("{} rows differ from the truth", verdict.differences.len());
    }
    println!("every row equals the truth");
    Ok(())
}

struct Week {
    discord: Discord,
    client: Client,
    line: Line,
    beaten_at: UnixMs,
}

impl Week {
    async fn play(parameters: Parameters) -> Result<Verdict> {
        let folder = super::memory_folder()?;
        let plan = plan(parameters);
        let mut discord = Discord::new(&plan);
        discord.forgets();
        let mut line = Line::open(folder.path(), plan.seed).await?;
        let disk = Arc::<Disk>::default();
        let mut client = Client::start(&plan, folder.path(), &disk, plan.start).await?;
        line.start(&client.outbox);
        let Greeting::Ready { session, frames } = discord.connect(plan.start, None) else {
            bail!("the gateway refused a new session");
        };
        client.session_is(plan.start, session);
        frames.iter().for_each(|frame| client.hear(plan.start, frame));
        let mut week = Self { discord, client, line, beaten_at: plan.start };
        for hour in 1..=i64::from(parameters.days) * 24 {
            week.live_until(UnixMs(plan.start.0 + hour * HOUR_MS), &plan).await?;
            week.line.drain().await?;
        }
        // What is under way ends, and everything that is still to be read is read.
        week.discord.silence();
        week.live_until(UnixMs(plan.end.0 + HOUR_MS), &plan).await?;
        week.end(UnixMs(plan.end.0 + HOUR_MS), folder.path()).await
    }

    async fn live_until(&mut self, end: UnixMs, plan: &Plan) -> Result<()> {
        let mut deeds = plan.deeds.iter().peekable();
        while self.discord.world().clock() < end {
            let now = self.discord.world().clock();
            let next = UnixMs((now.0 + STEP_MS).min(end.0));
            let mut frames = Vec::new();
            while let Some((at, guild, deed)) = deeds.peek()
                && *at < next
            {
                if *at >= now {
                    frames.extend(self.discord.act_out(*guild, deed.clone()));
                }
                deeds.next();
            }
            frames.extend(self.discord.play_until(next));
            for frame in &frames {
                self.client.tick(&self.discord, frame.at, true).await?;
                self.client.hear(frame.at, frame);
            }
            if next.0 - self.beaten_at.0 >= BEAT_MS {
                self.client.desk.alive(next);
                self.beaten_at = next;
            }
            self.client.tick(&self.discord, next, true).await?;
            self.client.read(&self.discord, next, true);
        }
        Ok(())
    }

    async fn end(mut self, now: UnixMs, folder: &std::path::Path) -> Result<Verdict> {
        self.client.desk.alive(now);
        self.client.finish(now).await.context("the last flush failed")?;
        self.line.drain().await?;
        self.line.close().await?;
        let url = format!("sqlite://{}", line::database(folder).display());
        let rows = Rows::of(&url);
        let ledger = Ledger::new(&rows.coverage().await);
        let hearing = Hearing {
            ledger: &ledger,
            slack_ms: judge::EXACT_MS,
            lists_members: true,
            reads_audits: true,
        };
        println!("{} readings over REST", self.client.readings);
        let truth = Truth::of(self.discord.world());
        Ok(society::judge(&truth, &rows.society().await, &hearing))
    }
}

fn plan(parameters: Parameters) -> Plan {
    let base = Plan::of(parameters.seed);
    let end = UnixMs(base.start.0 + i64::from(parameters.days) * 24 * HOUR_MS);
    let mut dice = fastrand::Rng::with_seed(parameters.seed ^ 0x3ee1);
    let mut deeds = Vec::new();
    let mut many = |count: u32, deed: fn(&mut fastrand::Rng) -> Deed| {
        for _ in 0..count * parameters.days {
            let at = UnixMs(dice.i64(base.start.0 + HOUR_MS..end.0 - HOUR_MS));
            deeds.push((at, dice.u32(0..parameters.guilds), deed(&mut dice)));
        }
    };
    many(RUSHES_PER_DAY, |_| Deed::Rush { joins: 20, codes: 3 });
    many(RAIDS_PER_DAY, |dice| Deed::Raid(Raid::of(dice.u32(50..600))));
    deeds.sort_by_key(|(at, ..)| *at);
    Plan {
        guilds: parameters.guilds,
        members_max: parameters.members_max,
        events_per_second: parameters.events_per_second,
        joins_per_hour: None,
        end,
        flush_interval_ms: 60_000,
        pending_bytes_max: 1 << 30,
        troubles: Vec::new(),
        deeds,
        ..base
    }
}
