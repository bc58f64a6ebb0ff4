//! What a message says, made from its id.

use super::json::Json;
use crate::event::{Author, Message, Shape};
use crate::guild::Guild;
use crate::names::emoji::UNICODE;
use crate::names::talk;
use crate::people;
use crate::rng::Rng;

/// What a message holds besides its envelope.
pub(super) struct Words {
    rng: Rng,
    /// The member it mentions.
    pub(super) mentions: Option<u32>,
    /// Whether it carries a picture.
    pub(super) has_attachment: bool,
    /// Whether it carries an embed.
    pub(super) has_embed: bool,
    /// Whether it has buttons.
    pub(super) has_buttons: bool,
    is_automatic: bool,
}

impl Words {
    pub(super) fn of(guild: &Guild, message: &Message) -> Self {
        let mut rng = Rng::of(&[message.id.0, 0x703d]);
        let drawn = rng.below(1_000);
        let is_notice = message.counts_as().is_none();
        let is_automatic = match message.author {
            Author::Webhook(_) => true,
            Author::Member(index) => !guild.is_person(index),
        };
        let is_person = !is_automatic && !is_notice;
        let mentions = match message.shape {
            Shape::Reply { to_author: Author::Member(index), .. } if !drawn.is_multiple_of(4) => {
                Some(index)
            }
            Shape::Text if is_person && drawn < 45 => Some(people::regular(guild, &mut rng)),
            _ => None,
        };
        Self {
            mentions,
            has_attachment: is_person && (45..95).contains(&drawn),
            has_embed: is_automatic && !is_notice && drawn < 550,
            has_buttons: is_automatic
                && matches!(message.shape, Shape::Command { .. })
                && drawn < 300,
            is_automatic,
            rng,
        }
    }

    /// The text itself, as the inside of a JSON string.
    pub(super) fn write(
        mut self,
        guild: &Guild,
        message: &Message,
        mention: Option<u64>,
        json: &mut Json<'_>,
    ) {
        if message.counts_as().is_none() {
            return;
        }
        let rng = &mut self.rng;
        if self.is_automatic {
            let lines = match message.author {
                Author::Webhook(_) => talk::REPORTS,
                Author::Member(_) => talk::BOT_ANSWERS,
            };
            json.inside(rng.pick(lines));
            return;
        }
        if let (Some(id), Shape::Text) = (mention, message.shape) {
            json.raw("<@").number(id).raw("> ");
        }
        let sentences = talk::sentences(guild.community, guild.language);
        let count = 1 + usize::from(rng.chance(0.4)) + usize::from(rng.chance(0.2));
        let first = rng.below(2) as usize;
        for place in 0..count {
            let sentence = rng.pick(sentences[(first + place) % 2]);
            json.inside(sentence);
            if place + 1 < count {
                json.raw(if sentence.ends_with(['!', '?', '.']) { " " } else { ", " });
            }
        }
        match rng.below(100) {
            0..8 if !guild.emojis.is_empty() => {
                let own = rng.pick(&guild.emojis);
                json.raw(if own.animated { " <a:" } else { " <:" });
                json.raw(own.name).raw(":").number(own.id.0).raw(">");
            }
            8..20 => {
                json.raw(" ").raw(rng.pick(UNICODE));
            }
            _ => {}
        }
    }
}

/// The attachment of a message: a picture.
pub(super) fn attachment(message: &Message, json: &mut Json<'_>) {
    let mut rng = Rng::of(&[message.id.0, 0xa77a]);
    let id = message.id.0 - 1 - rng.below(1 << 20);
    let (width, height) =
        rng.pick(&[(1920, 1080), (1080, 1920), (1280, 720), (828, 1792), (800, 600)]);
    json.raw(r#"{"id":"#).id(id);
    json.raw(r#","filename":"image.png","size":"#).number(80_000 + rng.below(3_000_000));
    for key in ["url", "proxy_url"] {
        let host = if key == "url" { "cdn.discordapp.com" } else { "media.discordapp.net" };
        json.raw(",\"").raw(key).raw(r#"":"https://"#).raw(host).raw("/attachments/");
        json.number(message.channel.0).raw("/").number(id);
        json.raw("/image.png?ex=6b0f4d96&is=6b0dfc16&hm=").number(rng.bits()).raw("&\"");
    }
    json.raw(r#","width":"#).number(width).raw(r#","height":"#).number(height);
    json.raw(r#","content_type":"image/png","content_scan_version":1,"placeholder":"YRgGDAIHd3iAd3eHd4iHd3d4CHcn","placeholder_version":1}"#);
}

/// The embed of a bot's or a webhook's message.
pub(super) fn embed(message: &Message, json: &mut Json<'_>) {
    let mut rng = Rng::of(&[message.id.0, 0xe3bed]);
    let line = rng.pick(talk::REPORTS);
    json.raw(r#"{"type":"rich","title":"#).text(line);
    json.raw(r#","description":"#).text(rng.pick(talk::REPORTS));
    json.raw(r#","color":"#).number(rng.below(0x0100_0000));
    json.raw(r#","content_scan_version":1,"fields":[{"name":"Status","value":"ok","inline":true},{"name":"Count","value":""#);
    json.number(rng.below(500)).raw(r#"","inline":true}]}"#);
}

/// A row of buttons under a bot's answer.
pub(super) const BUTTONS: &str = r#"[{"type":1,"id":1,"components":[{"type":2,"id":2,"style":2,"custom_id":"prev","label":"Back","disabled":true},{"type":2,"id":3,"style":2,"custom_id":"next","label":"Next"}]}]"#;
