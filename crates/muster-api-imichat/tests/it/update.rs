//! Updating a user, beyond the page's own lines.

use std::time::Duration;

use muster_core::attribute::{Scope, ValueKind};
use muster_testkit::Reply;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, World, outcome, user};

/// Changes nothing.
async fn refused(world: &World, body: &Value) -> Reply {
    let before = world.wire.desk.digest().await;
    let answer = world.update(body).await;
    let changed = world.wire.desk.digest().await.changed_since(&before);
    assert_eq!(changed, [""; 0], "{body}");
    answer
}

#[tokio::test]
async fn fields_out_of_their_bounds_are_invalid() {
    let world = World::new().await;
    for body in [
        json!({"first_name": ""}),
        json!({"first_name": "  "}),
        json!({"first_name": "x".repeat(101)}),
        json!({"first_name": null}),
        json!({"first_name": 7}),
        json!({"first_name": "a\u{0}b"}),
        json!({"last_name": "x".repeat(101)}),
        json!({"last_name": null}),
        json!({"status": "Active"}),
        json!({"status": ""}),
        json!({"status": null}),
        json!({"status": true}),
        json!({"status": {"active": null}}),
        json!({"job_description": "x".repeat(256)}),
        json!({"job_description": 7}),
        json!({"login_using_email": null}),
        json!({"login_using_email": 1}),
        json!({"custom_attributes": null}),
        json!({"custom_attributes": []}),
        json!({"custom_attributes": "business"}),
        json!({"custom_attributes": {"unknown": "x"}}),
        json!({"custom_attributes": {"unknown": null}}),
        json!({"skill_attributes": null}),
        json!({"skill_attributes": {"unknown": "x"}}),
        json!({"login_id": "new"}),
        // A wrong field spoils the good ones.
        json!({"first_name": "Anna", "status": "off"}),
        json!({"first_name": "Anna", "skill_attributes": {"unknown": "x"}}),
    ] {
        refused(&world, &body).await.comes_out(outcome::INVALID_REQUEST);
    }
    assert_eq!(world.shown().await["first_name"], "Ana");
}

#[tokio::test]
async fn why_a_request_is_invalid_stands_in_a_header() {
    let world = World::new().await;
    let detail = async |body: Value| world.update(&body).await.header("x-error-detail").unwrap().to_owned();
    assert_eq!(detail(json!({"first_name": "x".repeat(101)})).await, "first_name is longer than 100 characters");
    assert_eq!(detail(json!({})).await, "there is nothing to change");
    assert_eq!(detail(json!({"custom_attributes": {"ü": 1}})).await, "custom_attributes has no attribute ?");
}

#[tokio::test]
async fn bounds_count_characters() {
    let world = World::new().await;
    let body = json!({
        "first_name": "é".repeat(100), "last_name": "é".repeat(100), "job_description": "é".repeat(255)
    });
    let shown = world.update(&body).await.response(4309);
    assert_eq!(shown["first_name"], body["first_name"]);
    assert_eq!(shown["job_description"], body["job_description"]);
}

#[tokio::test]
async fn a_longer_name_from_elsewhere_is_shown_verbatim() {
    let world = World::new().await;
    let patch = muster_app::agents::AgentPatch { first_name: Some("x".repeat(140)), ..Default::default() };
    let operator = muster_core::actor::Caller::operator();
    world.wire.desk.app.update_agent(&operator, world.ana.id, patch).await.unwrap();
    assert_eq!(world.shown().await["first_name"], "x".repeat(140));
    world.update(&json!({"last_name": "Ruiz"})).await.response(4309);
    assert_eq!(world.shown().await["first_name"], "x".repeat(140));
}

