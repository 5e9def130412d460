//! Every route against every kind of caller: whoever is refused gets exactly this answer, and no table changes.

use std::time::Duration;

use muster_api_imichat::{Access, KIND};
use muster_core::actor::Caller;
use muster_testkit::matrix::{Endpoint, callers};
use muster_testkit::{Client, TestEngine};
use serde_json::json;

use crate::support::{Outcome, outcome};
use crate::whole::Whole;

/// The routes that this client is refused by, with this outcome.
async fn refused(whole: &Whole, name: &str, client: &Client, outcome: impl Fn(Access) -> Option<Outcome>) -> usize {
    let refusal = |endpoint: &Endpoint| {
        outcome(whole.access(endpoint)).map(|(status, code, description)| callers::Refusal {
            status,
            body: json!({"status_code": code, "description": description, "response": ""}),
        })
    };
    callers::are_refused(whole, name, client, refusal).await
}

fn everywhere(outcome: Outcome) -> impl Fn(Access) -> Option<Outcome> {
    move |_| Some(outcome)
}

/// At the routes that ask for a token.
fn by_token(outcome: Outcome) -> impl Fn(Access) -> Option<Outcome> {
    move |access| (access != Access::Key).then_some(outcome)
}

#[tokio::test]
async fn whoever_shows_nothing_is_refused_everywhere() {
    let whole = Whole::on(TestEngine::Sqlite).await;
    let all = whole.world.wire.routes.len();
    let nobody = whole.world.wire.nobody();
    assert_eq!(refused(&whole, "nothing", &nobody, everywhere(outcome::MISSING_HEADER)).await, all);
    let blank = nobody.header("access_token", " ").header("authorization", " ").header("teamid", "1");
    assert_eq!(refused(&whole, "blanks", &blank, everywhere(outcome::MISSING_HEADER)).await, all);
}

#[tokio::test]
async fn whoever_shows_what_is_not_good_is_refused_everywhere() {
    let whole = Whole::on(TestEngine::Sqlite).await;
    let all = whole.world.wire.routes.len();
    let team = whole.world.team.to_string();
    let nobody = whole.world.wire.nobody().header("teamid", &team);
    for value in ["x", "Basic x", "Bearer x", &whole.world.key.key, "null", "0"] {
        let client = nobody.clone().header("access_token", value).header("authorization", value);
        assert_eq!(refused(&whole, value, &client, everywhere(outcome::INVALID_TOKEN)).await, all);
    }
    let (key, secret) = &whole.world.ada.key;
    let admin = nobody.header("access_token", secret).header("authorization", &format!("token {key}:{secret}"));
    assert_eq!(refused(&whole, "an agent's key", &admin, everywhere(outcome::INVALID_TOKEN)).await, all);
}

#[tokio::test]
async fn an_aged_token_is_refused_everywhere_and_a_revoked_key_too() {
    let whole = Whole::on(TestEngine::Sqlite).await;
    let client = whole.world.client.clone();
    let key = client.clone().header("authorization", &crate::support::encoded(&whole.world.key));
    whole.world.wire.desk.advance(Duration::from_secs(3600)).await;
    refused(&whole, "aged", &client, by_token(outcome::TOKEN_EXPIRED)).await;
    let app = &whole.world.wire.desk.app;
    app.revoke_integration(&Caller::operator(), KIND, "People").await.unwrap();
    refused(&whole, "revoked", &key, everywhere(outcome::INVALID_TOKEN)).await;
}

#[tokio::test]
async fn a_team_that_is_missing_or_not_shared_is_refused_wherever_one_is_asked_for() {
    let whole = Whole::on(TestEngine::Sqlite).await;
    let by_team = |outcome| move |access| (access == Access::Team).then_some(outcome);
    let token = whole.world.wire.with_token(&whole.world.key).await;
    refused(&whole, "no team", &token, by_team(outcome::MISSING_HEADER)).await;
    for team in ["999", "x", "0", "-1"] {
        let client = token.clone().header("teamid", team);
        refused(&whole, team, &client, by_team(outcome::NO_TEAM)).await;
    }
    let sales = whole.world.wire.desk.team("Sales").await;
    let key = whole.world.wire.key_for("Sales only", Some(vec![sales])).await;
    let client = whole.world.wire.client(&key, whole.world.team).await;
    refused(&whole, "not shared", &client, by_team(outcome::NO_TEAM)).await;
}

#[tokio::test]
async fn before_the_desk_is_set_up_everybody_is_refused_everywhere() {
    let wire = crate::support::Wire::empty().await;
    let key = wire.key("Early").await;
    let client = wire.nobody().header("authorization", &crate::support::encoded(&key)).header("teamid", "1");
    for route in &wire.routes {
        let path = route.path.replace("{user_id}", "1");
        let answer = client.send(client.request(route.method.clone(), &path)).await;
        crate::support::Said::comes_out(&answer, outcome::UNAVAILABLE);
    }
}
