//! What a shard keeps of itself in the outbox, and how it comes back from there.

use std::collections::HashSet;

use vigie_core::vocabulary::{Fact, GuildId, MessageFact, MessageId, Record, UnixMs};
use vigie_core::{Core, CoreConfig};
use vigie_relay::Recovery;
use vigie_wire::checkpoint::{self, ShardCheckpoint};
use vigie_wire::journal::{self, GatewaySession, Step};

use super::{DeskConfig, Layout};
use crate::intents::covers;
use crate::status::Restart;

/// A shard as it was when its last commit was written.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) core: Core,
    pub(super) session: Option<GatewaySession>,
    pub(super) heard: Option<UnixMs>,
    pub(super) newest_message: MessageId,
    pub(super) guilds: HashSet<GuildId>,
    pub(super) restart: Restart,
    /// What the core has to say of its start.
    pub(super) records: Vec<Record>,
    /// What of it could not be used, in words for the log.
    pub(super) damage: Vec<String>,
}

impl Kept {
    /// Rebuilds it: the checkpoint, then every fact journaled since, to the bit. What the core makes of them stands in the
    /// outbox already and is thrown away.
    pub(super) fn rebuild(config: &DeskConfig, recovery: &Recovery) -> Self {
        let mut damage: Vec<String> = recovery.damage.iter().map(ToString::to_string).collect();
        let mut kept = match recovery.checkpoint.as_deref().map(checkpoint::decode) {
            Some(Ok(checkpoint)) => {
                let mut kept = Self::restore(config.core, checkpoint);
                kept.replay(recovery, &mut damage);
                kept
            }
            Some(Err(error)) => {
                damage.push(format!("the checkpoint cannot be read: {error}"));
                Self::empty(config.core)
            }
            None => Self::empty(config.core),
        };
        let Layout { shard_count, .. } = config.layout;
        if let Some(session) = kept.session.as_ref().filter(|it| it.shard_count != shard_count) {
            damage.push(format!(
                "the state was that of one shard of {} and is of no use to one of {shard_count}: its guilds may be \
                 another's now",
                session.shard_count
            ));
            let mut records = Vec::new();
            kept.core.abandon(&mut records);
            kept = Self { records, ..Self::empty(config.core) };
        }
        // A session of other intents would go on without what is asked for now, or with what no longer is.
        let resumes = kept.session.as_ref().filter(|it| config.layout.resumes(it.intents));
        let listens_to = resumes.map_or(config.core.covers, |session| covers(session.intents));
        let resumes = resumes.is_some();
        kept.core.switch(listens_to, &mut kept.records);
        kept.restart = match (resumes, damage.is_empty()) {
            (true, _) => Restart::Resuming,
            (false, _) if kept.heard.is_some() || kept.session.is_some() => Restart::NewSession,
            (false, true) => Restart::First,
            (false, false) => Restart::StateLost,
        };
        kept.damage = damage;
        kept
    }

    fn empty(config: CoreConfig) -> Self {
        Self {
            core: Core::new(config),
            session: None,
            heard: None,
            newest_message: MessageId::default(),
            guilds: HashSet::new(),
            restart: Restart::First,
            records: Vec::new(),
            damage: Vec::new(),
        }
    }

    fn restore(config: CoreConfig, checkpoint: ShardCheckpoint) -> Self {
        // It was made with what its session tells of.
        let covers = checkpoint.session.as_ref().map(|session| covers(session.intents));
        let config = CoreConfig { covers: covers.unwrap_or(config.covers), ..config };
        Self {
            core: Core::restore(config, &checkpoint.core),
            session: checkpoint.session,
            heard: checkpoint.core.heard_until,
            newest_message: checkpoint.core.newest_message,
            guilds: checkpoint.core.guilds.iter().map(|guild| guild.id).collect(),
            restart: Restart::First,
            records: Vec::new(),
            damage: Vec::new(),
        }
    }

    /// Tells the core again what it was told. A frame that cannot be read ends this: what follows belongs to a state that
    /// was not reached, and Discord is asked for it again.
    fn replay(&mut self, recovery: &Recovery, damage: &mut Vec<String>) {
        let mut records = Vec::new();
        for (number, frame) in recovery.journal.iter().enumerate() {
            for step in journal::read(frame) {
                let (at, sequence, step) = match step {
                    Ok(step) => step,
                    Err(error) => {
                        damage
                            .push(format!("frame {number} of the journal cannot be read: {error}"));
                        return;
                    }
                };
                self.step(at, sequence, step, &mut records);
                records.clear();
            }
        }
    }

    fn step(&mut self, at: UnixMs, sequence: u64, step: Step<'_>, records: &mut Vec<Record>) {
        match step {
            Step::Session(session) => {
                self.core.switch(covers(session.intents), records);
                self.session = Some(session);
            }
            Step::Wake => self.core.wake(at, records),
            Step::Flush => self.core.flush(at, records),
            Step::Fact(fact) => {
                if !super::is_answer(&fact) {
                    self.heard = Some(at);
                }
                if let Some(session) = &mut self.session {
                    session.sequence = sequence;
                }
                if let Fact::Message(MessageFact { message, .. })
                | Fact::UncountedMessage(.., message) = &fact
                {
                    self.newest_message = self.newest_message.max(*message);
                }
                super::note_guild(&mut self.guilds, &fact);
                self.core.handle(at, fact, records);
            }
        }
    }
}
