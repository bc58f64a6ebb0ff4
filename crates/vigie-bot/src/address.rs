//! Addresses of Discord or of a simulator, as people write them, in the forms that the client libraries take.
//!
//! The libraries panic on a gateway address that is not one: nothing reaches them unchecked.

use crate::BotError;

/// Where the HTTP API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiAddress {
    /// Host, port and path prefix: what stands between the scheme and `/api/v10`.
    pub(crate) host: String,
    /// Whether to speak plain HTTP.
    pub(crate) plain: bool,
}

impl ApiAddress {
    /// Discord itself, or `api_url`: `https://host[:port][/prefix]`, with or without `/api` or `/api/v10` at its end.
    pub(crate) fn parse(api_url: Option<&str>) -> Result<Self, BotError> {
        let Some(url) = api_url else {
            return Ok(Self { host: "discord.com".to_owned(), plain: false });
        };
        let wrong =
            |problem| BotError::Address { what: "discord.api_url", value: url.to_owned(), problem };
        let (plain, rest) = scheme(url, "http://", "https://")
            .ok_or_else(|| wrong("it must start with https:// or http://"))?;
        let host = strip_api_path(rest.trim_end_matches('/'));
        check_place(host).map_err(wrong)?;
        Ok(Self { host: host.to_owned(), plain })
    }

    /// The address of an endpoint, to be shown to people.
    pub(crate) fn url(&self, endpoint: &str) -> String {
        let scheme = if self.plain { "http" } else { "https" };
        format!("{scheme}://{}/api/v10/{endpoint}", self.host)
    }
}

/// A gateway address without query and without slash at its end: `wss://host[:port][/prefix]`.
pub(crate) fn gateway(what: &'static str, url: &str) -> Result<String, BotError> {
    let wrong = |problem| BotError::Address { what, value: url.to_owned(), problem };
    let (plain, rest) = scheme(url, "ws://", "wss://")
        .ok_or_else(|| wrong("it must start with wss:// or ws://"))?;
    let rest = rest.split_once('?').map_or(rest, |(place, _query)| place).trim_end_matches('/');
    check_place(rest).map_err(wrong)?;
    Ok(format!("{}://{rest}", if plain { "ws" } else { "wss" }))
}

fn scheme<'a>(url: &'a str, plain: &str, secure: &str) -> Option<(bool, &'a str)> {
    let url = url.trim();
    let strip = |scheme: &str| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    strip(plain).map(|rest| (true, rest)).or_else(|| strip(secure).map(|rest| (false, rest)))
}

fn strip_api_path(place: &str) -> &str {
    let (parent, last) = place.rsplit_once('/').unwrap_or((place, ""));
    let is_version = last.strip_prefix('v').is_some_and(|number| number.parse::<u8>().is_ok());
    let place = if is_version { parent } else { place };
    place.strip_suffix("/api").unwrap_or(place)
}

/// Whether `host[:port][/path]` is one, in the characters that need no escaping.
fn check_place(place: &str) -> Result<(), &'static str> {
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            rest.split_once(']').ok_or("the bracket of its IPv6 address is not closed")?
        }
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_ipv6 = |byte: u8| byte.is_ascii_hexdigit() || b":.".contains(&byte);
    let in_brackets = authority.starts_with('[');
    if host.is_empty()
        || !host.bytes().all(|byte| if in_brackets { is_ipv6(byte) } else { is_host(byte) })
    {
        return Err("its host name is missing or has characters that no host name has");
    }
    if !port.is_empty()
        && port.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()).is_none()
    {
        return Err("its port is not a number below 65536");
    }
    if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte)) {
        return Err("its path has characters that it may not have");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_addresses_are_taken_as_people_write_them() {
        let cases = [
            ("http://127.0.0.1:7700", "127.0.0.1:7700", true),
            ("http://127.0.0.1:7700/", "127.0.0.1:7700", true),
            ("http://127.0.0.1:7700/api", "127.0.0.1:7700", true),
            (" http://127.0.0.1:7700/api/v10/ ", "127.0.0.1:7700", true),
            ("HTTPS://discord.com/api/v9", "discord.com", false),
            ("https://proxy.example/discord/api/v10", "proxy.example/discord", false),
            ("http://[::1]:7700", "[::1]:7700", true),
            ("http://sim", "sim", true),
        ];
        for (url, host, plain) in cases {
            let address = ApiAddress::parse(Some(url)).expect(url);
            assert_eq!(address, ApiAddress { host: host.to_owned(), plain }, "{url}");
        }
        let discord = ApiAddress::parse(None).expect("no setting is the usual case");
        assert_eq!(discord.url("gateway/bot"), "https://discord.com/api/v10/gateway/bot");
    }

    #[test]
    fn gateway_addresses_lose_query_and_slash() {
        let cases = [
            ("wss://gateway.discord.gg", "wss://gateway.discord.gg"),
            ("wss://gateway.discord.gg/?v=10&encoding=json", "wss://gateway.discord.gg"),
            ("WS://127.0.0.1:7700/", "ws://127.0.0.1:7700"),
            ("ws://[::1]:7700/gateway/", "ws://[::1]:7700/gateway"),
        ];
        for (url, wanted) in cases {
            assert_eq!(gateway("discord.gateway_url", url).expect(url), wanted);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_words() {
        for url in [
            "",
            "gateway.discord.gg",
            "http://discord.com",
            "ws://",
            "ws://a b",
            "ws://[::1",
            "ws://h:70000",
            "ws://h:",
            "ws://u@h",
            "ws://h/\u{e9}",
        ] {
            let error = gateway("discord.gateway_url", url).expect_err(url);
            assert!(
                error.to_string().starts_with("discord.gateway_url is not an address"),
                "{error}"
            );
        }
        assert!(ApiAddress::parse(Some("ws://h")).is_err());
        assert!(ApiAddress::parse(Some("http://")).is_err());
    }
}
