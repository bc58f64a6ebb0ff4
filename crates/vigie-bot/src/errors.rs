//! What ends a bot, in words that tell an operator what to do.

use std::error::Error;

use vigie_relay::RelayError;

/// Why the bot could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// HTTP 401, or gateway close code 4004.
    #[error(
        "Discord refused the bot token: open https://discord.com/developers/applications, choose the application, page \
         \"Bot\", press \"Reset Token\" and put the new token into DISCORD_TOKEN (the client secret and the public key \
         are other things)"
    )]
    TokenRefused,
    /// The token cannot be one: empty, or with characters that no token has.
    #[error(
        "the bot token is {problem}: set DISCORD_TOKEN to the token shown once after \"Reset Token\" on the page \"Bot\" of \
         the application, https://discord.com/developers/applications"
    )]
    TokenMalformed {
        /// What is wrong with it; never the token itself.
        problem: &'static str,
    },
    /// Gateway close code 4014.
    #[error(
        "Discord refused the intents {intents} (close code 4014): Vigie asks for one privileged intent, \"Server Members Intent\", \
         which tells who joins and who leaves. Either switch it on at https://discord.com/developers/applications, the \
         application, page \"Bot\", \"Privileged Gateway Intents\" (a bot that more than 10,000 people can see needs Discord's \
         approval for it), or set collect.members = false to go without joins and departures"
    )]
    IntentsRefused {
        /// The bits asked for.
        intents: u64,
    },
    /// Gateway close code 4013.
    #[error(
        "Discord does not know the intents {intents} (close code 4013): this version of Vigie no longer fits its gateway, \
         update it"
    )]
    IntentsInvalid {
        /// The bits asked for.
        intents: u64,
    },
    /// Gateway close code 4010.
    #[error(
        "Discord refused shard {shard} of {count} (close code 4010): remove discord.shard_count from the settings to take \
         the number that Discord recommends; very large bots need a multiple of theirs"
    )]
    ShardRefused {
        /// The shard's number.
        shard: u32,
        /// How many there were to be.
        count: u32,
    },
    /// Gateway close code 4011.
    #[error(
        "the bot is in too many servers for {count} shards (close code 4011, at most 2,500 servers each): remove \
         discord.shard_count from the settings to take the number that Discord recommends"
    )]
    ShardingRequired {
        /// How many shards there were.
        count: u32,
    },
    /// Gateway close code 4012.
    #[error("Discord no longer speaks this gateway version (close code 4012): update Vigie")]
    VersionRefused,
    /// Another close code after which Discord forbids to come back.
    #[error(
        "Discord closed shard {shard} for good (close code {code:?}): see the log, then restart"
    )]
    ClosedForGood {
        /// The shard's number.
        shard: u32,
        /// The close code, where one was sent.
        code: Option<u16>,
    },
    /// More shards than a process runs.
    #[error(
        "{count} shards are asked for, at most {max} run in one process: check discord.shard_count and the answer of {url}"
    )]
    TooManyShards {
        /// How many.
        count: u32,
        /// The bound.
        max: u32,
        /// Where the number comes from, unless from the settings.
        url: String,
    },
    /// Not enough session starts are left today.
    #[error(
        "Discord allows {remaining} more session starts and {needed} shards are to start: wait {} before the next try, and \
         see why the bot started so often (the limit is {total} a day)",
        duration_words(*.reset_after_ms)
    )]
    SessionStartsExhausted {
        /// Starts left.
        remaining: u32,
        /// Starts needed.
        needed: u32,
        /// Starts a day.
        total: u32,
        /// Milliseconds until the limit is whole again.
        reset_after_ms: u64,
    },
    /// The HTTP API could not be reached or did not answer like Discord.
    #[error(
        "no gateway to be had from {url}: check the network, a firewall or proxy in between, and discord.api_url in the \
         settings"
    )]
    Unreachable {
        /// The address tried.
        url: String,
        /// What happened.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The HTTP API answered with an error other than 401.
    #[error(
        "{url} answered {status}: if that is Discord, see https://discordstatus.com and try again later; else check \
         discord.api_url in the settings"
    )]
    Refused {
        /// The address tried.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// An address that cannot be one.
    #[error("{what} is not an address that can be used, \"{value}\": {problem}")]
    Address {
        /// Where it comes from.
        what: &'static str,
        /// The address.
        value: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The caller has not chosen one TLS provider for the process.
    #[error(
        "no TLS provider is installed: the program must call \
         rustls::crypto::ring::default_provider().install_default() first"
    )]
    NoTlsProvider,
    /// The outbox refuses what was counted, and always will.
    #[error("what shard {shard} has counted cannot be kept")]
    Outbox {
        /// The shard's number.
        shard: u32,
        /// Why.
        #[source]
        source: RelayError,
    },
    /// The outbox took too long at shutdown.
    #[error(
        "{records} records of shard {shard} were not kept: the outbox took none for {waited_ms} ms; look at the disk and at \
         the database that the outbox empties into"
    )]
    OutboxStuck {
        /// The shard's number.
        shard: u32,
        /// How many records are lost.
        records: usize,
        /// How long was waited.
        waited_ms: u64,
    },
    /// A fault of ours.
    #[error("a shard stopped by a fault of the program: please report it with the log")]
    ShardPanicked {
        /// What the runtime knows of it.
        #[source]
        source: tokio::task::JoinError,
    },
}

/// "3 h 20 min", "50 s".
fn duration_words(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    match (seconds / 3_600, seconds % 3_600 / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_says_when_it_ends() {
        let error = BotError::SessionStartsExhausted {
            remaining: 0,
            needed: 2,
            total: 1_000,
            reset_after_ms: 12_000_001,
        };
        assert!(error.to_string().contains("wait 3 h 20 min"), "{error}");
        assert_eq!(duration_words(1), "1 s");
        assert_eq!(duration_words(61_000), "1 min");
    }
}
