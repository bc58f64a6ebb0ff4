//! The channels, roles, bots and webhooks that each kind of community opens, and from how many members on.

use super::Language;
use crate::guild::Purpose;
use crate::rhythm::Community;

/// One row of a guild's channel list; rows follow their category.
pub(crate) struct Row {
    /// Members from which a guild has it.
    pub(crate) from_members: u32,
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// Its share of the talk, against its siblings.
    pub(crate) weight: u16,
}

const fn row(from_members: u32, name: &'static str, purpose: Purpose, weight: u16) -> Row {
    Row { from_members, name, purpose, weight }
}

/// The channel list of a community.
pub(crate) fn channels(community: Community, language: Language) -> &'static [Row] {
    match (community, language) {
        (Community::Game, _) => GAME,
        (Community::Project, _) => PROJECT,
        (Community::Association, Language::French) => ASSOCIATION_FRENCH,
        (Community::Association, Language::English) => ASSOCIATION_ENGLISH,
        (Community::Friends, Language::French) => FRIENDS_FRENCH,
        (Community::Friends, Language::English) => FRIENDS_ENGLISH,
        (Community::Study, _) => STUDY,
        (Community::Creators, _) => CREATORS,
    }
}

/// Roles of a community from the highest: name, colour, permissions, and share of the members who have it.
pub(crate) fn roles(
    community: Community,
    language: Language,
) -> &'static [(&'static str, u32, Powers, f64)] {
    match (community, language) {
        (Community::Game, _) => &[
            ("Studio", 0xe6_7e22, Powers::Everything, 0.0003),
            ("Moderator", 0x2e_cc71, Powers::Moderation, 0.0008),
            ("Tester", 0x9b_59b6, Powers::None, 0.006),
            ("Veteran", 0xf1_c40f, Powers::None, 0.03),
            ("Explorer", 0x34_98db, Powers::None, 0.34),
        ],
        (Community::Project, _) => &[
            ("Maintainer", 0xe9_1e63, Powers::Everything, 0.002),
            ("Core team", 0x11_806a, Powers::Moderation, 0.005),
            ("Contributor", 0x20_6694, Powers::None, 0.06),
            ("User", 0x60_7d8b, Powers::None, 0.5),
        ],
        (Community::Association, Language::French) => &[
            ("Bureau", 0xc2_7c0e, Powers::Everything, 0.02),
            ("Encadrant", 0x1f_8b4c, Powers::Moderation, 0.05),
            ("Adhérent", 0x34_98db, Powers::None, 0.75),
        ],
        (Community::Association, Language::English) => &[
            ("Committee", 0xc2_7c0e, Powers::Everything, 0.02),
            ("Organiser", 0x1f_8b4c, Powers::Moderation, 0.05),
            ("Member", 0x34_98db, Powers::None, 0.75),
        ],
        (Community::Friends, _) => &[("king of the couch", 0xe7_4c3c, Powers::Everything, 0.25)],
        (Community::Study, _) => &[
            ("Staff", 0xe7_4c3c, Powers::Everything, 0.002),
            ("Tutor", 0x2e_cc71, Powers::Moderation, 0.01),
            ("Year 3", 0x99_2d22, Powers::None, 0.2),
            ("Year 2", 0x71_368a, Powers::None, 0.25),
            ("Year 1", 0x34_98db, Powers::None, 0.35),
        ],
        (Community::Creators, _) => &[
            ("Crew", 0xad_1457, Powers::Everything, 0.001),
            ("Moderator", 0x2e_cc71, Powers::Moderation, 0.003),
            ("Supporter", 0xf1_c40f, Powers::None, 0.05),
            ("Regular", 0x1a_bc9c, Powers::None, 0.2),
        ],
    }
}

/// What a role may do, in the few kinds a world needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Powers {
    /// Nothing more than everybody.
    None,
    /// Kicks, bans, deletes and times out.
    Moderation,
    /// Administrator.
    Everything,
}

/// Webhooks of a community: name, and the purpose of the channel they write in.
pub(crate) fn webhooks(community: Community) -> &'static [(&'static str, Purpose)] {
    match community {
        Community::Game => {
            &[("Patch Notes", Purpose::Announcements), ("Server Status", Purpose::Feed)]
        }
        Community::Project => &[
            ("Forge CI", Purpose::Feed),
            ("Releases", Purpose::Announcements),
            ("Issue Tracker", Purpose::Feed),
        ],
        Community::Association => &[("Agenda", Purpose::Announcements)],
        Community::Friends => &[],
        Community::Study => &[("Timetable", Purpose::Announcements)],
        Community::Creators => {
            &[("Now live", Purpose::Announcements), ("New upload", Purpose::Feed)]
        }
    }
}

