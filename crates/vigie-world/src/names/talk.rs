//! What people say: topics, titles of threads, and sentences.

use std::borrow::Cow;

use super::Language;
use crate::guild::Purpose;
use crate::rhythm::Community;
use crate::rng::Rng;

/// A topic for a channel; most have none.
pub(crate) fn topic(purpose: Purpose, language: Language, rng: &mut Rng) -> Option<&'static str> {
    let spoken = matches!(purpose, Purpose::Talk | Purpose::Announcements | Purpose::Forum);
    (spoken && rng.chance(0.55)).then(|| another_topic(language, rng))
}

/// One of the topics.
pub(crate) fn another_topic(language: Language, rng: &mut Rng) -> &'static str {
    match language {
        Language::English => rng.pick(ENGLISH_TOPICS),
        Language::French => rng.pick(FRENCH_TOPICS),
    }
}

/// A title for a thread; nearly half of them say more than the list does.
pub(crate) fn thread_title(
    community: Community,
    language: Language,
    rng: &mut Rng,
) -> Cow<'static, str> {
    let (titles, details) = match (community, language) {
        (_, Language::French) => (FRENCH_TITLES, FRENCH_DETAILS),
        (Community::Project | Community::Study, _) => (PROJECT_TITLES, PROJECT_DETAILS),
        (Community::Game | Community::Creators, _) => (GAME_TITLES, GAME_DETAILS),
        _ => (OTHER_TITLES, OTHER_DETAILS),
    };
    let title = rng.pick(titles);
    match rng.chance(0.45) {
        true => Cow::Owned(format!("{title} {}", rng.pick(details))),
        false => Cow::Borrowed(title),
    }
}

/// Sentences of a community, the shared ones first.
pub(crate) fn sentences(community: Community, language: Language) -> [&'static [&'static str]; 2] {
    match (community, language) {
        (Community::Association, Language::French) => [FRENCH, FRENCH_OUTDOORS],
        (_, Language::French) => [FRENCH, FRENCH],
        (Community::Project, _) => [ENGLISH, ENGLISH_DEV],
        (Community::Game | Community::Creators, _) => [ENGLISH, ENGLISH_GAME],
        (Community::Study, _) => [ENGLISH, ENGLISH_STUDY],
        (Community::Association | Community::Friends, _) => [ENGLISH, ENGLISH_FRIENDS],
    }
}

/// What webhooks report.
pub(crate) const REPORTS: &[&str] = &[
    "Build passed on main in 4m 12s",
    "Build failed on main: 2 tests",
    "New release is out, see the notes below",
    "Scheduled maintenance tonight, about 30 minutes",
    "All systems operational",
    "Region EU-West: elevated latency",
    "3 commits pushed to main",
    "Pull request merged",
    "New issue opened",
    "Reminder: see the agenda of this week",
];

/// What bots answer.
pub(crate) const BOT_ANSWERS: &[&str] = &[
    "Done.",
    "Here you go!",
    "You rolled 17.",
    "Level up! Keep it going.",
    "Now playing the next track.",
    "Reminder set.",
    "Poll closed: option A wins with 62 %.",
    "Welcome aboard!",
    "Ticket opened, someone will answer.",
    "Rank #12 this week.",
];

const ENGLISH_TOPICS: &[&str] = &[
    "Anything goes, be kind",
    "Questions welcome, no such thing as a silly one",
    "Read the rules before posting",
    "Keep it on topic, threads for long stories",
    "Pictures and clips only, talk in threads",
    "Use the search first",
    "Spoilers behind bars please",
    "News of the week, pinned every Monday",
];

const FRENCH_TOPICS: &[&str] = &[
    "On se dit bonjour et on reste sympas",
    "Toutes les questions sont bienvenues",
    "Lisez les messages épinglés",
    "Une sortie par fil, merci",
    "Photos et récits",
    "Les infos pratiques de la semaine",
];

