//! Emoji: the unicode ones people react with, and names for a guild's own.

/// Unicode emoji, the most used first; each guild prefers its own part of them.
pub(crate) const UNICODE: &[&str] = &[
    "👍", "❤️", "😂", "🔥", "🎉", "👀", "😭", "💀", "🙏", "✅", "😍", "💯", "🤔", "👏", "🚀", "😅",
    "🥳", "💪", "😎", "🤣", "👋", "🫡", "✨", "😢", "🤝", "❓", "🐛", "☕", "🏔️", "🎮", "🍕", "🌞",
    "👎", "🤯", "🧡", "⭐",
];

/// Names of custom emoji, and whether such a one moves.
pub(crate) const CUSTOM: &[(&str, bool)] = &[
    ("pog", false),
    ("blobwave", true),
    ("sadcat", false),
    ("catjam", true),
    ("ggwp", false),
    ("thisisfine", false),
    ("partyblob", true),
    ("lurk", false),
    ("kekw", false),
    ("hype", true),
    ("approved", false),
    ("nope", false),
    ("heartbeat", true),
    ("bonk", false),
    ("coffeetime", false),
    ("shipit", false),
    ("rubberduck", false),
    ("mergeit", false),
    ("wellplayed", false),
    ("salute", false),
    ("sparkle_pink", true),
    ("ember", false),
    ("potion", false),
    ("loot", false),
    ("dragon_egg", false),
    ("marmotte", false),
    ("gros_sac", false),
    ("boussole", false),
    ("dodo", false),
    ("inside_joke", false),
];
