//! Members, moderation, invites, roles and emojis, as the definitions have them.

use serde_json::Value;
use vigie_bot::lens::{self, Read, SetAside};
use vigie_bot::limits;
use vigie_core::vocabulary::{
    AuditChange, AuditEntry, AuditId, AuditPage, AutomodFact, ChannelId, EmojiId, Fact,
    GuildDetailsFact, GuildEmojiFact, GuildId, InviteFact, InviteList, MemberFact, MemberPage,
    MessageId, Person, RoleFact, RoleId, UnixMs, UserId,
};

use super::{
    Text, aside, guild_of, hash, id, instant, is_set_true, kind_of, name, needed, objects, person,
};

const GUILD: GuildId = GuildId(7);

/// What the lens says of a text as an answer to a reading of this kind, and what the definitions say of its value.
pub fn assert_answer_agrees(kind: &str, text: &str, value: &Value, what: &str) {
    match kind {
        "members" => {
            let ours = lens::read_members(text, GUILD, UserId(9));
            assert_eq!(ours, members(value), "{what}: {text}");
        }
        "audits" => {
            let ours = lens::read_audits(text, GUILD, AuditId(9));
            assert_eq!(ours, audits(value), "{what}: {text}");
        }
        "invites" => {
            let ours = lens::read_invites(text, None, GUILD);
            assert_eq!(ours, invites(value), "{what}: {text}");
        }
        other => panic!("no reading is called {other}"),
    }
}

/// What an event of these families says; `None` for other events.
pub(super) fn read(event: &str, d: &Value) -> Option<Result<Read<'static>, SetAside>> {
    Some(match event {
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => member(event, d),
        "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" => ban(event, d),
        "GUILD_AUDIT_LOG_ENTRY_CREATE" => audit(d),
        "AUTO_MODERATION_ACTION_EXECUTION" => automod(d),
        "MESSAGE_DELETE_BULK" => deleted(d),
        "INVITE_CREATE" | "INVITE_DELETE" => invite_event(event, d),
        "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" | "GUILD_ROLE_DELETE" => role_event(event, d),
        "GUILD_EMOJIS_UPDATE" => emojis_event(d),
        _ => return None,
    })
}

fn guild(d: &Value, reason: &'static str) -> Result<GuildId, SetAside> {
    needed(&d["guild_id"], reason).map(GuildId)
}

/// Whoever a `user` of an event is.
fn user(user: &Value, nick: &Value, reason: &'static str) -> Result<Person<'static>, SetAside> {
    let id = needed(&user["id"], reason)?;
    let member = serde_json::json!({ "nick": nick });
    Ok(person(id, kind_of(user), user, &member))
}

fn cut(text: &str, bytes_max: usize) -> Text {
    let mut cut = String::new();
    for character in text.chars() {
        if cut.len() + character.len_utf8() > bytes_max {
            break;
        }
        cut.push(character);
    }
    cut.into()
}

/// A number that is not negative, as such or as digits.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => {
            let digits = text.len() <= 20 && text.chars().all(|c| c.is_ascii_digit());
            text.parse().ok().filter(|_| digits)
        }
        other => other.as_u64(),
    }
}

fn count(value: &Value) -> Option<u32> {
    number(value)?.try_into().ok()
}

fn time(value: &Value) -> Option<UnixMs> {
    instant(value.as_str()?)
}

fn has_flag(member: &Value, flag: i64) -> bool {
    member["flags"].as_i64().is_some_and(|flags| flags & flag != 0)
}

fn member(event: &str, d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = guild(d, "member.missing_guild")?;
    let is_removal = event == "GUILD_MEMBER_REMOVE";
    if !is_removal && has_flag(d, 16) {
        return Ok(Read::NotCounted("member.guest"));
    }
    let person = user(&d["user"], &d["nick"], "member.missing_user")?;
    Ok(Read::Fact(match event {
        "GUILD_MEMBER_REMOVE" => Fact::MemberLeft(guild, person),
        "GUILD_MEMBER_UPDATE" => {
            Fact::MemberUpdated(guild, person, time(&d["communication_disabled_until"]))
        }
        _ => {
            let joined_at = time(&d["joined_at"]).ok_or(aside("member.missing_joined_at"))?;
            let rejoined = has_flag(d, 1);
            Fact::MemberJoined(guild, MemberFact { person, joined_at, rejoined })
        }
    }))
}

fn members(list: &Value) -> Result<MemberPage<'static>, SetAside> {
    let entries = list.as_array().ok_or(aside("members.not_a_list"))?;
    let ids = objects(list).filter_map(|entry| id(&entry["user"]["id"]).ok().flatten());
    let present = objects(list).filter(|entry| !has_flag(entry, 16)).filter_map(|entry| {
        Some(MemberFact {
            person: user(&entry["user"], &entry["nick"], "").ok()?,
            joined_at: time(&entry["joined_at"])?,
            rejoined: has_flag(entry, 1),
        })
    });
    Ok(MemberPage {
        guild: GUILD,
        after: UserId(9),
        last: ids.max().map(UserId),
        more: entries.len() >= 1_000,
        members: present.take(1_000).collect(),
    })
}

