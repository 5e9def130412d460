//! `muster integration`, beside a running desk.

use std::sync::Arc;

use muster_app::media::Files;
use muster_app::{App, OsEntropy, Parts, SecretKey, Settings, SystemClock};
use muster_core::integration::{Integration, Proof};
use muster_store::db::{Process, Store, StoreOptions};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PASSWORD, answer, client};
use crate::program::{Place, Serving};

const ADMIN: [(&str, &str); 2] = [("MUSTER_ADMIN_EMAIL", "ada@example.org"), ("MUSTER_ADMIN_PASSWORD", PASSWORD)];

/// A served desk, and its administrator's key and secret.
async fn desk(engine: TestEngine) -> (Place, Serving, [String; 2]) {
    let place = Place::new(engine).await;
    let serving = place.serve_with(&[], &ADMIN);
    let key = object(&place, &["api-key", "create", "--agent", "ada@example.org", "--json"]);
    let key = ["api_key", "api_secret"].map(|half| text(&key, half));
    (place, serving, key)
}

/// What a command prints as one JSON object and nothing else.
fn object(place: &Place, arguments: &[&str]) -> Value {
    let printed = place.run(arguments).ok();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    serde_json::from_str(&printed).unwrap()
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_else(|| panic!("{name} in {object}")).to_owned()
}

/// Whose key it is, by another process.
async fn owner(place: &Place, kind: &'static str, key: &str) -> Option<Arc<Integration>> {
    let options = StoreOptions { process: Process::Command, ..StoreOptions::new(place.database()) };
    let app = App::new(Parts {
        store: Store::open(options).await.unwrap(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        settings: Settings::default(),
        secret_key: SecretKey::new([0; 32]),
        files: Files::local(&place.data()),
    });
    let owner = app.authenticate_integration_key(kind, key).await.ok();
    app.store().close().await;
    owner
}

async fn create_team(desk: &Serving, [key, secret]: &[String; 2], name: &str) {
    let body = json!({"name": name, "timezone": "UTC", "conversation_assignment_type": "Manual"});
    let request = client().post(format!("{}/api/v1/teams", desk.base)).basic_auth(key, Some(secret)).json(&body);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

async fn an_integration_is_made_listed_and_revoked(engine: TestEngine) {
    let (place, desk, admin) = desk(engine).await;
    for team in ["Sales", "Support", "Quality"] {
        create_team(&desk, &admin, team).await;
    }
    let phones = object(&place, &["integration", "create", "--kind", "cloudagent", "--name", "Phones", "--json"]);
    assert_eq!((phones.as_object().unwrap().len(), &phones["account"]), (2, &json!("phones")));
    let chat = ["integration", "create", "--kind", "imichat", "--name", "Web Chat", "--auth", "token", "--json"];
    let chat = object(&place, &[&chat[..], &["--team", "sales", "--team", "SUPPORT"]].concat());
    assert_eq!((chat.as_object().unwrap().len(), &chat["domain"]), (2, &json!("web-chat")));

    let [phones_key, chat_key] = [&phones, &chat].map(|printed| text(printed, "api_key"));
    assert_eq!(owner(&place, "cloudagent", &phones_key).await.unwrap().proof, Proof::Either);
    assert_eq!(owner(&place, "imichat", &chat_key).await.unwrap().proof, Proof::Token);
    assert!(owner(&place, "cloudagent", &chat_key).await.is_none());

    let listed = object(&place, &["integration", "list", "--json"]);
    let expected = json!({"integrations": [
        {"kind": "cloudagent", "account": "phones", "name": "Phones", "teams": null, "auth": "either"},
        {"kind": "imichat", "account": "web-chat", "name": "Web Chat", "teams": ["Sales", "Support"], "auth": "token"},
    ]});
    assert_eq!(listed, expected);
    let printed = place.run(&["integration", "list"]).ok();
    assert!(printed.contains("serves the whole desk") && printed.contains("serves Sales, Support"), "{printed}");
    assert!(!printed.contains(&phones_key), "{printed}");
    let shown = client().get(format!("{}/api/v1/integrations", desk.base)).basic_auth(&admin[0], Some(&admin[1]));
    let (status, shown) = answer(shown.send().await.unwrap()).await;
    assert_eq!((status, shown["data"].as_array().map(Vec::len)), (StatusCode::OK, Some(2)));

    place.run(&["integration", "revoke", "--kind", "cloudagent", "--name", "phones"]).ok();
    assert!(owner(&place, "cloudagent", &phones_key).await.is_none());
    assert!(owner(&place, "imichat", &chat_key).await.is_some());
    let again = place.run(&["integration", "revoke", "--kind", "cloudagent", "--name", "phones"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("integration not found"), "{again:?}");
}

async fn without_json_it_is_told_in_words(engine: TestEngine) {
    let (place, _desk, _) = desk(engine).await;
    let printed = place.run(&["integration", "create", "--kind", "imichat", "--name", "Chat"]).ok();
    let lines: Vec<&str> = printed.lines().collect();
    let [domain, key, note] = lines[..] else { panic!("{printed}") };
    assert_eq!((domain, note), ("domain   chat", "The key is not shown again."));
    let key = key.strip_prefix("api_key  ").unwrap();
    assert!(owner(&place, "imichat", key).await.is_some());
}

async fn what_can_not_be_is_refused(engine: TestEngine) {
    let (place, desk, admin) = desk(engine).await;
    create_team(&desk, &admin, "Sales").await;
    let create = ["integration", "create", "--name", "Phones", "--kind"];
    place.run(&[&create[..], &["cloudagent"]].concat()).ok();
    for (arguments, code, complaint) in [
        (&["cloudagent", "--team", "Sales"][..], 2, "--team can't be given for cloudagent"),
        (&["imichat", "--team", "Nobody"], 2, "there is no team Nobody"),
        (&["libredesk"], 2, "libredesk"),
        (&["imichat", "--auth", "none"], 2, "none"),
        (&["cloudagent"], 1, "name is taken"),
    ] {
        let ended = place.run(&[&create[..], arguments].concat());
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.err.contains(complaint) && ended.out.is_empty(), "{ended:?}");
    }
    let listed = object(&place, &["integration", "list", "--json"]);
    assert_eq!(listed["integrations"].as_array().map(Vec::len), Some(1));
}

both_engines!(an_integration_is_made_listed_and_revoked, without_json_it_is_told_in_words, what_can_not_be_is_refused);
