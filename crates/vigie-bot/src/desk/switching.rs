//! What a desk does when something is switched on or off.

use std::sync::Arc;

use vigie_core::vocabulary::{Fact, GuildId, UnixMs, VoiceFact, VoiceState};

use super::Desk;
use crate::switches::Switches;

/// The event that tells who is in voice.
const VOICE: &str = "VOICE_STATE_UPDATE";

impl Desk {
    /// Hears what is switched off from now on. Where voice is, those who are in it are taken for gone: what they do is not heard any
    /// more.
    pub fn switch(&mut self, now: UnixMs, switches: &Arc<Switches>) {
        let before = std::mem::replace(&mut self.switches, Arc::clone(switches));
        let is_new = |guild: GuildId| !before.is_off(guild, VOICE) && switches.is_off(guild, VOICE);
        // A checkpoint says who is in voice, and holds only after a flush.
        if !self.core.guilds().into_iter().any(is_new) {
            return;
        }
        self.flush(now);
        let sessions = self.core.checkpoint().voice;
        let mut gone: Vec<_> = sessions.iter().map(|one| (one.guild, one.member)).collect();
        gone.retain(|(guild, _)| is_new(*guild));
        gone.dedup();
        for (guild, member) in gone {
            let state = VoiceState::default();
            let left = VoiceFact { guild, member, person: None, channel: None, state };
            self.fact(now, self.sequence(), Fact::Voice(left));
        }
        self.keep_bounds(now);
    }
}
