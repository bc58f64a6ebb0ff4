//! Opening: again, at once from several places, and not at all.

use super::harness::{config, each_address};
use crate::{Store, StoreError};

#[test]
fn opening_again_changes_nothing() {
    each_address(async |url| {
        for _ in 0..2 {
            let store = Store::open(&config(&url)).await.unwrap();
            store.ping().await.unwrap();
            assert!(store.guilds().await.unwrap().is_empty());
            store.close().await;
        }
    });
}

#[test]
fn several_may_open_at_once() {
    each_address(async |url| {
        let opening = (0..4).map(|_| {
            let url = url.clone();
            async move { Store::open(&config(&url)).await }
        });
        for store in futures_util::future::join_all(opening).await {
            store.unwrap().ping().await.unwrap();
        }
    });
}

#[tokio::test]
async fn addresses_that_name_nothing_are_refused_without_secrets() {
    for url in
        ["", "sqlite:", ":memory:", "mysql://root:hunter2@host/db", "postgres://a:hunter2@:x/y"]
    {
        let error = Store::open(&config(url)).await.unwrap_err();
        assert!(matches!(error, StoreError::Address { .. }), "{url}: {error}");
        let told = format!("{error} {error:?} {:?}", config(url));
        assert!(!told.contains("hunter2"));
    }
    let missing = Store::open(&config("/nonexistent/folder/store.db")).await.unwrap_err();
    assert!(missing.to_string().contains("/nonexistent/folder/store.db"));
}
