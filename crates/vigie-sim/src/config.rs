//! What a simulator is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use vigie_world::WorldConfig;

use crate::gateway::intents::Intents;

/// Settings of a [`Simulator`](crate::Simulator). Start from [`SimConfig::new`] and change what differs.
#[derive(Clone)]
pub struct SimConfig {
    /// Where to listen; port 0 takes a free one. Gateway, REST, CDN and control door share the port.
    pub listen: SocketAddr,
    /// Tokens that log in, bare (without `Bot `). Empty: any token does.
    pub token: Vec<String>,
    /// Whether `/_sim/*` exists. It answers loopback peers only.
    pub control: bool,
    /// The imaginary Discord that is played.
    pub world: WorldConfig,
    /// How much faster than ours the world's clock runs. At least 0.001.
    pub speed: f64,
    /// Age up to which dispatches are kept for RESUME, in milliseconds; also how long a session waits for it.
    pub replay_window_ms: u64,
    /// Dispatches kept for RESUME, per session.
    pub replay_events_max: usize,
    /// HELLO's `heartbeat_interval`, in milliseconds.
    pub heartbeat_interval_ms: u64,
    /// Identify buckets (`shard_id % max_concurrency`), each good for one IDENTIFY per `identify_interval_ms`.
    pub max_concurrency: u32,
    /// Least time between two IDENTIFYs of one bucket, in milliseconds.
    pub identify_interval_ms: u64,
    /// IDENTIFYs per bot in 24 hours. On excess its sessions end and its token is refused from then on.
    pub session_starts_max: u32,
    /// Guilds that one shard may hold; an unsharded bot must have fewer. Else 4011.
    pub guilds_per_shard_max: u32,
    /// Guilds per shard from which `GET /gateway/bot` computes its recommendation.
    pub guilds_per_shard_advised: u32,
    /// Privileged intents that are switched on for the application, as bits; asking for another is refused with 4014.
    /// Also gates `GET /guilds/{id}/members`. The fault `privileged_intents` changes them.
    pub privileged_intents: u64,
    /// Whether REST rate limits are enforced.
    pub rest_limits: bool,
    /// Requests per second and bot over all REST routes.
    pub rest_requests_per_second: u32,
}

impl SimConfig {
    /// A simulator of this world on a free loopback port, with Discord's own limits and the control door closed.
    pub fn new(world: WorldConfig) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: Vec::new(),
            control: false,
            world,
            speed: 1.0,
            replay_window_ms: 180_000,
            replay_events_max: 10_000,
            heartbeat_interval_ms: 41_250,
            max_concurrency: 1,
            identify_interval_ms: 5_000,
            session_starts_max: 1_000,
            guilds_per_shard_max: 2_500,
            guilds_per_shard_advised: 1_000,
            privileged_intents: Intents::PRIVILEGED.0,
            rest_limits: true,
            rest_requests_per_second: 50,
        }
    }
}

impl fmt::Debug for SimConfig {
    /// Without the tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimConfig")
            .field("listen", &self.listen)
            .field("tokens", &self.token.len())
            .field("control", &self.control)
            .field("speed", &self.speed)
            .finish_non_exhaustive()
    }
}
