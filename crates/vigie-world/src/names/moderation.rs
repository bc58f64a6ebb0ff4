//! What moderators write: reasons, rules, names of roles.

use super::Language;

/// Reasons for a kick, a ban or a timeout.
pub(crate) fn reasons(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[
            "spam",
            "Advertising in DMs",
            "Repeated insults after two warnings",
            "Scam links",
            "Flooding #general",
            "Ban evasion",
            "Off-topic after several reminders",
            "Posting spoilers on purpose",
            "Impersonating staff",
            "Please read the rules before coming back",
            "Slurs \"as a joke\"",
        ],
        Language::French => &[
            "spam",
            "Publicité en messages privés",
            "Insultes répétées malgré deux avertissements",
            "Liens frauduleux",
            "Flood dans #général",
            "Contournement d'exclusion",
            "Hors sujet après plusieurs rappels",
            "Usurpation d'identité",
            "Merci de relire le règlement avant de revenir",
        ],
    }
}

/// The reason for the bans that end a raid.
pub(crate) fn raid_reason(language: Language) -> &'static str {
    match language {
        Language::English => "Raid",
        Language::French => "Raid du serveur",
    }
}

/// Rules of automatic moderation: name, trigger type, and a word that one of them meets.
pub(crate) const RULES: &[(&str, u8, &str)] = &[
    ("Blocked words", 1, "darn"),
    ("Suspicious links", 1, "free-nitro"),
    ("Spam", 3, ""),
    ("Too many mentions", 5, ""),
];

/// Roles that come and go.
pub(crate) fn passing_roles(language: Language) -> &'static [(&'static str, u32)] {
    match language {
        Language::English => &[
            ("Event crew", 0xe6_7e22),
            ("Winter cup", 0x34_98db),
            ("Night owl", 0x71_368a),
            ("Translator", 0x1a_bc9c),
        ],
        Language::French => &[
            ("Équipe événement", 0xe6_7e22),
            ("Sortie d'hiver", 0x34_98db),
            ("Couche-tard", 0x71_368a),
            ("Traduction", 0x1a_bc9c),
        ],
    }
}