#[tokio::test]
async fn what_is_ignored_is_not_even_looked_at() {
    let world = World::new().await;
    let body = json!({
        "last_name": "Ruiz", "login_id": 7, "email_id": "x", "password": null, "privileges": {}, "role_type": [],
        "id": "x", "active_chats": -1, "created_at": false
    });
    let shown = world.update(&body).await.response(4309);
    let kept = ["id", "login_id", "email_id", "role_type", "active_chats", "last_name"].map(|key| shown[key].clone());
    let expected = [
        json!(world.ana.id.0),
        json!("ana"),
        json!("ana@example.org"),
        json!("Customer Care"),
        json!(0),
        json!("Ruiz"),
    ];
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn saying_what_is_so_changes_nothing() {
    let world = World::new().await;
    let body = json!({
        "first_name": "Ana", "last_name": "", "status": "active", "job_description": "", "login_using_email": true,
        "custom_attributes": {}, "skill_attributes": {}
    });
    let before = world.wire.desk.digest().await;
    world.wire.desk.advance(Duration::from_secs(5)).await;
    let shown = world.update(&body).await.response(4309);
    assert_eq!(shown["updated_at"], "2026-01-05T09:00:00.000Z");
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), [""; 0]);
}

#[tokio::test]
async fn attributes_merge_by_key_and_null_or_nothing_clears() {
    let world = World::new().await;
    let update = async |attributes: Value| {
        world.update(&json!({"custom_attributes": attributes})).await.response(4309)["custom_attributes"].clone()
    };
    assert_eq!(update(json!({"business": "Retail"})).await, json!({"business": "Retail"}));
    // The list's own spelling is kept, and so is the key's.
    let both = json!({"business": "Wholesale", "location": "Pune"});
    assert_eq!(update(json!({"BUSINESS": "wholeSALE", "Location": "PUNE"})).await, both);
    assert_eq!(update(json!({"location": ""})).await, json!({"business": "Wholesale"}));
    assert_eq!(update(json!({"business": null})).await, json!({}));
    assert_eq!(update(json!({"business": "", "location": null})).await, json!({}));
}

#[tokio::test]
async fn an_empty_list_offers_nothing() {
    let world = World::new().await;
    world.offer("business", &[]).await;
    for value in ["Retail", "x"] {
        let body = json!({"custom_attributes": {"business": value}});
        refused(&world, &body).await.comes_out(outcome::INVALID_BUSINESS);
    }
    world.update(&json!({"custom_attributes": {"business": ""}})).await.response(4309);
}

#[tokio::test]
async fn other_custom_attributes_need_a_definition_and_a_value_that_fits() {
    let world = World::new().await;
    world.define(Scope::AgentCustom, "Floor", ValueKind::Number).await;
    let shown = world.update(&json!({"custom_attributes": {"floor": 3}})).await.response(4309);
    assert_eq!(shown["custom_attributes"], json!({"Floor": 3}));
    refused(&world, &json!({"custom_attributes": {"Floor": "3"}})).await.comes_out(outcome::INVALID_REQUEST);
    // The desk's own code for the whole goes before that of one attribute.
    let body = json!({"custom_attributes": {"Floor": "3", "business": "Nope"}});
    refused(&world, &body).await.comes_out(outcome::INVALID_REQUEST);
}

#[tokio::test]
async fn skill_attributes_fit_their_type_and_keep_the_defined_key() {
    let world = World::new().await;
    world.define_skill("language").await;
    world.define(Scope::AgentSkill, "grade", ValueKind::Number).await;
    let body = json!({"skill_attributes": {"LANGUAGE": "fr", "grade": 2}});
    let shown = world.update(&body).await.response(4309);
    assert_eq!(shown["skill_attributes"], json!({"grade": 2, "language": "fr"}));
    for bad in [json!({"language": 7}), json!({"grade": "2"}), json!({"grade": [2]}), json!({"language": {}})] {
        refused(&world, &json!({"skill_attributes": bad})).await.comes_out(outcome::INVALID_REQUEST);
    }
    let shown = world.update(&json!({"skill_attributes": {"grade": null}})).await.response(4309);
    assert_eq!(shown["skill_attributes"], json!({"language": "fr"}));
}

