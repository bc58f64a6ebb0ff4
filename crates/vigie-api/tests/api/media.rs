//! Pictures, from a small CDN of our own on this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::harness::{Reply, Server, api, block_on};

const HASH: &str = "0123456789abcdef0123456789abcdef";

/// What the CDN answers depends on the id asked for.
fn answer(id: u64) -> Response {
    let png = |bytes: Vec<u8>| ([(header::CONTENT_TYPE, "image/png")], bytes).into_response();
    match id {
        1 => png(vec![1; 300]),
        2 => StatusCode::NOT_FOUND.into_response(),
        3 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        4 => png(vec![4; 3 * 1024 * 1024]),
        5 => ([(header::CONTENT_TYPE, "image/svg+xml")], "<svg/>").into_response(),
        6 => Redirect::temporary("/avatars/1/x.png").into_response(),
        7 => ([(header::CONTENT_TYPE, "text/html")], "<script>").into_response(),
        8 => ([(header::CONTENT_TYPE, "image/webp; q=1")], vec![8; 10]).into_response(),
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}

/// Runs a test with a way to ask for pictures, and the number of requests the CDN got.
#[allow(clippy::needless_pass_by_value, reason = "a closure is given away")]
fn with_cdn(test: impl AsyncFn(&dyn Fn(String) -> Request<Body>, &Server, &AtomicUsize)) {
    block_on(async {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let route = get(async move |Path((id, _)): Path<(u64, String)>| {
            count.fetch_add(1, Ordering::Relaxed);
            answer(id)
        });
        let emoji = get(async || answer(1));
        let cdn = Router::new()
            .route("/avatars/{id}/{file}", route.clone())
            .route("/icons/{id}/{file}", route)
            .route("/emojis/{file}", emoji);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async { axum::serve(listener, cdn).await });
        let directory = tempfile::tempdir().unwrap();
        let server = crate::harness::empty_server(directory.path(), &url).await;
        let request = |uri: String| {
            let request = Request::builder().method(Method::GET).uri(uri);
            request.header("host", "localhost").body(Body::empty()).unwrap()
        };
        test(&request, &server, &asked).await;
        serving.abort();
    });
}

#[test]
fn pictures_are_passed_on_and_kept() {
    with_cdn(async |request, server, asked| {
        let get = async |uri: String| -> Reply { server.request(request(uri)).await };
        let uri = format!("/media/avatars/1/{HASH}.png?size=64");
        let first = get(uri.clone()).await;
        assert_eq!((first.status.as_u16(), first.body.len()), (200, 300));
        assert_eq!(first.header("content-type"), "image/png");
        assert_eq!(first.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(first.header("x-content-type-options"), "nosniff");
        get(uri.clone()).await;
        get(format!("/media/avatars/1/{HASH}.png")).await;
        assert_eq!(asked.load(Ordering::Relaxed), 1, "kept, and 64 is what is given unasked");
        let etag = first.header("etag").to_owned();
        let again = server.send(Method::GET, &uri, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status, 304);
        for uri in [
            format!("/media/icons/1/a_{HASH}.png?size=512"),
            "/media/emojis/7001.png?size=32".to_owned(),
            format!("/media/avatars/8/{HASH}.png"),
        ] {
            assert_eq!(get(uri.clone()).await.status, 200, "{uri}");
        }
    });
}

#[test]
fn what_is_no_picture_is_not_passed_on() {
    with_cdn(async |request, server, asked| {
        for (id, status) in [(2, 404), (3, 502), (4, 502), (5, 502), (6, 502), (7, 502), (9, 502)] {
            let reply = server.request(request(format!("/media/avatars/{id}/{HASH}.png"))).await;
            assert_eq!(reply.status, status, "{id}");
            assert_eq!(reply.header("content-type"), "application/problem+json", "{id}");
            assert_eq!(reply.header("cache-control"), "no-store", "{id}");
        }
        let before = asked.load(Ordering::Relaxed);
        assert_eq!(before, 7, "a redirect is not followed");
        for (path, parameter) in [
            (format!("avatars/..%2F..%2Fetc/{HASH}.png"), "user_id"),
            (format!("avatars/1%2F2/{HASH}.png"), "user_id"),
            (format!("avatars/-1/{HASH}.png"), "user_id"),
            (format!("avatars/0/{HASH}.png"), "user_id"),
            (format!("icons/99999999999999999999/{HASH}.png"), "guild_id"),
            ("avatars/1/..%2F..%2Fsecret.png".to_owned(), "file"),
            ("avatars/1/%2e%2e.png".to_owned(), "file"),
            (format!("avatars/1/{HASH}.svg"), "file"),
            (format!("avatars/1/{HASH}0.png"), "file"),
            (format!("avatars/1/{}.png", HASH.to_uppercase()), "file"),
            (format!("avatars/1/{HASH}%00.png"), "file"),
            ("avatars/1/%ff.png".to_owned(), "file"),
            ("emojis/x.png".to_owned(), "file"),
            (format!("avatars/1/{HASH}.png?size=63"), "size"),
            (format!("avatars/1/{HASH}.png?size=0"), "size"),
            (format!("avatars/1/{HASH}.png?size=4096"), "size"),
            (format!("avatars/1/{HASH}.png?size=-64"), "size"),
            (format!("avatars/1/{HASH}.png?url=http://evil.example"), "url"),
        ] {
            let reply = server.request(request(format!("/media/{path}"))).await;
            assert_eq!(reply.status, 422, "{path}");
            assert_eq!(reply.json()["parameter"], parameter, "{path}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), before, "none of these leaves the machine");
    });
}

#[test]
fn a_cdn_that_is_not_there_is_told() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let directory = tempfile::tempdir().unwrap();
        let server = crate::harness::empty_server(directory.path(), &url).await;
        let reply = server.get(&format!("/media/avatars/1/{HASH}.png")).await;
        assert_eq!(reply.status, 502);
        for bad in ["", "cdn", "ftp://127.0.0.1", "file:///etc", "http://127.0.0.1/?x=1"] {
            let outcome = crate::harness::try_api(server.store.clone(), bad);
            assert!(outcome.is_err_and(|error| error.to_string().contains("pictures")), "{bad}");
        }
        drop(api(server.store.clone(), server.committed.clone(), &url));
    });
}