fn ban(event: &str, d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = guild(d, "ban.missing_guild")?;
    let person = user(&d["user"], &Value::Null, "ban.missing_user")?;
    Ok(Read::Fact(match event {
        "GUILD_BAN_ADD" => Fact::Banned(guild, person),
        _ => Fact::Unbanned(guild, person),
    }))
}

fn audit(d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = guild(d, "audit.missing_guild")?;
    Ok(Read::Fact(Fact::Audit(guild, Box::new(entry(d)?))))
}

fn entry(d: &Value) -> Result<AuditEntry<'static>, SetAside> {
    let options = &d["options"];
    let reason = d["reason"].as_str().filter(|reason| !reason.is_empty());
    let action_type = |number: i64| u16::try_from(number).ok();
    Ok(AuditEntry {
        id: AuditId(needed(&d["id"], "audit.missing_id")?),
        action_type: d["action_type"]
            .as_i64()
            .and_then(action_type)
            .ok_or(aside("audit.missing_type"))?,
        actor: id(&d["user_id"]).ok().flatten().map(UserId),
        target: id(&d["target_id"]).ok().flatten(),
        reason: reason.map(|reason| cut(reason, limits::REASON_BYTES_MAX)),
        channel: id(&options["channel_id"]).ok().flatten().map(ChannelId),
        count: count(&options["count"]).or_else(|| count(&options["members_removed"])),
        rule: name(&options["auto_moderation_rule_name"]),
        changes: objects(&d["changes"]).flat_map(changes).collect(),
    })
}

fn changes(change: &Value) -> Vec<AuditChange<'static>> {
    let Some(key) = name(&change["key"]) else { return Vec::new() };
    match &*key {
        "communication_disabled_until" | "nick" | "mute" | "deaf" | "code" => {
            vec![AuditChange {
                old: plain(&change["old_value"]),
                new: plain(&change["new_value"]),
                role: None,
                key,
            }]
        }
        "$add" | "$remove" => {
            let roles = objects(&change["new_value"]);
            let change = |role: &Value| {
                let (key, new) = (key.clone(), name(&role["name"]));
                let role = Some(id(&role["id"]).ok().flatten()?);
                Some(AuditChange { key, role, old: None, new })
            };
            roles.filter_map(change).collect()
        }
        _ => Vec::new(),
    }
}

/// Text as it is, numbers and truth values as they are written.
fn plain(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) => Some(cut(text, limits::NAME_BYTES_MAX)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string().into()),
        _ => None,
    }
}

fn audits(page: &Value) -> Result<AuditPage<'static>, SetAside> {
    let list = &page["audit_log_entries"];
    let all = list.as_array().ok_or(aside("audit.not_a_page"))?;
    let ids = objects(list).filter_map(|entry| id(&entry["id"]).ok().flatten());
    let mut entries: Vec<_> = objects(list).filter_map(|one| entry(one).ok()).collect();
    entries.sort_by_key(|entry| entry.id);
    let named = objects(&page["users"]).filter(|user| name(&user["username"]).is_some());
    Ok(AuditPage {
        guild: GUILD,
        after: AuditId(9),
        newest: ids.max().map(AuditId),
        more: all.len() >= 100,
        entries,
        people: named.filter_map(|one| user(one, &Value::Null, "").ok()).collect(),
    })
}

fn automod(d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = guild(d, "automod.missing_guild")?;
    let action = |number: i64| u8::try_from(number).ok();
    let member = UserId(needed(&d["user_id"], "automod.missing_user")?);
    let rule = needed(&d["rule_id"], "automod.missing_rule")?;
    let action = d["action"]["type"].as_i64().and_then(action);
    Ok(Read::Fact(Fact::Automod(
        guild,
        AutomodFact {
            member,
            rule,
            action_type: action.ok_or(aside("automod.missing_action"))?,
            channel: id(&d["channel_id"]).ok().flatten().map(ChannelId),
            message: id(&d["message_id"]).ok().flatten().map(MessageId),
        },
    )))
}

fn deleted(d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "message.missing_guild")? else {
        return Ok(Read::NotCounted("message.direct"));
    };
    let channel = ChannelId(needed(&d["channel_id"], "message.missing_channel")?);
    let ids = d["ids"].as_array().ok_or(aside("message.missing_ids"))?;
    Ok(Read::Fact(Fact::MessagesDeleted(guild, channel, ids.len() as u32)))
}

fn code(value: &Value) -> Option<Text> {
    let code = value.as_str()?;
    (1..=64).contains(&code.len()).then(|| code.to_owned().into())
}