const GAME_TITLES: &[&str] = &[
    "Crash after the reactor mission",
    "Best loadout for solo?",
    "Squad for Saturday night",
    "Photo mode contest",
    "Stuck on the third gate",
    "Controller drift since the patch",
    "Lore: who built the ring?",
    "Trading rare cores",
    "Suggestion: bigger hangars",
    "Low frame rate in the nebula",
    "Weekly challenge tips",
    "New player questions",
    "Is the beacon event bugged?",
    "Show your ship",
    "Tournament bracket talk",
];

const PROJECT_TITLES: &[&str] = &[
    "Memory grows when panning fast",
    "How do I write a custom layer?",
    "Docs: getting started is outdated",
    "Labels overlap at low zoom",
    "Roadmap for the next release",
    "Error when importing GeoPackage",
    "Proposal: plugin manifest v2",
    "Performance on old phones",
    "Windows build fails",
    "Translations wanted",
    "Tile server returns 503",
    "Help with projections",
    "Good first issues",
    "Review needed",
    "Weekly call notes",
];

const OTHER_TITLES: &[&str] = &[
    "Saturday?",
    "Who drives",
    "Birthday plans",
    "Film night",
    "Shared shopping list",
    "Holiday photos",
    "Meeting notes",
    "Equipment for loan",
    "Ideas for spring",
    "Lost and found",
];

const FRENCH_TITLES: &[&str] = &[
    "Sortie de dimanche : qui vient ?",
    "Covoiturage depuis Grenoble",
    "Prêt de raquettes",
    "Refuge complet ?",
    "Photos de la traversée",
    "Assemblée générale",
    "Météo du week-end",
    "Débutants : par où commencer",
    "Recette du gâteau",
    "Objets trouvés",
    "Idées pour le printemps",
    "Balisage à refaire",
];

const ENGLISH: &[&str] = &[
    "good morning everyone",
    "lol",
    "that makes sense",
    "wait what",
    "no way",
    "I was about to say the same",
    "can confirm",
    "thanks, that worked!",
    "same here",
    "nice one",
    "haha true",
    "brb getting coffee",
    "anyone around?",
    "I'll have a look tonight",
    "sounds good to me",
    "not sure about that one",
    "this is the best thing I have seen all week",
    "honestly fair",
    "I missed this, what happened?",
    "give me five minutes",
    "welcome!",
    "how was your weekend?",
    "ok that's actually impressive",
    "I tried it yesterday and it went fine",
    "depends on what you want to do",
    "can you share a screenshot?",
    "it's pinned at the top of the channel",
    "I think someone asked that last week",
    "oh that explains a lot",
    "let's do it",
    "count me in",
    "I'm out for today, good night all",
    "first time I see it happen",
    "have you tried turning it off and on again",
    "well that escalated quickly",
    "appreciate the help",
    "any news on this?",
    "congrats!",
    "that's on me, sorry",
    "yes",
    "nope",
    "probably",
    "hmm",
    "agreed",
    "see you tomorrow",
    "did you read the announcement?",
    "my cat just walked over the keyboard",
    "I keep forgetting about that",
    "so true",
    "I'd rather wait for the weekend",
];

const ENGLISH_GAME: &[&str] = &[
    "need one more for the reactor run",
    "gg everyone",
    "who's up for ranked tonight?",
    "that boss is brutal",
    "the new patch changed my whole build",
    "just hit level 60 finally",
    "dropped the rare core on the first try",
    "servers feel smoother since yesterday",
    "turn off motion blur, it helps a lot",
    "what loadout are you running?",
    "carried as usual",
    "the nebula at night looks unreal",
    "patch notes are up",
    "we lost by one point again",
    "I need a healer for the third gate",
    "queue is five minutes on my side",
    "that clip is insane",
    "stack armour early, then go for speed",
    "is the weekend event live yet?",
    "my squad is asleep",
    "trading two cores for a beacon",
    "the soundtrack deserves an award",
    "lag spike, sorry",
    "one more game?",
];

