//! The threads that a guild has when the present begins.

use vigie_core::vocabulary::{ChannelId, ChannelKind, UnixMs};

use super::{Access, Channel, Guild, Purpose, Thread};
use crate::calendar::DAY_MS;
use crate::config::WorldConfig;
use crate::ids::IdLayout;
use crate::limits;
use crate::names::talk;
use crate::people;
use crate::rng::Rng;

/// The threads opened over the history and the week before it, seeded by calendar day.
pub(super) fn threads(config: &WorldConfig, layout: &IdLayout, guild: &Guild) -> Vec<Channel> {
    let homes: Vec<&Channel> = guild
        .channels
        .iter()
        .filter(|channel| matches!(channel.purpose, Purpose::Forum | Purpose::Talk))
        .collect();
    let today = config.start.0.div_euclid(DAY_MS);
    let a_day = (guild.daily_messages / 700.0).clamp(0.02, 4.0);
    let mut threads = Vec::new();
    for day in today - i64::from(config.history_days.min(90)) - 7..=today {
        let mut rng = Rng::of(&[guild.seed, 0x7425, day as u64]);
        let mut opened: Vec<i64> = (0..rng.arrivals(a_day))
            .map(|_| day * DAY_MS + rng.below(DAY_MS as u64) as i64)
            .filter(|&at| at < config.start.0)
            .collect();
        opened.sort_unstable();
        opened.dedup();
        for at in opened {
            threads.push(thread(layout, guild, &homes, &mut rng, UnixMs(at), config.start));
        }
    }
    bound_threads(&mut threads, config.start);
    threads
}

fn thread(
    layout: &IdLayout,
    guild: &Guild,
    homes: &[&Channel],
    rng: &mut Rng,
    at: UnixMs,
    start: UnixMs,
) -> Channel {
    let forums = homes.iter().filter(|home| home.purpose == Purpose::Forum).count();
    let forum = (forums > 0 && rng.chance(0.75)).then(|| rng.below(forums as u64) as usize);
    let home = match forum {
        Some(nth) => homes.iter().filter(|home| home.purpose == Purpose::Forum).nth(nth),
        None => homes.get(rng.below(homes.len() as u64) as usize),
    };
    let archived_at = UnixMs(at.0 + DAY_MS + (rng.waiting() * 3.0 * DAY_MS as f64) as i64);
    Channel {
        id: ChannelId(layout.id(at, guild.index)),
        kind: ChannelKind(11),
        name: talk::thread_title(guild.community, guild.language, rng),
        parent: home.map(|home| home.id),
        position: 0,
        topic: None,
        slow_mode_s: 0,
        purpose: Purpose::Thread,
        access: Access::FULL,
        thread: Some(Box::new(Thread {
            owner: people::regular(guild, rng),
            created_at: at,
            archived_at: (archived_at < start).then_some(archived_at),
            message_count: 2 + rng.failures(14.0),
            member_count: 1 + rng.failures(4.0).min(40) as u8,
        })),
    }
}

/// Keeps [`limits::ACTIVE_THREADS_MAX`] active threads and [`limits::THREADS_MAX`] in all, the newest ones.
fn bound_threads(threads: &mut Vec<Channel>, now: UnixMs) {
    let active = threads.iter().filter(|thread| thread.is_active_thread()).count();
    let too_many = active.saturating_sub(limits::ACTIVE_THREADS_MAX);
    let oldest = threads.iter_mut().filter(|thread| thread.is_active_thread()).take(too_many);
    for thread in oldest.filter_map(|channel| channel.thread.as_mut()) {
        thread.archived_at = Some(UnixMs(now.0 - 1));
    }
    let beyond = threads.len().saturating_sub(limits::THREADS_MAX);
    threads.drain(..beyond);
}
