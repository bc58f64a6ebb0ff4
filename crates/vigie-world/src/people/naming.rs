//! Usernames, display names, nicknames and avatars.

use vigie_core::vocabulary::UserId;

use super::User;
use crate::guild::{AssetHash, Guild};
use crate::names::Language;
use crate::names::communities::BOTS;
use crate::names::people::{
    EMPLOYERS, NAME_ORNAMENTS, TEAM_TAGS, TOWNS, adjectives, first_names, last_names, nouns,
};
use crate::rhythm::Community;
use crate::rng::Rng;

/// Share of accounts with an avatar of their own.
const AVATARS: f64 = 0.78;
/// Share of those whose avatar moves.
const MOVING_AVATARS: f64 = 0.03;
/// Share of people whose name is of the other language.
const OTHER_LANGUAGE: f64 = 0.07;

/// Words that people put before a name in play.
const TITLES: [&str; 5] = ["Dr", "Captain", "Lady", "Sir", "Mister"];

/// The account of a bot.
pub(super) fn bot(seed: u64, id: UserId, number: u64) -> User {
    let mut rng = Rng::of(&[seed, 0xb07, number]);
    let (username, display) = BOTS[number as usize % BOTS.len()];
    User {
        id,
        username: username.to_owned(),
        global_name: (number != 0).then(|| display.to_owned()),
        avatar: Some(avatar(&mut rng)),
        bot: true,
    }
}

/// The account of a person.
pub(super) fn person(seed: u64, id: UserId, number: u64, home: Language) -> User {
    let mut rng = Rng::of(&[seed, 0x9e59, number]);
    let language = match (rng.chance(OTHER_LANGUAGE), home) {
        (true, Language::English) => Language::French,
        (true, Language::French) => Language::English,
        (false, home) => home,
    };
    let words = Words {
        first: rng.pick(first_names(language)),
        last: rng.pick(last_names(language)),
        adjective: rng.pick(adjectives(language)),
        noun: rng.pick(nouns(language)),
    };
    let username = username(&words, &mut rng);
    let global_name = display_name(&words, &mut rng);
    let avatar = rng.chance(AVATARS).then(|| avatar(&mut rng));
    User { id, username, global_name, avatar, bot: false }
}

/// The nickname of a member, where they have one. Each change leads to another one, or to none.
pub(crate) fn nickname(guild: &Guild, user: &User, number: u64, change: u8) -> Option<String> {
    let mut rng = Rng::of(&[guild.seed, 0x41c4, number, u64::from(change)]);
    let share = match guild.community {
        Community::Association => 0.34,
        Community::Friends => 0.4,
        Community::Project => 0.12,
        Community::Game | Community::Study | Community::Creators => 0.09,
    };
    if !rng.chance(if change == 0 { share } else { 0.7 }) {
        return None;
    }
    let shown = user.global_name.as_deref().unwrap_or(&user.username);
    let is_name = |word: &&str| word.len() > 2 && !TITLES.contains(word);
    let first = shown.split([' ', '_', '.']).find(is_name).unwrap_or(shown);
    let first = first.trim_end_matches(|letter: char| letter.is_ascii_digit());
    Some(match guild.community {
        Community::Association => format!("{first} ({})", rng.pick(TOWNS)),
        Community::Project => format!("{first} | {}", rng.pick(EMPLOYERS)),
        Community::Game => format!("[{}] {first}", rng.pick(TEAM_TAGS)),
        Community::Friends => rng.pick(nouns(guild.language)).to_owned(),
        Community::Study | Community::Creators => format!("{first} {}", rng.pick(NAME_ORNAMENTS)),
    })
}

struct Words {
    first: &'static str,
    last: &'static str,
    adjective: &'static str,
    noun: &'static str,
}

fn username(words: &Words, rng: &mut Rng) -> String {
    let mut name = String::with_capacity(24);
    let joint = rng.pick(&["", "", "_", "."]);
    match rng.below(100) {
        0..22 => {
            name.push_str(words.adjective);
            name.push_str(joint);
            name.push_str(words.noun);
        }
        22..44 => push_plain(words.first, &mut name),
        44..58 => name.push_str(words.noun),
        58..70 => {
            name.push_str(rng.pick(&["the", "its", "im", "real", "not", "mr"]));
            name.push_str(joint);
            push_plain(words.first, &mut name);
        }
        70..82 => {
            push_plain(words.first, &mut name);
            name.push_str(joint);
            name.push_str(words.noun);
        }
        82..94 => {
            push_plain(words.first, &mut name);
            name.push('.');
            push_plain(words.last, &mut name);
        }
        _ => {
            push_plain(words.last, &mut name);
            name.push_str(joint);
            name.push_str(words.adjective);
        }
    }
    push_number(&mut name, rng);
    name
}

/// Most usernames need a number to be free.
fn push_number(name: &mut String, rng: &mut Rng) {
    let number = match rng.below(10) {
        0..3 => return,
        3..6 => rng.below(100),
        6..8 => 1_970 + rng.below(45),
        _ => rng.below(10_000),
    };
    if rng.chance(0.3) {
        name.push('_');
    }
    push_digits(number, name);
}

fn push_digits(number: u64, name: &mut String) {
    if number >= 10 {
        push_digits(number / 10, name);
    }
    name.push((b'0' + (number % 10) as u8) as char);
}

fn display_name(words: &Words, rng: &mut Rng) -> Option<String> {
    let Words { first, last, adjective, noun } = *words;
    Some(match rng.below(100) {
        0..17 => return None,
        17..45 => first.to_owned(),
        45..54 => format!("{first} {}.", last.chars().next().unwrap_or('X')),
        54..64 => format!("{first} {last}"),
        64..73 => format!("{first} {}", rng.pick(NAME_ORNAMENTS)),
        73..81 => capital(noun),
        81..88 => first.to_lowercase(),
        88..95 => format!("{} {}", capital(adjective), capital(noun)),
        _ => format!("{} {}", rng.pick(&TITLES), capital(noun)),
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Appends a name in the letters that usernames may have: lower case and without accents.
fn push_plain(name: &str, out: &mut String) {
    for letter in name.chars() {
        match letter.to_lowercase().next().unwrap_or(letter) {
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'à' | 'â' => out.push('a'),
            'ï' | 'î' => out.push('i'),
            'ô' => out.push('o'),
            'ç' => out.push('c'),
            'ù' | 'û' | 'ü' => out.push('u'),
            plain if plain.is_ascii_alphanumeric() => out.push(plain),
            _ => {}
        }
    }
}

fn avatar(rng: &mut Rng) -> AssetHash {
    AssetHash {
        bits: u128::from(rng.bits()) << 64 | u128::from(rng.bits()),
        animated: rng.chance(MOVING_AVATARS),
    }
}
