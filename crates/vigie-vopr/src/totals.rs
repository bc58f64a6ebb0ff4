//! Totals by guild, hour, channel, member and emoji: one shape for what happened and for what was stored.

use serde_json::Value;
use std::collections::BTreeMap;

/// Messages, commands, reactions added, removed, received.
pub type Counts = [u64; 5];

/// Where and who: guild, hour since 1970, channel, member, kind of author.
pub type CellKey = (u64, u64, u64, u64, String);

/// Guild, hour since 1970, emoji (a custom emoji by its id).
pub type EmojiKey = (u64, u64, String);

/// All totals of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// By cell.
    pub cells: BTreeMap<CellKey, Counts>,
    /// Added and removed by emoji.
    pub emojis: BTreeMap<EmojiKey, [u64; 2]>,
}

impl Totals {
    /// From `GET /_sim/truth`.
    pub fn from_truth(truth: &Value) -> Self {
        let mut totals = Self::default();
        for (guild, hours) in truth["guilds"].as_object().into_iter().flatten() {
            for (hour, content) in hours["hours"].as_object().into_iter().flatten() {
                let place = (number(guild), number(hour));
                totals.read_hour(place, content);
            }
        }
        totals
    }

    fn read_hour(&mut self, (guild, hour): (u64, u64), content: &Value) {
        for cell in content["cells"].as_array().into_iter().flatten() {
            let names = [
                "messages",
                "commands",
                "reactions_added",
                "reactions_removed",
                "reactions_received",
            ];
            let counts = names.map(|name| cell[name].as_u64().unwrap_or(0));
            let place = (guild, hour, id(&cell["channel"]), id(&cell["member"]));
            self.insert(place, cell["kind"].as_str().unwrap(), counts);
        }
        for emoji in content["emojis"].as_array().into_iter().flatten() {
            let key = emoji["id"].as_str().or(emoji["emoji"].as_str()).unwrap().to_owned();
            let count = |name: &str| emoji[name].as_u64().unwrap_or(0);
            self.emojis.insert((guild, hour, key), [count("added"), count("removed")]);
        }
    }

    /// Adds one row. The kind of somebody who only took reactions back or received them is not told by any payload: not compared.
    pub fn insert(&mut self, place: (u64, u64, u64, u64), kind: &str, counts: Counts) {
        let told = counts[0] + counts[1] + counts[2] > 0;
        let kind = if told { kind.to_owned() } else { String::new() };
        let (guild, hour, channel, member) = place;
        self.cells.insert((guild, hour, channel, member, kind), counts);
    }

    /// Number of messages, commands and reactions in all.
    pub fn events(&self) -> u64 {
        self.cells.values().map(|counts| counts[0] + counts[1] + counts[2] + counts[3]).sum()
    }

    /// Discord gives no time for a reaction: it belongs to the hour in which it was heard. When the run crossed the end of an
    /// hour, reactions are compared over the whole run instead of by hour; messages and commands always by hour.
    pub fn comparable(&self, crossed_an_hour: bool) -> Self {
        if !crossed_an_hour {
            return self.clone();
        }
        let mut merged = Self::default();
        for ((guild, hour, channel, member, kind), counts) in &self.cells {
            let [messages, commands, reactions @ ..] = *counts;
            let mut add = |hour: u64, kind: &str, counts: Counts| {
                let key = (*guild, hour, *channel, *member, kind.to_owned());
                let sum = merged.cells.entry(key).or_default();
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            };
            if messages + commands > 0 {
                add(*hour, kind, [messages, commands, 0, 0, 0]);
            }
            if reactions != [0; 3] {
                add(0, "", [0, 0, reactions[0], reactions[1], reactions[2]]);
            }
        }
        for ((guild, _, emoji), counts) in &self.emojis {
            let sum = merged.emojis.entry((*guild, 0, emoji.clone())).or_default();
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        merged
    }

    /// Messages and commands by hour, reactions over all hours (hour 0), whatever kind their author is.
    pub fn in_sum(&self) -> BTreeMap<(u64, u64, u64, u64), Counts> {
        let mut sums: BTreeMap<(u64, u64, u64, u64), Counts> = BTreeMap::new();
        for ((guild, hour, channel, member, _), counts) in &self.cells {
            let [messages, commands, added, removed, received] = *counts;
            let parts =
                [(*hour, [messages, commands, 0, 0, 0]), (0, [0, 0, added, removed, received])];
            for (hour, counts) in parts.into_iter().filter(|(_, counts)| *counts != [0; 5]) {
                let sum = sums.entry((*guild, hour, *channel, *member)).or_default();
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
        sums
    }

    /// Messages and commands that were deleted, as `in_sum` would count them.
    pub fn deleted(truth: &Value) -> BTreeMap<(u64, u64, u64, u64), Counts> {
        let mut sums: BTreeMap<(u64, u64, u64, u64), Counts> = BTreeMap::new();
        for (guild, content) in truth["guilds"].as_object().into_iter().flatten() {
            for message in content["deleted"].as_array().into_iter().flatten() {
                let counter = match message["counts_as"].as_str() {
                    Some("message") => 0,
                    Some("command") => 1,
                    _ => continue,
                };
                let hour = message["created_ms"].as_u64().unwrap() / 3_600_000;
                let place = (number(guild), hour, id(&message["channel"]), id(&message["author"]));
                sums.entry(place).or_default()[counter] += 1;
            }
        }
        sums
    }

    /// The hours that appear.
    pub fn hours(&self) -> std::collections::BTreeSet<u64> {
        self.cells.keys().map(|key| key.1).collect()
    }

    /// The first differences, as sentences; empty when equal.
    pub fn differences(&self, stored: &Self) -> Vec<String> {
        let mut found =
            differences(&self.cells, &stored.cells, "cell (guild, hour, channel, member, kind)");
        found.extend(differences(&self.emojis, &stored.emojis, "emoji (guild, hour, emoji)"));
        found
    }
}

fn differences<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    truth: &BTreeMap<K, V>,
    stored: &BTreeMap<K, V>,
    what: &str,
) -> Vec<String> {
    let missing = truth.iter().filter(|(key, value)| stored.get(key) != Some(value));
    let missing = missing.map(|(key, value)| {
        format!("{what} {key:?}: truth {value:?}, stored {:?}", stored.get(key))
    });
    let extra = stored.iter().filter(|(key, _)| !truth.contains_key(key));
    let extra = extra.map(|(key, value)| format!("{what} {key:?}: truth none, stored {value:?}"));
    missing.chain(extra).collect()
}

fn id(value: &Value) -> u64 {
    number(value.as_str().unwrap_or_else(|| panic!("{value} is no id")))
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}
