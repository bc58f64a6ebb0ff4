//! The REST API: shapes, pages, errors, limits.

use serde_json::{Value, json};
use vigie_sim::SimConfig;
use vigie_world::{Channel, Page, World};

use crate::support::{Sim, config};

fn unlimited() -> SimConfig {
    SimConfig { rest_limits: false, ..config() }
}

#[tokio::test]
async fn every_version_of_the_path_answers_and_the_gateway_says_where_it_is() {
    let sim = Sim::start().await;
    for base in ["/api/v10", "/api/v9", "/api"] {
        let url = format!("{}{base}/gateway", sim.base());
        let answer: Value = sim.http.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer, json!({ "url": sim.simulator.gateway_url() }), "{base}");
    }
    let (status, bot) = sim.ask("/gateway/bot").await;
    assert_eq!(status, 200);
    assert_eq!((&bot["url"], &bot["shards"]), (&json!(sim.simulator.gateway_url()), &json!(1)));
    let limit = &bot["session_start_limit"];
    assert_eq!((&limit["total"], &limit["remaining"]), (&json!(1_000), &json!(1_000)));
    assert_eq!(limit["max_concurrency"], 1);
    assert!(limit["reset_after"].is_u64());
}

#[tokio::test]
async fn who_says_nothing_or_a_wrong_token_gets_401() {
    let sim = Sim::with(SimConfig { token: vec!["good".to_owned()], ..config() }).await;
    let url = format!("{}/api/v10/users/@me", sim.base());
    for header in [None, Some("Bot bad"), Some("Bearer good"), Some("good")] {
        let mut request = sim.http.get(&url);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{header:?}");
        assert_eq!(answer.headers()["content-type"], "application/json");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "message": "401: Unauthorized", "code": 0 }));
    }
    let answer = sim.http.get(&url).header("authorization", "Bot good").send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn our_own_user_and_application_are_told() {
    let sim = Sim::with(unlimited()).await;
    let (_, me) = sim.ask("/users/@me").await;
    assert_eq!((&me["bot"], me["mfa_enabled"].is_boolean()), (&json!(true), true));
    for path in ["/applications/@me", "/oauth2/applications/@me"] {
        let (status, application) = sim.ask(path).await;
        assert_eq!((status.as_u16(), &application["id"]), (200, &me["id"]));
        assert!(application["owner"]["username"].is_string());
        assert_eq!(application["verify_key"].as_str().unwrap().len(), 64);
    }
    let id = me["id"].as_str().unwrap();
    assert_eq!(sim.ask(&format!("/users/{id}")).await.1["username"], me["username"]);
}

#[tokio::test]
async fn guilds_channels_threads_and_roles_are_listed() {
    let sim = Sim::with(unlimited()).await;
    let world = World::new(config().world);
    let mut hidden = 0;
    for guild in world.guilds() {
        let id = guild.id.0;
        let (_, told) = sim.ask(&format!("/guilds/{id}?with_counts=true")).await;
        assert_eq!((&told["name"], &told["id"]), (&json!(guild.name), &json!(id.to_string())));
        assert_eq!(told["approximate_member_count"], guild.member_count);
        let (_, channels) = sim.ask(&format!("/guilds/{id}/channels")).await;
        let visible = guild.channels.iter().filter(|channel| !channel.is_hidden()).count();
        hidden += guild.channels.len() - visible;
        assert_eq!(channels.as_array().unwrap().len(), visible);
        assert!(channels.as_array().unwrap().iter().all(|c| c["name"] != "___hidden___"));
        let (_, threads) = sim.ask(&format!("/guilds/{id}/threads/active")).await;
        assert_eq!(threads["threads"].as_array().unwrap().len(), guild.active_threads().count());
        let (_, roles) = sim.ask(&format!("/guilds/{id}/roles")).await;
        assert_eq!(roles.as_array().unwrap().len(), guild.roles.len());
        let first = guild.channels.iter().find(|channel| !channel.is_hidden()).unwrap().id.0;
        assert_eq!(sim.ask(&format!("/channels/{first}")).await.1["id"], json!(first.to_string()));
    }
    for channel in world.guilds().iter().flat_map(|guild| &guild.channels).filter(|c| c.is_hidden())
    {
        let (status, body) = sim.ask(&format!("/channels/{}", channel.id.0)).await;
        assert_eq!((status.as_u16(), &body["code"]), (403, &json!(50_001)));
    }
    tracing::debug!(hidden, "channels that our bot may not see");
}

