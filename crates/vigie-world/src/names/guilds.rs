//! Names of guilds: four written by hand for a small world, the rest put together.

use super::Language;
use crate::rhythm::Community;

/// Name and description of the four communities that every world begins with.
pub(crate) const FIRST_FOUR: [(&str, &str); 4] = [
    (
        "Starhollow",
        "The official community of Starhollow, the co-op space adventure. News, squads and screenshots.",
    ),
    (
        "Tilewright",
        "Open source maps for everyone: help, development and releases of the Tilewright engine.",
    ),
    ("Les Sentiers du Vercors", "Association de randonnée : sorties, entraide et belles photos."),
    ("the back row", "since 2017, mostly harmless"),
];

/// First words of a name.
pub(crate) fn first_words(community: Community, language: Language) -> &'static [&'static str] {
    match (community, language) {
        (Community::Association, Language::French) => &[
            "Les Amis",
            "Club",
            "Collectif",
            "Atelier",
            "Compagnie",
            "Cercle",
            "Union",
            "La Maison",
        ],
        (Community::Friends, Language::French) => {
            &["la bande", "le canapé", "les potes", "les survivants", "la coloc", "les rescapés"]
        }
        (_, Language::French) => &[
            "Horizon", "Comète", "Lisière", "Boréal", "Granite", "Écume", "Vertige", "Cobalt",
            "Brume", "Phare",
        ],
        (Community::Friends, Language::English) => &[
            "the couch",
            "the kitchen",
            "sunday crew",
            "lost socks",
            "rooftop",
            "midnight snack",
            "the annex",
        ],
        (Community::Association, Language::English) => {
            &["Friends", "Society", "League", "Guild", "Circle", "Union", "House", "Volunteers"]
        }
        (_, Language::English) => &[
            "Emberwick",
            "Northlight",
            "Pixel Harbor",
            "Iron Orchard",
            "Quartz",
            "Moonlit",
            "Copper Fox",
            "Skyloft",
            "Deepwell",
            "Larkspur",
            "Juniper",
            "Halcyon",
            "Redshift",
            "Basalt",
            "Paperboat",
            "Nightjar",
            "Tidewater",
            "Cinder",
            "Wayfarer",
            "Foxglove",
        ],
    }
}

/// Last words of a name.
pub(crate) fn last_words(community: Community, language: Language) -> &'static [&'static str] {
    match (community, language) {
        (Community::Association, Language::French) => &[
            "du Théâtre",
            "des Échecs",
            "de la Voile",
            "du Jardin",
            "de la Photo",
            "du Vélo",
            "des Lecteurs",
        ],
        (Community::Friends, Language::French) => {
            &["du jeudi", "de la fac", "du 38", "éternels", "& co", "2.0"]
        }
        (Community::Game, Language::French) => {
            &["Arène", "en ligne", "– la guilde", "Chroniques", "Odyssée", "JDR"]
        }
        (Community::Project, Language::French) => {
            &["libre", "dev", "Labo", "OSS", "Atelier", "Outils"]
        }
        (Community::Study, Language::French) => {
            &["– entraide", "Prépa", "Université", "Langues", "– révisions"]
        }
        (Community::Creators, Language::French) => {
            &["Studio", "Musique", "– le stream", "Dessin", "Podcast"]
        }
        (Community::Friends, Language::English) => {
            &["club", "people", "& friends", "hq", "survivors", "2.0"]
        }
        (Community::Association, Language::English) => &[
            "of Chess",
            "of Gardeners",
            "of Cyclists",
            "of Readers",
            "of Photography",
            "of Sailing",
        ],
        (Community::Game, Language::English) => &[
            "Arena",
            "Online",
            "Raiders",
            "Legends",
            "Chronicles",
            "Speedrunning",
            "Tactics",
            "Kart Club",
        ],
        (Community::Project, Language::English) => {
            &["Devs", "Lang", "Toolkit", "Engine", "OS", "Labs", "DB"]
        }
        (Community::Study, Language::English) => {
            &["Study Hall", "Math Help", "University", "Languages", "Bootcamp", "Science"]
        }
        (Community::Creators, Language::English) => {
            &["Studio", "Music", "Live", "Art Corner", "Podcast", "Film Club"]
        }
    }
}