const ENGLISH_DEV: &[&str] = &[
    "which version are you on?",
    "could you open an issue with a small example?",
    "fixed on main, will be in the next release",
    "the build is green again",
    "I pushed a draft, comments welcome",
    "that's a known limitation of the renderer",
    "try with the cache disabled",
    "works on my machine, Linux and Firefox",
    "looks like an off-by-one in the tile index",
    "docs are here, section three",
    "reviewed, two small nits",
    "I can reproduce it with the sample data",
    "we should add a test for that",
    "the profile shows most of the time in label placement",
    "merged, thank you!",
    "do you use the vector or the raster source?",
    "can you paste the stack trace?",
    "rebased on main",
    "I'd keep the API as it is",
    "the plugin needs the new manifest",
    "CI is slow today",
    "typo, sorry",
    "that would be a breaking change",
    "good first issue if somebody wants it",
];

const ENGLISH_STUDY: &[&str] = &[
    "is the exam open book?",
    "question 4 makes no sense to me",
    "use integration by parts",
    "the slides are online now",
    "deadline got moved to Friday",
    "who has the notes of last week?",
    "library at 3?",
    "I finally understood recursion",
    "check your units",
    "the tutor said it's not in the exam",
    "group of three or four?",
    "I failed the quiz, again",
];

const ENGLISH_FRIENDS: &[&str] = &[
    "pizza tonight?",
    "who's home?",
    "I can drive",
    "my place at 8",
    "bring snacks",
    "remember the lake trip?",
    "you still owe me a beer",
    "look at this dog",
    "I'm late as usual",
    "movie or game?",
    "same time next week",
    "happy birthday!!",
    "we should really plan the holidays",
    "voice?",
    "ten minutes",
];

const FRENCH: &[&str] = &[
    "bonjour tout le monde",
    "mdr",
    "merci beaucoup !",
    "ça marche",
    "pareil ici",
    "je regarde ce soir",
    "bonne idée",
    "on en parle demain ?",
    "je suis d'accord",
    "pas faux",
    "c'est noté",
    "quelqu'un est là ?",
    "bienvenue !",
    "je n'ai pas tout suivi, vous pouvez résumer ?",
    "à ce soir",
    "bonne nuit à tous",
    "c'est épinglé en haut du salon",
    "trop bien",
    "je ne suis pas sûr",
    "ça dépend de ce que tu veux faire",
    "j'ai essayé hier, aucun souci",
    "oui",
    "non",
    "peut-être",
    "bravo !",
    "désolé pour le retard",
    "tu peux envoyer une photo ?",
    "on fait comme ça",
    "je confirme",
    "quelle journée",
    "haha",
    "vivement le week-end",
    "des nouvelles ?",
    "je vous tiens au courant",
    "super, merci pour l'info",
    "comptez sur moi",
];

const FRENCH_OUTDOORS: &[&str] = &[
    "départ à 7 h au parking habituel",
    "il reste deux places dans ma voiture",
    "le sentier est sec jusqu'au col",
    "neige à partir de 1600 m, prenez les crampons",
    "qui peut prêter des raquettes ?",
    "magnifique lever de soleil ce matin",
    "attention, la passerelle est fermée",
    "900 m de dénivelé, niveau moyen",
    "la météo se dégrade samedi après-midi",
    "on a vu trois bouquetins et une marmotte",
    "le refuge est complet, on part sous tente",
    "les photos arrivent ce soir",
    "pensez à la cotisation",
    "je serai serre-file",
    "prévoyez deux litres d'eau",
    "le balisage a été refait",
    "pause casse-croûte au lac",
    "mes genoux s'en souviennent",
    "prochaine sortie dimanche",
    "la carte est à jour",
];

const GAME_DETAILS: &[&str] = &[
    "(EU)",
    "(NA)",
    "[solved]",
    "– season 4",
    "on controller",
    "since 2.7",
    "for beginners",
    "(hard mode)",
    "#2",
    "#3",
];

const PROJECT_DETAILS: &[&str] = &[
    "[solved]",
    "on Windows",
    "since 4.1",
    "with the beta",
    "(regression)",
    "on Wayland",
    "– follow-up",
    "#2",
    "(RFC)",
    "in the docs build",
];

const OTHER_DETAILS: &[&str] =
    &["(again)", "– part 2", "this month", "[done]", "for everyone", "next week"];

const FRENCH_DETAILS: &[&str] =
    &["(complet)", "– suite", "ce week-end", "[résolu]", "en mars", "le 14", "pour tous", "n° 2"];