#[tokio::test]
async fn members_are_paged_by_id_and_found_by_name() {
    let sim = Sim::with(unlimited()).await;
    let world = World::new(config().world);
    let guild = world.guilds().iter().max_by_key(|guild| guild.member_count).unwrap();
    let base = format!("/guilds/{}/members", guild.id.0);
    assert_eq!(sim.ask(&base).await.1.as_array().unwrap().len(), 1);
    let (mut after, mut ids) = (0, Vec::new());
    loop {
        let (_, page) = sim.ask(&format!("{base}?limit=100&after={after}")).await;
        let page: Vec<u64> = page
            .as_array()
            .unwrap()
            .iter()
            .map(|member| member["user"]["id"].as_str().unwrap().parse().unwrap())
            .collect();
        let Some(&last) = page.last() else { break };
        after = last;
        ids.extend(page);
    }
    assert_eq!(ids.len() as u32, guild.member_count);
    assert!(ids.is_sorted());
    let someone = world.member(guild, 0).user;
    let (_, member) = sim.ask(&format!("{base}/{}", someone.id.0)).await;
    assert_eq!(member["user"]["username"], someone.username);
    let (_, found) = sim.ask(&format!("{base}/search?limit=10&query={}", someone.username)).await;
    assert!(found.as_array().unwrap().iter().any(|m| m["user"] == member["user"]));
}

