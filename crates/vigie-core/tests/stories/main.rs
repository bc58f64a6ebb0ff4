//! Stories: what is told to the core, line by line, and what it must answer. Text in, text out, one `check()`.
//!
//! A story stands in one of the `.txt` files beside this one: a `#` title, the lines told, `----`, the answer. After a
//! change of behaviour `VIGIE_UPDATE_STORIES=1 cargo test -p vigie-core --test stories` writes the answers anew: read the
//! difference before you commit it. The language is described in `script.rs`.

mod print;
mod script;

use std::path::Path;

/// Plays every story of a file and compares its answer.
fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories").join(file);
    let text = std::fs::read_to_string(&path).expect("the file of the stories is there");
    let mut played = String::new();
    let mut wrong = String::new();
    for story in stories(&text) {
        let (told, expected) = story.split_once("----\n").unwrap_or((story, ""));
        let told = told.trim_end();
        let answer = script::play(told);
        if expected.trim_end() != answer.trim_end() {
            wrong += &format!("{told}\n---- expected\n{expected}\n---- answered\n{answer}\n");
        }
        played += &format!("{told}\n----\n{}\n\n", answer.trim_end());
    }
    if std::env::var_os("VIGIE_UPDATE_STORIES").is_some() {
        std::fs::write(&path, played.trim_end().to_owned() + "\n").expect("the file is ours");
        return;
    }
    assert!(wrong.is_empty(), "{file}:\n{wrong}");
}

/// The stories of a file: each begins with its title.
fn stories(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = text.match_indices("# ").map(|(start, _)| start).collect();
    starts.retain(|&start| start == 0 || text.as_bytes()[start - 1] == b'\n');
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    starts.iter().zip(ends).map(|(&start, end)| &text[start..end]).collect()
}

#[test]
fn time() {
    check("time.txt");
}

#[test]
fn deadlines() {
    check("deadlines.txt");
}

#[test]
fn counts() {
    check("counts.txt");
}

#[test]
fn kinds() {
    check("kinds.txt");
}

#[test]
fn emojis() {
    check("emojis.txt");
}

#[test]
fn names() {
    check("names.txt");
}

#[test]
fn guilds() {
    check("guilds.txt");
}

#[test]
fn bounds() {
    check("bounds.txt");
}

#[test]
fn voice() {
    check("voice.txt");
}

#[test]
fn coverage() {
    check("coverage.txt");
}

#[test]
fn catch_up() {
    check("catch_up.txt");
}

#[test]
fn repeats() {
    check("repeats.txt");
}

#[test]
fn invites() {
    check("invites.txt");
}

#[test]
fn moderation() {
    check("moderation.txt");
}