fn invite_event(event: &str, d: &Value) -> Result<Read<'static>, SetAside> {
    let Some(guild) = guild_of(d, "invite.missing_guild")? else {
        return Ok(Read::NotCounted("invite.direct"));
    };
    let missing = aside("invite.missing_code");
    Ok(Read::Fact(match event {
        "INVITE_CREATE" => Fact::InviteCreated(guild, invite(d).ok_or(missing)?),
        _ => Fact::InviteDeleted(guild, code(&d["code"]).ok_or(missing)?),
    }))
}

fn invite(d: &Value) -> Option<InviteFact<'static>> {
    let created_at = time(&d["created_at"]);
    let by_age = || {
        let age_s = count(&d["max_age"]).filter(|age_s| *age_s > 0)?;
        Some(UnixMs(created_at?.0 + i64::from(age_s) * 1_000))
    };
    let channel = |value: &Value| id(value).ok().flatten().map(ChannelId);
    Some(InviteFact {
        code: code(&d["code"])?,
        channel: channel(&d["channel_id"]).or_else(|| channel(&d["channel"]["id"])),
        inviter: user(&d["inviter"], &Value::Null, "").ok(),
        uses: count(&d["uses"]),
        max_uses: count(&d["max_uses"]).unwrap_or(0),
        created_at,
        expires_at: time(&d["expires_at"]).or_else(by_age),
        temporary: is_set_true(&d["temporary"]),
    })
}

fn invites(list: &Value) -> Result<InviteList<'static>, SetAside> {
    if !list.is_array() {
        return Err(aside("invites.not_a_list"));
    }
    let invites = objects(list).filter_map(invite).collect();
    Ok(InviteList { guild: GUILD, invites, vanity: None })
}

fn role_event(event: &str, d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = guild(d, "role.missing_guild")?;
    let missing = aside("role.missing_role");
    Ok(Read::Fact(match event {
        "GUILD_ROLE_DELETE" => {
            Fact::RoleDeleted(guild, RoleId(id(&d["role_id"]).ok().flatten().ok_or(missing)?))
        }
        _ => Fact::Role(guild, role(&d["role"]).ok_or(missing)?),
    }))
}

fn role(role: &Value) -> Option<RoleFact<'static>> {
    Some(RoleFact {
        id: RoleId(id(&role["id"]).ok().flatten()?),
        name: name(&role["name"])?,
        color: count(&role["color"]).unwrap_or(0),
        position: role["position"].as_i64().and_then(|at| at.try_into().ok()).unwrap_or(0),
        permissions: number(&role["permissions"]).unwrap_or(0),
        managed: is_set_true(&role["managed"]),
    })
}

fn emojis_event(d: &Value) -> Result<Read<'static>, SetAside> {
    let guild = guild(d, "emojis.missing_guild")?;
    if !d["emojis"].is_array() {
        return Err(aside("emojis.missing_list"));
    }
    Ok(Read::Fact(Fact::Emojis(guild, emojis(&d["emojis"]))))
}

fn emojis(list: &Value) -> Vec<GuildEmojiFact<'static>> {
    let emoji = |emoji: &Value| {
        Some(GuildEmojiFact {
            id: EmojiId(id(&emoji["id"]).ok().flatten()?),
            name: name(&emoji["name"]).unwrap_or_default(),
            animated: is_set_true(&emoji["animated"]),
        })
    };
    objects(list).filter_map(emoji).collect()
}

/// The second fact of a GUILD_CREATE or GUILD_UPDATE that names roles and emojis.
pub(super) fn details(d: &Value, guild: GuildId) -> Option<Fact<'static>> {
    if !d["roles"].is_array() || !d["emojis"].is_array() {
        return None;
    }
    let features = d["features"].as_array().map(Vec::as_slice).unwrap_or_default();
    let described =
        |value: &Value| value.as_str().map(|text| cut(text, limits::DESCRIPTION_BYTES_MAX));
    let level = |value: &Value| value.as_i64().map(|number| Text::from(number.to_string()));
    let channel =
        |value: &Value| id(value).ok().flatten().map(|number| Text::from(number.to_string()));
    type Form<'a> = &'a dyn Fn(&Value) -> Option<Text>;
    let fields: [(&'static str, Form<'_>); 8] = [
        ("description", &described),
        ("verification_level", &level),
        ("preferred_locale", &described),
        ("afk_channel_id", &channel),
        ("system_channel_id", &channel),
        ("rules_channel_id", &channel),
        ("banner", &hash),
        ("mfa_level", &level),
    ];
    let told = fields.into_iter().filter_map(|(name, form)| match d.get(name)? {
        Value::Null => Some((Text::from(name), None)),
        value => Some((Text::from(name), Some(form(value)?))),
    });
    Some(Fact::GuildDetails(Box::new(GuildDetailsFact {
        guild,
        roles: objects(&d["roles"]).filter_map(role).collect(),
        emojis: emojis(&d["emojis"]),
        features: features.iter().filter_map(name).collect(),
        vanity: code(&d["vanity_url_code"]),
        fields: told.collect(),
    })))
}