/// Bots that many guilds know: username and display name. None of them exists.
pub(crate) const BOTS: &[(&str, &str)] = &[
    ("vigie", "Vigie"),
    ("sentry-owl", "Sentry Owl"),
    ("melodica", "Melodica"),
    ("dicetray", "Dicetray"),
    ("ticketfox", "Ticketfox"),
    ("pollinator", "Pollinator"),
    ("levelmoth", "Levelmoth"),
    ("remindly", "Remindly"),
    ("translatr", "Translatr"),
    ("welcomat", "Welcomat"),
    ("quizling", "Quizling"),
    ("logkeeper", "Logkeeper"),
];

/// Commands that people give to bots.
pub(crate) const COMMANDS: &[&str] = &[
    "rank",
    "play",
    "roll",
    "help",
    "stats",
    "remind",
    "poll",
    "daily",
    "profile",
    "skip",
    "quiz",
    "translate",
];

use Purpose::{
    Announcements, Category, Commands, Feed, Forum, Hidden, ReadOnly, Stage, Talk, Voice, VoiceAfk,
};

const GAME: &[Row] = &[
    row(0, "Start here", Category, 0),
    row(30, "welcome", ReadOnly, 0),
    row(0, "rules", ReadOnly, 0),
    row(20, "announcements", Announcements, 0),
    row(2_000, "patch-notes", Announcements, 0),
    row(2_000, "server-status", Feed, 0),
    row(0, "Community", Category, 0),
    row(0, "general", Talk, 300),
    row(400, "introductions", Talk, 26),
    row(60, "memes", Talk, 110),
    row(40, "screenshots", Talk, 76),
    row(80, "off-topic", Talk, 120),
    row(3_000, "pets", Talk, 30),
    row(3_000, "music-corner", Talk, 18),
    row(0, "Playing", Category, 0),
    row(100, "game-chat", Talk, 190),
    row(20, "looking-for-squad", Talk, 92),
    row(200, "builds-and-guides", Talk, 48),
    row(1_000, "trading-post", Talk, 44),
    row(1_500, "lore-and-theories", Talk, 22),
    row(500, "help", Talk, 60),
    row(1_000, "bug-reports", Forum, 0),
    row(1_000, "suggestions", Forum, 0),
    row(8_000, "Languages", Category, 0),
    row(8_000, "français", Talk, 46),
    row(8_000, "deutsch", Talk, 34),
    row(8_000, "español", Talk, 38),
    row(20_000, "português", Talk, 24),
    row(5_000, "Events", Category, 0),
    row(5_000, "tournaments", Talk, 22),
    row(5_000, "fan-art", Talk, 20),
    row(5_000, "Town Hall", Stage, 0),
    row(0, "Voice", Category, 0),
    row(50, "bot-commands", Commands, 8),
    row(0, "Lobby", Voice, 0),
    row(60, "Squad 1", Voice, 0),
    row(500, "Squad 2", Voice, 0),
    row(3_000, "Squad 3", Voice, 0),
    row(3_000, "Squad 4", Voice, 0),
    row(100, "AFK", VoiceAfk, 0),
    row(300, "Staff", Category, 0),
    row(300, "staff-lounge", Hidden, 0),
    row(3_000, "mod-log", Hidden, 0),
];

const PROJECT: &[Row] = &[
    row(0, "Information", Category, 0),
    row(0, "welcome", ReadOnly, 0),
    row(0, "announcements", Announcements, 0),
    row(100, "commits", Feed, 0),
    row(0, "Users", Category, 0),
    row(0, "general", Talk, 170),
    row(0, "help", Talk, 260),
    row(150, "showcase", Talk, 46),
    row(800, "styling-and-themes", Talk, 60),
    row(800, "data-and-imports", Talk, 54),
    row(400, "questions", Forum, 0),
    row(0, "Contributors", Category, 0),
    row(0, "dev", Talk, 210),
    row(200, "rendering", Talk, 110),
    row(300, "plugins", Talk, 72),
    row(600, "docs", Talk, 40),
    row(600, "infrastructure", Talk, 38),
    row(1_500, "good-first-issues", Talk, 24),
    row(0, "Lounge", Category, 0),
    row(60, "off-topic", Talk, 84),
    row(1_000, "jobs", Talk, 10),
    row(60, "bot-commands", Commands, 6),
    row(0, "Weekly call", Voice, 0),
    row(500, "Pairing", Voice, 0),
    row(2_000, "Conference", Stage, 0),
    row(200, "Core team", Category, 0),
    row(200, "core", Hidden, 0),
];

