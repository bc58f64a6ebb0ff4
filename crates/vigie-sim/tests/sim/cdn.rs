//! Pictures.

use reqwest::StatusCode;
use vigie_world::World;

use crate::support::{Sim, config};

#[tokio::test]
async fn avatars_and_icons_are_pngs_that_are_fetched_once() {
    let sim = Sim::start().await;
    let world = World::new(config().world);
    let guild = world.guilds().iter().find(|guild| guild.icon.is_some()).unwrap();
    let user = (0..guild.member_count)
        .map(|index| world.member(guild, index).user)
        .find(|user| user.avatar.is_some())
        .unwrap();
    let paths = [
        format!("/avatars/{}/{}.png?size=64", user.id.0, user.avatar.unwrap()),
        format!("/icons/{}/{}.webp", guild.id.0, guild.icon.unwrap()),
        "/embed/avatars/3.png?size=32".to_owned(),
    ];
    for path in paths {
        let url = format!("{}{path}", sim.simulator.cdn_url());
        let answer = sim.http.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-type"], "image/png");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("max-age="));
        let tag = answer.headers()["etag"].clone();
        assert!(answer.bytes().await.unwrap().starts_with(b"\x89PNG"));
        let again = sim.http.get(&url).header("if-none-match", tag).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
}

#[tokio::test]
async fn what_names_no_picture_does_not_exist() {
    let sim = Sim::start().await;
    let guild = sim.guild().await.0;
    let paths = [
        format!("/icons/{guild}/short.png"),
        "/avatars/1/0000.png".to_owned(),
        "/embed/avatars/6.png".to_owned(),
        "/embed/avatars/1.exe".to_owned(),
    ];
    for path in paths {
        let answer =
            sim.http.get(format!("{}{path}", sim.simulator.cdn_url())).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
