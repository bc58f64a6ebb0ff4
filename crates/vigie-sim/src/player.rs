//! The world's clock, and what it brings to the sessions.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use vigie_core::vocabulary::UnixMs;
use vigie_world::{Event, World};

use crate::hub::Hub;
use crate::limits::{JANITOR_MS, TICK_MS};
use crate::sync::write;

/// After a pause the player catches up in steps of this many milliseconds (at the world's speed), so that others get at
/// the world between them.
const SLICE_MS: f64 = 100.0;

/// Starts the thread that plays the world until the simulator stops. The handle ends with it.
pub(crate) fn start(hub: Arc<Hub>) -> std::io::Result<JoinHandle<()>> {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::Builder::new().name("vigie-sim-player".to_owned()).spawn(move || {
        let _ended = ended;
        Player::new(hub).run();
    })?;
    Ok(tokio::spawn(async move {
        // An error is the end of the thread, which is what is awaited.
        let _ = end.await;
    }))
}

struct Player {
    hub: Arc<Hub>,
    begun: bool,
    swept: Instant,
    events: Vec<Event>,
    text: String,
    /// How much of the world's time is played under one lock.
    slice_ms: i64,
}

impl Player {
    fn new(hub: Arc<Hub>) -> Self {
        let slice_ms = (hub.clock.speed().max(1.0) * SLICE_MS) as i64;
        let (events, text) = (Vec::new(), String::new());
        Self { hub, begun: false, swept: Instant::now(), events, text, slice_ms }
    }

    fn run(mut self) {
        while !self.hub.stop.is_cancelled() {
            let tick = Instant::now();
            self.tick();
            std::thread::sleep(Duration::from_millis(TICK_MS).saturating_sub(tick.elapsed()));
        }
    }

    fn tick(&mut self) {
        if self.swept.elapsed() >= Duration::from_millis(JANITOR_MS) {
            self.swept = Instant::now();
            self.hub.sweep();
        }
        if self.begun {
            self.play();
        } else if self.hub.traffic_begun.load(Ordering::Acquire) {
            self.begun = true;
            skip_to_now(&self.hub, &mut write(&self.hub.world));
        }
    }

    /// Plays what has happened since the last tick and hands it to the sessions. The world stays locked until both are
    /// done: whoever asks it for its truth afterwards knows that all of it is on its way.
    fn play(&mut self) {
        let hub = Arc::clone(&self.hub);
        let now = hub.clock.now();
        while !hub.stop.is_cancelled() {
            let mut world = write(&hub.world);
            let slice_end = UnixMs(world.clock().0 + self.slice_ms).min(now);
            self.events.clear();
            world.play_until(slice_end, &mut self.events);
            hub.deliver(&world, &self.events, &mut self.text);
            hub.silence_when_due(&mut world);
            if world.clock() >= now {
                return;
            }
        }
    }
}

/// The world's time passes in silence up to now: nothing happens that nobody could hear.
fn skip_to_now(hub: &Hub, world: &mut World) {
    let rate = world.events_per_second();
    world.set_events_per_second(0.0);
    world.play_until(hub.clock.now(), &mut Vec::new());
    world.set_events_per_second(rate);
}
