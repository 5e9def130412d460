//! `muster serve`.

use std::fs;
use std::time::Duration;

use muster_testkit::both_engines;
use muster_testkit::postgres::{TestEngine, engines};
use reqwest::StatusCode;
use serde_json::json;

use super::{PASSWORD, client, get};
use crate::books;
use crate::program::{Place, mode};

async fn a_desk_starts_answers_and_stops_when_told(engine: TestEngine) {
    let place = Place::new(engine).await;
    let desk = place.serve();
    for path in ["/health", "/ready"] {
        let expected = (StatusCode::OK, json!({"status": "success", "data": true}));
        assert_eq!(get(&format!("{}{path}", desk.base)).await, expected, "{path}");
    }
    assert_eq!((mode(&place.data()), mode(&place.data().join("secret.key"))), (0o700, 0o600));
    for file in fs::read_dir(place.data()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    assert_eq!(desk.terminate().code(), Some(0));
}

async fn a_second_node_is_refused(engine: TestEngine) {
    let place = Place::new(engine).await;
    let mut desk = place.serve();
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains("served by another process"), "{second:?}");
    desk.kill();
    place.serve().terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_of_a_process_that_was_killed_is_waited_for() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let place = Place::new(TestEngine::Postgres).await;
    let killed = books::open(place.database()).await;
    let lock = killed.try_serve_lock().await.unwrap();
    let (start, noticed) = tokio::join!(tokio::task::spawn_blocking(move || place.serve().terminate()), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(lock);
        killed.close().await;
    });
    assert_eq!((start.unwrap().code(), noticed), (Some(0), ()));
}

async fn the_first_start_prints_a_link_until_there_is_an_administrator(engine: TestEngine) {
    let place = Place::new(engine).await;
    let has_link = |printed: &[String]| printed.iter().any(|line| line.trim_start().starts_with("http"));
    let desk = place.serve();
    assert!(has_link(&desk.printed), "{:?}", desk.printed);
    desk.terminate();

    let variables = [("MUSTER_ADMIN_EMAIL", "kim@example.org"), ("MUSTER_ADMIN_PASSWORD", PASSWORD)];
    for _ in 0..2 {
        let desk = place.serve_with(&[], &variables);
        assert!(!has_link(&desk.printed), "{:?}", desk.printed);
        let sign_in = json!({"email": "kim@example.org", "password": PASSWORD});
        let sign_in = client().post(format!("{}/api/v1/auth/login", desk.base)).json(&sign_in).send().await.unwrap();
        assert_eq!(sign_in.status(), StatusCode::OK);
        desk.terminate();
    }
    assert!(!has_link(&place.serve().printed));
}

#[test]
fn an_administrator_needs_both_variables() {
    let place = Place::sqlite();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let ended = crate::program::ended(command.env("MUSTER_ADMIN_EMAIL", "kim@example.org").output());
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("MUSTER_ADMIN_PASSWORD"), "{ended:?}");
}

async fn a_lost_key_is_not_made_anew(engine: TestEngine) {
    let place = Place::new(engine).await;
    place.serve().terminate();
    fs::remove_file(place.data().join("secret.key")).unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["admin", "setup-link"]] {
        let ended = place.run(command);
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains("secret.key is missing"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_log_and_the_output_hold_no_secret() {
    let place = Place::sqlite();
    let variables =
        [("MUSTER_ADMIN_EMAIL", "kim@example.org"), ("MUSTER_ADMIN_PASSWORD", PASSWORD), ("MUSTER_LOG", "debug")];
    let mut desk = place.serve_with(&[], &variables);
    for password in [PASSWORD, "Wrong-horse-10"] {
        let sign_in = json!({"email": "kim@example.org", "password": password});
        client().post(format!("{}/api/v1/auth/login", desk.base)).json(&sign_in).send().await.unwrap();
    }
    let printed = desk.printed.join("\n");
    let log = desk.kill();
    assert!(log.contains("request"), "{log}");
    for text in [printed, log] {
        assert!(!text.contains(PASSWORD) && !text.contains("Wrong-horse-10") && !text.contains("kim@"), "{text}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let (place, other) = (Place::sqlite(), Place::sqlite());
    let desk = place.serve();
    let ended = other.run(&["serve", "--listen", desk.base.strip_prefix("http://").unwrap()]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("can't be listened on"), "{ended:?}");
}

both_engines!(
    a_desk_starts_answers_and_stops_when_told,
    a_second_node_is_refused,
    the_first_start_prints_a_link_until_there_is_an_administrator,
    a_lost_key_is_not_made_anew,
);