const ASSOCIATION_FRENCH: &[Row] = &[
    row(0, "Accueil", Category, 0),
    row(0, "bienvenue", ReadOnly, 0),
    row(0, "annonces", Announcements, 0),
    row(60, "présentations", Talk, 22),
    row(0, "Vie de l'association", Category, 0),
    row(0, "général", Talk, 220),
    row(0, "sorties", Talk, 180),
    row(40, "covoiturage", Talk, 96),
    row(80, "matériel", Talk, 70),
    row(40, "photos", Talk, 84),
    row(120, "météo-et-conditions", Talk, 64),
    row(150, "débutants", Talk, 34),
    row(200, "idées", Forum, 0),
    row(0, "Détente", Category, 0),
    row(60, "le-refuge", Talk, 110),
    row(100, "recettes-de-bivouac", Talk, 26),
    row(150, "commandes", Commands, 4),
    row(0, "Le salon", Voice, 0),
    row(100, "Réunion", Voice, 0),
    row(100, "Bureau", Category, 0),
    row(100, "bureau", Hidden, 0),
];

const ASSOCIATION_ENGLISH: &[Row] = &[
    row(0, "Front door", Category, 0),
    row(0, "welcome", ReadOnly, 0),
    row(0, "notices", Announcements, 0),
    row(60, "introductions", Talk, 22),
    row(0, "Club life", Category, 0),
    row(0, "general", Talk, 220),
    row(0, "meetups", Talk, 160),
    row(40, "lifts", Talk, 60),
    row(80, "equipment", Talk, 70),
    row(40, "photos", Talk, 84),
    row(150, "beginners", Talk, 40),
    row(200, "ideas", Forum, 0),
    row(0, "Relaxed", Category, 0),
    row(60, "tea-room", Talk, 110),
    row(150, "bot-commands", Commands, 4),
    row(0, "Sitting room", Voice, 0),
    row(100, "Meeting", Voice, 0),
    row(100, "committee", Hidden, 0),
];

const FRIENDS_ENGLISH: &[Row] = &[
    row(0, "text", Category, 0),
    row(0, "general", Talk, 300),
    row(0, "memes", Talk, 120),
    row(0, "games", Talk, 110),
    row(0, "food-pics", Talk, 46),
    row(0, "plans", Talk, 60),
    row(12, "music", Talk, 40),
    row(0, "voice", Category, 0),
    row(0, "the couch", Voice, 0),
    row(8, "afk", VoiceAfk, 0),
];

const FRIENDS_FRENCH: &[Row] = &[
    row(0, "texte", Category, 0),
    row(0, "général", Talk, 300),
    row(0, "bêtises", Talk, 130),
    row(0, "jeux", Talk, 100),
    row(0, "apéro", Talk, 70),
    row(12, "musique", Talk, 40),
    row(0, "vocal", Category, 0),
    row(0, "le canapé", Voice, 0),
];

const STUDY: &[Row] = &[
    row(0, "Information", Category, 0),
    row(0, "welcome", ReadOnly, 0),
    row(0, "announcements", Announcements, 0),
    row(0, "Campus", Category, 0),
    row(0, "general", Talk, 240),
    row(0, "homework-help", Talk, 220),
    row(80, "mathematics", Talk, 110),
    row(80, "programming", Talk, 120),
    row(300, "physics", Talk, 60),
    row(300, "languages", Talk, 50),
    row(500, "exams", Talk, 70),
    row(400, "questions", Forum, 0),
    row(60, "off-topic", Talk, 100),
    row(60, "bot-commands", Commands, 6),
    row(0, "Rooms", Category, 0),
    row(0, "Study room", Voice, 0),
    row(100, "Group work", Voice, 0),
    row(500, "Lecture", Stage, 0),
    row(200, "staff", Hidden, 0),
];

const CREATORS: &[Row] = &[
    row(0, "Welcome", Category, 0),
    row(0, "welcome", ReadOnly, 0),
    row(0, "announcements", Announcements, 0),
    row(200, "uploads", Feed, 0),
    row(0, "Hangout", Category, 0),
    row(0, "general", Talk, 280),
    row(0, "stream-chat", Talk, 160),
    row(60, "memes", Talk, 110),
    row(60, "your-art", Talk, 70),
    row(200, "music", Talk, 50),
    row(300, "clips", Talk, 44),
    row(1_000, "feedback", Forum, 0),
    row(100, "off-topic", Talk, 90),
    row(60, "bot-commands", Commands, 8),
    row(0, "Voice", Category, 0),
    row(0, "Hangout", Voice, 0),
    row(500, "Backstage", Stage, 0),
    row(300, "crew", Hidden, 0),
];
