//! Finding members by the beginning of their name.

use vigie_world::{Guild, Member, World};

/// Members whose username or nickname begins with `prefix` (letters of any case), by their place; at most `limit`.
/// Looks at every member in turn: about a microsecond each.
pub(crate) fn search(world: &World, guild: &Guild, prefix: &str, limit: usize) -> Vec<Member> {
    let prefix = prefix.to_lowercase();
    let begins = |name: &str| name.to_lowercase().starts_with(&prefix);
    guild
        .members()
        .map(|index| world.member(guild, index))
        .filter(|member| {
            begins(&member.user.username) || member.nick.as_deref().is_some_and(begins)
        })
        .take(limit)
        .collect()
}
