//! Users by the page, and by conditions.

use std::time::Duration;

use muster_api_imichat::Settings;
use muster_testkit::{Client, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, World, outcome, user};

const USERS: &str = "/v3.1/users";
const SEARCH: &str = "/v3.1/users/search";

fn logins(response: &Value) -> Vec<String> {
    let users = response["users"].as_array().unwrap();
    users.iter().map(|user| user["login_id"].as_str().unwrap().to_owned()).collect()
}

async fn found(client: &Client, body: Value) -> Vec<String> {
    logins(&client.post(SEARCH, &body).await.response(4307))
}

async fn ten_users_are_on_a_page_the_latest_created_first(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    for number in 10..22 {
        world.wire.desk.advance(Duration::from_secs(1)).await;
        world.wire.desk.agent(&format!("bo{number}")).team(world.team).await;
    }
    world.wire.desk.agent("bo22").team(world.team).await;
    for (query, expected) in [
        ("", vec!["bo21", "bo22", "bo20", "bo19", "bo18", "bo17", "bo16", "bo15", "bo14", "bo13"]),
        ("?page=2", vec!["bo12", "bo11", "bo10", "ada", "ana"]),
        ("?page=3", vec![]),
        ("?page=99999999999999999999", vec!["bo21"]),
        ("?page=0", vec!["bo21"]),
        ("?page=x", vec!["bo21"]),
        ("?page=", vec!["bo21"]),
        ("?page=2&page=1", vec!["bo21"]),
    ] {
        let by_get = world.client.get(&format!("{USERS}{query}")).await;
        let by_post = world.client.post(&format!("{SEARCH}{query}"), &json!({})).await;
        assert_eq!(by_get.response(4307), by_post.response(4307));
        let found = logins(&by_get.response(4307));
        assert!(found.starts_with(&expected.iter().map(ToString::to_string).collect::<Vec<_>>()), "{query} {found:?}");
        let is_whole = expected.len() != 1;
        assert!(!is_whole || found.len() == expected.len(), "{query} {found:?}");
        for answer in [by_get, by_post] {
            assert_eq!((answer.header("x-total-count"), answer.header("x-total-pages")), (Some("15"), Some("2")));
        }
    }
}

#[tokio::test]
async fn rows_are_users_as_they_are_shown_alone() {
    let world = World::new().await;
    // Without any team, and so seen by whoever serves the whole desk.
    let ada = world.client.get(&user(world.ada.id)).await.response(4306);
    let answer = world.client.get(USERS).await;
    assert_eq!(answer.response(4307), json!({"users": [ada, world.shown().await]}));
    assert_eq!(answer.json()["description"], "Users retrieved successfully");
}

#[tokio::test]
async fn only_the_teams_users_are_found() {
    let world = World::new().await;
    let sales = world.wire.desk.team("Sales").await;
    world.wire.desk.agent("sal").team(sales).await;
    world.wire.desk.agent("both").team(sales).team(world.team).await;
    assert_eq!(found(&world.client, json!({"status": "active"})).await, ["ada", "ana", "both"].map(str::to_owned));
    let theirs = world.wire.client(&world.key, sales).await;
    assert_eq!(found(&theirs, json!({})).await.len(), 3);
    let key = world.wire.key_for("Sales only", Some(vec![sales])).await;
    assert_eq!(found(&world.wire.client(&key, sales).await, json!({})).await, ["sal", "both"].map(str::to_owned));
}

#[tokio::test]
async fn each_documented_field_and_operator_finds() {
    let world = World::new().await;
    let desk = &world.wire.desk;
    let key = world.wire.key_for("Support only", Some(vec![world.team])).await;
    desk.advance(Duration::from_secs(3600)).await;
    let bo = desk.agent("bo").team(world.team).await;
    desk.goes_online(&bo).await;
    let inbox = desk.inbox_of(Some(world.team)).await;
    desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    let client = world.wire.client(&key, world.team).await;
    client.patch(&world.path(), &json!({"status": "inactive"})).await.response(4309);
    let (nine, ten) = ("2026-01-05T09:00:00.000Z", "2026-01-05T10:00:00Z");
    for (condition, expected) in [
        (json!({"status": "active"}), vec!["bo"]),
        (json!({"status": {"eq": "inactive"}}), vec!["ana"]),
        (json!({"created_at": {"eq": nine}}), vec!["ana"]),
        (json!({"created_at": {"lt": ten}}), vec!["ana"]),
        (json!({"created_at": {"gt": nine}}), vec!["bo"]),
        (json!({"created_at": {"lte": ten}}), vec!["bo", "ana"]),
        (json!({"created_at": {"gte": "2026-01-05T10:00:00+00:00"}}), vec!["bo"]),
        (json!({"updated_at": {"eq": ten}}), vec!["bo", "ana"]),
        (json!({"updated_at": {"lt": ten}}), vec![]),
        (json!({"updated_at": {"gte": nine, "lte": ten}}), vec!["bo", "ana"]),
        (json!({"accepting_chats": true}), vec!["bo"]),
        (json!({"accepting_chats": {"eq": false}}), vec!["ana"]),
        (json!({"active_chats": {"gt": 0}}), vec!["bo"]),
        (json!({"active_chats": {"lt": 1}}), vec!["ana"]),
        (json!({"active_chats": {"gte": 1, "lte": 1}}), vec!["bo"]),
        (json!({"active_chats": {"lte": 1}, "status": "active"}), vec!["bo"]),
        (
            json!({"conditions": [
                {"field": "status", "operator": "eq", "value": "active"},
                {"field": "active_chats", "operator": "lt", "value": 1}
            ]}),
            vec![],
        ),
        (json!({"conditions": [{"field": "accepting_chats", "operator": "eq", "value": true}]}), vec!["bo"]),
    ] {
        assert_eq!(found(&client, condition.clone()).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn unknown_fields_operators_and_values_are_invalid() {
    let world = World::new().await;
    for body in [
        json!({"login_id": "ana"}),
        json!({"status": "on"}),
        json!({"status": {"gt": "active"}}),
        json!({"nonsense": {}}),
        json!({"status": {}}),
        json!({"active_chats": 0}),
        json!({"active_chats": {"eq": 0}}),
        json!({"created_at": {"gt": "2026-01-05"}}),
        json!({"accepting_chats": {"eq": "true"}}),
        json!({"conditions": [{"field": "status", "operator": "eq"}]}),
        json!({"conditions": [{"field": "status", "operator": "like", "value": "active"}]}),
        json!([]),
    ] {
        world.client.post(SEARCH, &body).await.comes_out(outcome::INVALID_REQUEST);
    }
    let empty = world.client.send(world.client.request(Method::POST, SEARCH)).await;
    empty.comes_out(outcome::NO_BODY);
    world.client.get(SEARCH).await.comes_out(outcome::METHOD_NOT_ALLOWED);
}

both_engines!(ten_users_are_on_a_page_the_latest_created_first);
