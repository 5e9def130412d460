//! The day's calls.

use std::time::Duration;

use muster_api_imichat::Settings;
use muster_testkit::{Reply, TestEngine, both_engines};
use serde_json::json;

use crate::support::{Said as _, World, encoded, outcome};

const TEAMS: &str = "/v3.1/teams";

fn left(answer: &Reply) -> u32 {
    answer.header("rate-limit-remaining").unwrap().parse().unwrap()
}

/// Five calls a day; one went into the token.
async fn five_a_day(engine: TestEngine) -> World {
    World::on(engine, Settings { daily_limit: 5, ..Settings::default() }).await
}

async fn the_day_ends_at_midnight_utc(engine: TestEngine) {
    let world = five_a_day(engine).await;
    for expected in [3, 2, 1, 0] {
        let answer = world.client.get(TEAMS).await;
        answer.response(4303);
        assert_eq!((left(&answer), answer.header("rate-limit-limit")), (expected, Some("5")));
    }
    let before = world.wire.desk.digest().await;
    let body = json!({"first_name": "Anna"});
    for answer in [world.update(&body).await, world.client.get(TEAMS).await] {
        answer.comes_out(outcome::LIMIT_EXCEEDED);
        assert_eq!((left(&answer), answer.header("retry-after")), (0, Some("54000")));
        assert_eq!(answer.header("rate-limit-reset"), Some("2026-01-06T00:00:00Z"));
    }
    let another = world.wire.nobody().header("authorization", &encoded(&world.key)).get("/v3.1/authorize").await;
    another.comes_out(outcome::LIMIT_EXCEEDED);
    assert_eq!(another.header("access_token"), None);
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), Vec::<String>::new());

    world.wire.desk.advance(Duration::from_millis(15 * 3_600_000 - 400)).await;
    let another = world.wire.nobody().header("authorization", &encoded(&world.key));
    let late = another.get("/v3.1/authorize").await;
    late.comes_out(outcome::LIMIT_EXCEEDED);
    assert_eq!(late.header("retry-after"), Some("1"));
    world.wire.desk.advance(Duration::from_millis(400)).await;
    let fresh = another.get("/v3.1/authorize").await;
    fresh.response(4301);
    assert_eq!((left(&fresh), fresh.header("rate-limit-reset")), (4, Some("2026-01-07T00:00:00Z")));
}

#[tokio::test]
async fn each_key_has_its_own_day() {
    let world = five_a_day(TestEngine::Sqlite).await;
    for _ in 0..4 {
        world.client.get(TEAMS).await.response(4303);
    }
    world.client.get(TEAMS).await.comes_out(outcome::LIMIT_EXCEEDED);
    let other = world.wire.key("Other").await;
    let answer = world.wire.client(&other, world.team).await.get(TEAMS).await;
    answer.response(4303);
    assert_eq!(left(&answer), 3);
}

#[tokio::test]
async fn refused_calls_of_a_key_count_too() {
    let world = five_a_day(TestEngine::Sqlite).await;
    let without_team = world.wire.with_token(&world.key).await;
    let missing = without_team.get("/v3.1/users").await;
    missing.comes_out(outcome::MISSING_HEADER);
    assert_eq!(left(&missing), 2);
    let answer = without_team.header("teamid", "999").get("/v3.1/users").await;
    answer.comes_out(outcome::NO_TEAM);
    assert_eq!(left(&answer), 1);
    assert_eq!(left(&world.update(&json!({})).await), 0);
    world.client.clone().header("teamid", "999").get("/v3.1/users").await.comes_out(outcome::LIMIT_EXCEEDED);
}

#[tokio::test]
async fn calls_of_nobody_show_the_whole_day() {
    let world = five_a_day(TestEngine::Sqlite).await;
    let nobody = world.wire.nobody();
    let unknown = nobody.clone().header("access_token", "x");
    for answer in [
        nobody.get(TEAMS).await,
        unknown.get(TEAMS).await,
        nobody.get("/v3.1/authorize").await,
        nobody.get("/v3.1/nothing").await,
        nobody.delete(TEAMS).await,
    ] {
        answer.is_stamped();
        assert_eq!(left(&answer), 5, "{}", answer.text());
    }
}
both_engines!(the_day_ends_at_midnight_utc);
