//! Audit entries and automatic moderation.

use std::collections::BTreeSet;

use vigie_core::vocabulary::UserId;

use super::json::Json;
use super::members::account;
use super::people;
use crate::guild::Guild;
use crate::moderation::{AuditChange, AuditEntry, AuditValue, AutomodHit};
use crate::world::World;

/// GUILD_AUDIT_LOG_ENTRY_CREATE.
pub(super) fn entry_event(guild: &Guild, entry: &AuditEntry, out: &mut String) {
    open_entry(entry, out);
    Json(out).raw(r#","guild_id":"#).id(guild.id.0).raw("}");
}

/// A page of the audit log as "Get Guild Audit Log" answers: with the accounts that its entries name.
pub fn audit_log(world: &World, guild: &Guild, entries: &[&AuditEntry], out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"audit_log_entries":"#).list(entries, |json, entry| {
        open_entry(entry, json.0);
        json.raw("}");
    });
    let mut named = BTreeSet::new();
    for entry in entries {
        named.extend(entry.actor);
        let names_user = matches!(entry.action_type, 20..=28 | 72 | 143..=146);
        named.extend(entry.target.filter(|_| names_user).map(UserId));
    }
    json.raw(r#","users":"#).list(named, |json, user| {
        people::user(&account(world, guild, user), json.0);
    });
    json.raw(r#","integrations":[],"webhooks":[],"guild_scheduled_events":[],"threads":[],"application_commands":[],"auto_moderation_rules":[]}"#);
}

fn open_entry(entry: &AuditEntry, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"id":"#).id(entry.id.0);
    json.raw(r#","user_id":"#).maybe_id(entry.actor.map(|actor| actor.0));
    json.raw(r#","target_id":"#).maybe_id(entry.target);
    json.raw(r#","action_type":"#).number(u64::from(entry.action_type));
    if !entry.changes.is_empty() {
        json.raw(r#","changes":"#).list(&entry.changes, change);
    }
    options(entry, json);
    if let Some(reason) = &entry.reason {
        json.raw(r#","reason":"#).text(reason);
    }
}

/// All values of options are strings.
fn options(entry: &AuditEntry, json: &mut Json<'_>) {
    let told = entry.options;
    let mut between = r#","options":{"#;
    let mut open = |json: &mut Json<'_>, key: &str| {
        json.raw(between).text(key).raw(":");
        between = ",";
    };
    if let Some(channel) = told.channel {
        open(json, "channel_id");
        json.id(channel.0);
    }
    if let Some(count) = told.count {
        open(json, "count");
        json.id(u64::from(count));
    }
    if let Some((days, members)) = told.pruned {
        open(json, "delete_member_days");
        json.id(u64::from(days));
        open(json, "members_removed");
        json.id(u64::from(members));
    }
    if let Some((name, trigger)) = told.rule {
        open(json, "auto_moderation_rule_name");
        json.text(name);
        open(json, "auto_moderation_rule_trigger_type");
        json.id(u64::from(trigger));
    }
    if between == "," {
        json.raw("}");
    }
}

fn change(json: &mut Json<'_>, change: &AuditChange) {
    json.raw(r#"{"key":"#).text(change.key);
    for (key, told) in [(r#","old_value":"#, &change.old), (r#","new_value":"#, &change.new)] {
        if let Some(told) = told {
            json.raw(key);
            value(json, told);
        }
    }
    json.raw("}");
}

fn value(json: &mut Json<'_>, value: &AuditValue) {
    match value {
        AuditValue::Text(text) => json.text(text),
        AuditValue::Id(id) => json.id(*id),
        AuditValue::Number(number) => json.number(*number),
        AuditValue::Flag(flag) => json.flag(*flag),
        AuditValue::Time(at, hours_east) => json.time_in(*at, *hours_east),
        AuditValue::Roles(roles) => json.list(roles, |json, (id, name)| {
            json.raw(r#"{"id":"#).id(id.0).raw(r#","name":"#).text(name).raw("}");
        }),
    };
}

/// AUTO_MODERATION_ACTION_EXECUTION. The words are told with the intent MESSAGE_CONTENT only.
pub(super) fn automod_event(guild: &Guild, hit: &AutomodHit, content: bool, out: &mut String) {
    let json = &mut Json(out);
    json.raw(r#"{"guild_id":"#).id(guild.id.0);
    json.raw(r#","action":{"type":"#).number(u64::from(hit.action_type)).raw(r#","metadata":{"#);
    if let Some(channel) = hit.alert_channel {
        json.raw(r#""channel_id":"#).id(channel.0);
    }
    if let Some(seconds) = hit.timeout_s {
        json.raw(r#""duration_seconds":"#).number(u64::from(seconds));
    }
    json.raw(r#"}},"rule_id":"#).id(hit.rule);
    json.raw(r#","rule_trigger_type":"#).number(u64::from(hit.trigger));
    json.raw(r#","user_id":"#).id(hit.member.0);
    json.raw(r#","channel_id":"#).id(hit.channel.0);
    if let Some(message) = hit.message {
        json.raw(r#","message_id":"#).id(message.0);
    }
    let words = if content { hit.keyword } else { "" };
    let keyword = Some(words).filter(|words| !words.is_empty());
    json.raw(r#","content":"#).text(words);
    json.raw(r#","matched_keyword":"#).maybe_text(keyword);
    json.raw(r#","matched_content":"#).maybe_text(keyword).raw("}");
}