#[tokio::test]
async fn the_checks_come_in_their_order() {
    let world = World::new().await;
    let nobody = "/v3.1/users/4242";
    let wrong = json!({"custom_attributes": {"business": "Nope", "location": "Nope"}});
    let client = &world.client;
    // 2099 before everything.
    client.clone().header("access_token", "x").post(nobody, &wrong).await.comes_out(outcome::METHOD_NOT_ALLOWED);
    // 2002 before 2003.
    let team_less = world.wire.nobody().header("access_token", "x");
    team_less.patch(nobody, &wrong).await.comes_out(outcome::MISSING_HEADER);
    // 2003 before 2010.
    let stranger = client.clone().header("access_token", "x").header("teamid", "999");
    stranger.patch(nobody, &wrong).await.comes_out(outcome::INVALID_TOKEN);
    // 2010 before 3114.
    let astray = client.clone().header("teamid", "999");
    astray.send(astray.request(Method::PATCH, nobody)).await.comes_out(outcome::NO_TEAM);
    // 3114 and 3115 before 3101.
    client.send(client.request(Method::PATCH, nobody)).await.comes_out(outcome::NO_BODY);
    client.patch(nobody, &json!({"status": "off"})).await.comes_out(outcome::INVALID_REQUEST);
    let unknown = json!({"skill_attributes": {"unknown": 1}});
    client.patch(nobody, &unknown).await.comes_out(outcome::INVALID_REQUEST);
    // 3101 before 3107 before 3110.
    client.patch(nobody, &wrong).await.comes_out(outcome::NO_USER);
    client.patch(&world.path(), &wrong).await.comes_out(outcome::INVALID_BUSINESS);
}

#[tokio::test]
async fn a_user_goes_by_number_or_login() {
    let world = World::new().await;
    for name in ["ana", "ANA"] {
        let path = format!("/v3.1/users/{name}");
        world.client.patch(&path, &json!({"last_name": name})).await.response(4309);
        assert_eq!(world.client.get(&path).await.response(4306)["last_name"], name);
    }
    for nobody in ["ana@example.org", "-1", "+1", "%20", "a/b", "%C3%28", "%2e%2e", "ana%00"] {
        let answer = world.client.get(&format!("/v3.1/users/{nobody}")).await;
        assert!(answer.status().is_client_error(), "{nobody}: {}", answer.text());
        answer.is_stamped();
    }
}

#[tokio::test]
async fn both_versions_are_one() {
    let world = World::new().await;
    let path = world.path().replacen("3.1", "3.0", 1);
    let shown = world.client.patch(&path, &json!({"last_name": "Ruiz"})).await.response(4309);
    assert_eq!(shown, world.shown().await);
    assert_eq!(
        world.client.get("/v3.0/users").await.response(4307),
        world.client.get("/v3.1/users").await.response(4307)
    );
}

#[tokio::test]
async fn active_on_a_locked_agent_is_shown_and_opens_nothing() {
    let world = World::new().await;
    world.wire.desk.goes_online(&world.ana).await;
    world.lock().await;
    world.update(&json!({"status": "inactive"})).await.response(4309);
    let shown = world.update(&json!({"status": "active"})).await.response(4309);
    let facts = ["status", "logged_in", "accepting_chats"].map(|field| shown[field].clone());
    assert_eq!(facts, [json!("active"), json!(false), json!(false)]);
    assert!(world.wire.desk.profile(&world.ana).await.agent.locked);
}

#[tokio::test]
async fn memberships_and_roles_stay_whatever_is_updated() {
    let world = World::new().await;
    let before = world.wire.desk.profile(&world.ana).await;
    let body = json!({"first_name": "Anna", "status": "inactive", "job_description": "x", "login_using_email": false});
    world.update(&body).await.response(4309);
    let after = world.wire.desk.profile(&world.ana).await;
    assert_eq!((before.teams, before.roles), (after.teams, after.roles));
}

#[tokio::test]
async fn custom_attributes_may_be_hidden() {
    let settings = muster_api_imichat::Settings { shows_custom_attributes: false, ..Default::default() };
    let world = World::on(muster_testkit::TestEngine::Sqlite, settings).await;
    let shown = world.update(&json!({"custom_attributes": {"business": "Retail"}})).await.response(4309);
    assert_eq!(shown.get("custom_attributes"), None);
    assert_eq!(world.wire.desk.profile(&world.ana).await.agent.attributes["business"], "Retail");
    assert_eq!(world.client.get(&user(world.ana.id)).await.response(4306).as_object().unwrap().len(), 15);
}
