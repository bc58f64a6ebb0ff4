//! JSON trees changed at random, and written in any of the ways that JSON allows.

use serde_json::{Map, Value, json};

/// A small generator of choices (SplitMix64, Steele et al. 2014): a seed makes the whole sequence.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

/// Changes one place of the tree: takes a member out, puts another value there, copies one from elsewhere.
pub fn mutate(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(map) if !map.is_empty() && !dice.one_in(12) => {
            let key = map.keys().nth(dice.roll(map.len())).expect("in range").clone();
            match dice.roll(10) {
                0 => drop(map.remove(&key)),
                1 => drop(map.insert(key, odd_value(dice))),
                2 => {
                    let from = map.values().nth(dice.roll(map.len())).expect("in range").clone();
                    map.insert(key, from);
                }
                _ => mutate(&mut map[&key], dice),
            }
        }
        Value::Array(list) if !list.is_empty() && !dice.one_in(6) => {
            let index = dice.roll(list.len());
            mutate(&mut list[index], dice);
        }
        _ => *value = odd_value(dice),
    }
}

fn odd_value(dice: &mut Dice) -> Value {
    match dice.roll(38) {
        0..=2 => Value::Null,
        3 => json!(true),
        4 => json!(false),
        5 => json!(0),
        6 => json!(-1),
        7 => json!(1.5),
        8 => json!(1e3),
        9 => json!(u64::MAX),
        10 => json!(1_290_111_222_333_444_777_u64),
        11 => json!(19),
        12 => json!(20),
        13 => json!(7),
        14 => json!(300),
        15 => json!(131_072),
        16 => json!(""),
        17 => json!("0"),
        18 => json!("00000000000000000042"),
        19 => json!("18446744073709551615"),
        20 => json!("18446744073709551616"),
        21 => json!(" 1290111222333444555"),
        22 => json!("1290111222333444555é"),
        23 => json!("{[,]}\"\\,\"t\":\"MESSAGE_CREATE\""),
        24 => json!("🔥 naïve \u{0}\u{1f}\n\t name"),
        25 => json!("é🔥".repeat(100)),
        26 => json!("f".repeat(67 + dice.roll(4))),
        27 => json!("x".repeat(dice.roll(900))),
        28 => json!("2024-02-29T12:00:00.5-03:30"),
        29 => json!("2023-02-29T12:00:00Z"),
        30 => json!({}),
        31 => json!([]),
        32 => json!([[[{"id": "1"}], {}], null, "]"]),
        33 => json!({"id": "5", "user": {"id": "6", "username": "nested"}, "nick": "nested"}),
        34 => {
            json!([{"id": "77", "type": 0, "name": "made up", "flags": 131_072}, {"id": 78, "type": 11}])
        }
        35 => {
            json!([{"user_id": "6", "channel_id": "9", "self_mute": true, "deaf": 1}, {"user_id": 6}])
        }
        36 => json!([{"user": {"id": "6", "username": "six", "bot": true}, "nick": null}]),
        _ => json!({"unavailable": true, "d": {"id": null}}),
    }
}

/// Writes the tree in one of the many ways that mean the same.
pub fn write(value: &Value, dice: &mut Dice) -> String {
    let mut style = Style { spaces: dice.roll(4), escapes: dice.roll(3), twice: dice.one_in(3) };
    // Keys that come twice are for the data: what a whole frame means then is left open.
    let twice = std::mem::take(&mut style.twice);
    let mut out = String::new();
    style.space(&mut out, dice);
    match value {
        Value::Object(map) => style.object(map, &mut out, dice, twice),
        other => style.value(other, &mut out, dice),
    }
    style.space(&mut out, dice);
    out
}

struct Style {
    /// 0, 1: none. 2: single spaces. 3: a mix.
    spaces: usize,
    /// 0: as few as possible. 1: everything but ASCII. 2: anything may be.
    escapes: usize,
    /// Whether members may be written twice, first with another value.
    twice: bool,
}

impl Style {
    fn value(&mut self, value: &Value, out: &mut String, dice: &mut Dice) {
        match value {
            Value::String(text) => self.string(text, out, dice),
            Value::Array(list) => {
                out.push('[');
                for (index, entry) in list.iter().enumerate() {
                    self.separate(index, out, dice);
                    self.value(entry, out, dice);
                }
                self.space(out, dice);
                out.push(']');
            }
            Value::Object(map) => self.object(map, out, dice, self.twice),
            plain => out.push_str(&plain.to_string()),
        }
    }

    fn object(&mut self, map: &Map<String, Value>, out: &mut String, dice: &mut Dice, twice: bool) {
        let mut members: Vec<(&String, &Value)> = map.iter().collect();
        for index in (1..members.len()).rev() {
            members.swap(index, dice.roll(index + 1));
        }
        out.push('{');
        let mut written = 0;
        for (key, value) in members {
            if self.twice && dice.one_in(5) {
                let decoy = odd_value(dice);
                self.member(written, key, &decoy, out, dice);
                written += 1;
            }
            let outer = std::mem::replace(&mut self.twice, twice);
            self.member(written, key, value, out, dice);
            self.twice = outer;
            written += 1;
        }
        self.space(out, dice);
        out.push('}');
    }

    fn member(
        &mut self,
        index: usize,
        key: &str,
        value: &Value,
        out: &mut String,
        dice: &mut Dice,
    ) {
        self.separate(index, out, dice);
        // Keys are never escaped: a reader by key takes such a key for another one.
        out.push_str(&serde_json::to_string(key).expect("a string"));
        self.space(out, dice);
        out.push(':');
        self.space(out, dice);
        self.value(value, out, dice);
    }

    fn separate(&self, index: usize, out: &mut String, dice: &mut Dice) {
        if index > 0 {
            self.space(out, dice);
            out.push(',');
        }
        self.space(out, dice);
    }

    fn space(&self, out: &mut String, dice: &mut Dice) {
        match self.spaces {
            2 => out.push(' '),
            3 => (0..dice.roll(4)).for_each(|_| out.push([' ', '\n', '\t', '\r'][dice.roll(4)])),
            _ => {}
        }
    }

    fn string(&self, text: &str, out: &mut String, dice: &mut Dice) {
        out.push('"');
        for character in text.chars() {
            let must = matches!(character, '"' | '\\') || character < ' ';
            let may =
                self.escapes == 1 && !character.is_ascii() || self.escapes == 2 && dice.one_in(4);
            match character {
                '"' | '\\' | '/' if must && dice.one_in(2) || character == '/' && may => {
                    out.push('\\');
                    out.push(character);
                }
                '\n' if dice.one_in(2) => out.push_str("\\n"),
                '\t' if dice.one_in(2) => out.push_str("\\t"),
                _ if must || may => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                plain => out.push(plain),
            }
        }
        out.push('"');
    }
}
