//! Commands that end.

use muster_store::db::{Database, Process, Store, StoreOptions};
use muster_store::sql;
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PASSWORD, answer, client};
use crate::program::{Place, ended, ended_with_input, muster};

#[test]
fn the_version_names_the_commit() {
    let printed = ended(muster(&["--version"]).output()).ok();
    let version = printed.trim().strip_prefix("muster ").unwrap();
    assert!(version.starts_with(env!("CARGO_PKG_VERSION")), "{version}");
    let git = std::process::Command::new("git").args(["rev-parse", "HEAD"]).output();
    if git.is_ok_and(|git| git.status.success()) {
        let commit = version.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(')')).unwrap();
        assert!(commit.len() >= 12 && commit.chars().all(|digit| digit.is_ascii_hexdigit()), "{version}");
    }
}

#[test]
fn the_openapi_document_needs_no_desk() {
    let printed = ended(muster(&["openapi"]).output()).ok();
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    assert!(document["paths"]["/api/v1/agents/{id}"]["put"].is_object());
    assert_eq!(ended(muster(&["openapi", "--dialect", "libredesk"]).output()).ok(), printed);
}

#[test]
fn the_shipped_openapi_documents_are_up_to_date() {
    for dialect in ["libredesk", "rocketchat", "cloudagent", "imichat"] {
        let printed = ended(muster(&["openapi", "--dialect", dialect]).output()).ok();
        let shipped = format!("{}/../../docs/openapi/{dialect}.json", env!("CARGO_MANIFEST_DIR"));
        let shipped = std::fs::read_to_string(shipped).unwrap_or_default();
        assert!(shipped == printed, "docs/openapi/{dialect}.json is out of date: run `make gen`");
    }
}

#[test]
fn the_example_configuration_is_accepted() {
    let place = Place::sqlite();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), ended(muster(&["config"]).output()).ok()).unwrap();
    let path = file.path().to_str().unwrap();
    let ended = place.run(&["doctor", "--config", path]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("there is no data directory"), "{ended:?}");
}

#[test]
fn an_unknown_key_is_refused() {
    let place = Place::sqlite();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[server]\nlissten = \"127.0.0.1:1\"\n").unwrap();
    let ended = place.run(&["serve", "--config", file.path().to_str().unwrap()]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("line 2") && ended.err.contains("lissten"), "{ended:?}");
    assert!(!place.data().exists());
}

#[test]
fn an_unknown_variable_is_refused() {
    let mut command = Place::sqlite().command(&["serve"]);
    let ended = ended(command.env("MUSTER_SERVER__LISSTEN", "127.0.0.1:1").output());
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("MUSTER_SERVER__LISSTEN"), "{ended:?}");
}

#[test]
fn a_command_without_a_desk_says_so() {
    let place = Place::sqlite();
    for command in [&["admin", "setup-link"][..], &["api-key", "create", "--agent", "kim@example.org"]] {
        let ended = place.run(command);
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains("there is no desk in"), "{ended:?}");
    }
    assert!(!place.data().exists());
}

#[tokio::test]
async fn a_command_refuses_another_schema() {
    let place = Place::sqlite();
    place.serve().terminate();
    let database = Database::Sqlite(place.data().join("muster.db"));
    let store = Store::open(StoreOptions { process: Process::Command, ..StoreOptions::new(database) }).await.unwrap();
    let newer =
        sql!("INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (9999, 'later', '', 0)");
    store.write(move |tx| Box::pin(tx.execute(newer, &[]))).await.unwrap();
    store.close().await;

    let ended = place.run(&["admin", "setup-link"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("version 9999"), "{ended:?}");
    let ended = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("newer"), "{ended:?}");
}

async fn a_key_made_beside_a_running_desk_works(engine: TestEngine) {
    let place = Place::new(engine).await;
    let desk = place.serve();
    let create =
        place.command(&["admin", "create", "--email", "kim@example.org", "--first-name", "Kim", "--password-stdin"]);
    let printed = ended_with_input(create, &format!("{PASSWORD}\n")).ok();
    assert!(printed.contains("kim@example.org") && !printed.contains(PASSWORD), "{printed}");

    let printed = place.run(&["api-key", "create", "--agent", "kim@example.org", "--json"]).ok();
    let key: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed.lines().count(), 1);
    let names: Vec<&String> = key.as_object().unwrap().keys().collect();
    assert_eq!(names, ["api_key", "api_secret"]);
    let (api_key, secret) = (key["api_key"].as_str().unwrap(), key["api_secret"].as_str().unwrap());
    let me = client().get(format!("{}/api/v1/agents/me", desk.base)).basic_auth(api_key, Some(secret));
    let (status, me) = answer(me.send().await.unwrap()).await;
    assert_eq!((status, &me["data"]["email"]), (StatusCode::OK, &json!("kim@example.org")));

    let sign_in = json!({"email": "kim@example.org", "password": PASSWORD});
    let sign_in = client().post(format!("{}/api/v1/auth/login", desk.base)).json(&sign_in);
    assert_eq!(sign_in.send().await.unwrap().status(), StatusCode::OK);
}

async fn links_are_printed(engine: TestEngine) {
    let place = Place::new(engine).await;
    let desk = place.serve_with(&[], &[("MUSTER_SERVER__PUBLIC_URL", "https://desk.example.org")]);
    let mut setup = place.command(&["admin", "setup-link"]);
    let printed = ended(setup.env("MUSTER_SERVER__PUBLIC_URL", "https://desk.example.org").output()).ok();
    let link = link(&printed);
    assert!(link.starts_with("https://desk.example.org/"), "{link}");
    let (_, token) = link.split_once("#").unwrap();
    let token = token.rsplit('=').next().unwrap();
    let body = json!({"token": token, "first_name": "Kim", "email": "kim@example.org", "password": PASSWORD});
    let redeem = || client().post(format!("{}/api/v1/setup", desk.base)).json(&body);
    assert_eq!(redeem().send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(redeem().send().await.unwrap().status(), StatusCode::NOT_FOUND);

    assert_eq!(place.run(&["admin", "setup-link"]).code, Some(2));
    for command in ["reset-password", "invite-link"] {
        let printed = place.run(&["admin", command, "--agent", "kim@example.org"]).ok();
        assert!(self::link(&printed).contains("token="), "{printed}");
        assert_eq!(place.run(&["admin", command, "--agent", "nobody@example.org"]).code, Some(1));
    }
}

fn link(printed: &str) -> String {
    printed.lines().map(str::trim).find(|line| line.starts_with("http")).unwrap().to_owned()
}

both_engines!(a_key_made_beside_a_running_desk_works, links_are_printed);