#[tokio::test]
async fn members_are_listed_only_with_the_privilege() {
    let sim = Sim::with(SimConfig { privileged_intents: 0, ..config() }).await;
    let guild = sim.guild().await.0;
    let (status, body) = sim.ask(&format!("/guilds/{guild}/members?limit=5")).await;
    assert_eq!((status.as_u16(), &body["code"]), (403, &json!(50_001)));
    let (status, _) = sim.ask(&format!("/guilds/{guild}/members/search?query=a&limit=5")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn messages_are_paged_in_every_direction() {
    let sim = Sim::with(unlimited()).await;
    let world = World::new(config().world);
    let guild = &world.guilds()[0];
    let busiest = guild
        .channels
        .iter()
        .filter(|channel| !channel.is_hidden())
        .max_by_key(|channel| world.messages(channel.id, Page::Latest, 100).len())
        .unwrap();
    let base = format!("/channels/{}/messages", busiest.id.0);
    let page = async |query: &str| -> Vec<u64> {
        let (status, page) = sim.ask(&format!("{base}{query}")).await;
        assert_eq!(status, 200, "{query}");
        let ids =
            page.as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().parse().unwrap());
        ids.collect()
    };
    let newest = page("").await;
    assert_eq!(newest.len(), 50);
    assert!(newest.windows(2).all(|pair| pair[0] > pair[1]));
    let hundred = page("?limit=100").await;
    assert_eq!(hundred[..50], newest[..]);
    let older = page(&format!("?limit=30&before={}", newest[19])).await;
    assert_eq!(older[..], hundred[20..50]);
    let newer = page(&format!("?limit=10&after={}", newest[19])).await;
    assert_eq!(newer[..], newest[9..19]);
    let around = page(&format!("?limit=11&around={}", newest[19])).await;
    assert_eq!(around[..], newest[14..25]);
    assert_eq!(page("?limit=3&after=0").await.len(), 3);
    let (_, one) = sim.ask(&format!("{base}/{}", newest[4])).await;
    assert_eq!(one["id"], json!(newest[4].to_string()));
    assert!(one["guild_id"].is_null() && one["member"].is_null(), "not told over HTTP");
}

#[tokio::test]
async fn what_is_unknown_has_its_own_code() {
    let sim = Sim::with(unlimited()).await;
    let guild = sim.guild().await.0;
    let cases = [
        ("/guilds/1".to_owned(), 10_004),
        ("/guilds/1/channels".to_owned(), 10_004),
        ("/channels/1".to_owned(), 10_003),
        ("/channels/1/messages".to_owned(), 10_003),
        ("/users/1".to_owned(), 10_013),
        (format!("/guilds/{guild}/members/1"), 10_013),
        ("/nothing".to_owned(), 0),
    ];
    for (path, code) in cases {
        let (status, body) = sim.ask(&path).await;
        assert_eq!((status.as_u16(), &body["code"]), (404, &json!(code)), "{path}");
        assert!(body["message"].is_string());
    }
    let url = format!("{}/api/v10/users/@me", sim.base());
    let post = sim.http.post(url).header("authorization", "Bot any").send().await.unwrap();
    assert_eq!(
        (post.status().as_u16(), &post.headers()["content-type"]),
        (405, &"application/json".parse().unwrap())
    );
}

#[tokio::test]
async fn wrong_forms_say_which_field_is_wrong() {
    let sim = Sim::with(unlimited()).await;
    let world = World::new(config().world);
    let channel = world.guilds()[0].channels.iter().find(|c| !c.is_hidden()).unwrap().id.0;
    let guild = world.guilds()[0].id.0;
    let cases = [
        (format!("/channels/{channel}/messages?limit=101"), "limit", "NUMBER_TYPE_MAX"),
        (format!("/channels/{channel}/messages?limit=0"), "limit", "NUMBER_TYPE_MIN"),
        (format!("/channels/{channel}/messages?limit=many"), "limit", "NUMBER_TYPE_COERCE"),
        (format!("/channels/{channel}/messages?before=then"), "before", "NUMBER_TYPE_COERCE"),
        ("/guilds/mine".to_owned(), "guild_id", "NUMBER_TYPE_COERCE"),
        (format!("/guilds/{guild}/members?limit=1001"), "limit", "NUMBER_TYPE_MAX"),
        (format!("/guilds/{guild}/members/search"), "query", "BASE_TYPE_REQUIRED"),
    ];
    for (path, field, code) in cases {
        let (status, body) = sim.ask(&path).await;
        assert_eq!((status.as_u16(), &body["code"]), (400, &json!(50_035)), "{path}");
        assert_eq!(body["errors"][field]["_errors"][0]["code"], code, "{path}: {body}");
    }
}

#[tokio::test]
async fn a_route_that_is_asked_too_often_answers_429_until_its_bucket_fills() {
    let sim = Sim::start().await;
    let world = World::new(config().world);
    let written =
        |c: &&Channel| !c.is_hidden() && !world.messages(c.id, Page::Latest, 1).is_empty();
    let mut channels = world.guilds()[0].channels.iter().filter(written);
    let (one, other) = (channels.next().unwrap().id.0, channels.next().unwrap().id.0);
    let path = format!("/channels/{one}/messages?limit=1");
    let mut remaining = Vec::new();
    let limited = loop {
        let answer = sim.get(&path).send().await.unwrap();
        if answer.status() == 429 {
            break answer;
        }
        assert_eq!(answer.headers()["x-ratelimit-limit"], "10");
        assert_eq!(answer.headers()["x-ratelimit-bucket"].len(), 32);
        remaining.push(answer.headers()["x-ratelimit-remaining"].to_str().unwrap().to_owned());
        assert!(remaining.len() < 100, "never limited");
    };
    assert_eq!(remaining.last().unwrap(), "0");
    assert_eq!(limited.headers()["x-ratelimit-scope"], "user");
    assert_eq!(limited.headers()["x-ratelimit-remaining"], "0");
    assert!(limited.headers().contains_key("retry-after"));
    let body: Value = limited.json().await.unwrap();
    assert_eq!(body["global"], false);
    let elsewhere = sim.get(&format!("/channels/{other}/messages?limit=1")).send().await.unwrap();
    assert_eq!(elsewhere.status(), 200, "another channel has a bucket of its own");
    let wait = body["retry_after"].as_f64().unwrap();
    tokio::time::sleep(std::time::Duration::from_secs_f64(wait)).await;
    assert_eq!(sim.ask(&path).await.0, 200);
}

#[tokio::test]
async fn a_bot_that_asks_too_much_of_everything_is_limited_as_a_whole() {
    let sim = Sim::with(SimConfig { rest_requests_per_second: 3, ..config() }).await;
    let guild = sim.guild().await.0;
    let paths = [
        "/users/@me".to_owned(),
        "/gateway/bot".into(),
        format!("/guilds/{guild}"),
        "/applications/@me".into(),
    ];
    let mut statuses = Vec::new();
    for path in &paths {
        let answer = sim.get(path).send().await.unwrap();
        statuses.push(answer.status().as_u16());
        if answer.status() == 429 {
            assert_eq!(answer.headers()["x-ratelimit-global"], "true");
            assert!(!answer.headers().contains_key("x-ratelimit-bucket"));
        }
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
}
