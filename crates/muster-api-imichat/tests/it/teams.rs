//! The teams that a key is shared with.

use muster_app::teams::TeamPatch;
use muster_core::actor::Caller;
use serde_json::json;

use crate::support::{Said as _, World, outcome};

#[tokio::test]
async fn a_key_sees_the_teams_it_is_shared_with() {
    let world = World::new().await;
    let sales = world.wire.desk.team("Sales").await;
    let answer = world.wire.with_token(&world.key).await.get("/v3.1/teams").await;
    let expected = format!(
        concat!(
            r#"{{"status_code":4303,"description":"Teams retrieved successfully","response":{{"teams":["#,
            r#"{{"teamid":{},"team_name":"Sales","group":""}},{{"teamid":{},"team_name":"Support","group":""}}]}}}}"#
        ),
        sales, world.team
    );
    assert_eq!((answer.status().as_u16(), answer.text()), (200, expected));
    answer.is_stamped();
    let key = world.wire.key_for("Sales only", Some(vec![sales])).await;
    let listed = world.wire.with_token(&key).await.get("/v3.1/teams").await.response(4303);
    assert_eq!(listed, json!({"teams": [{"teamid": sales, "team_name": "Sales", "group": ""}]}));
}

#[tokio::test]
async fn archived_teams_are_hidden_and_disabled_ones_are_not() {
    let world = World::new().await;
    let app = &world.wire.desk.app;
    let set = async |patch: TeamPatch| app.update_team(&Caller::operator(), world.team, patch).await.unwrap();
    set(TeamPatch { enabled: Some(false), ..TeamPatch::default() }).await;
    let listed = async || world.client.get("/v3.1/teams").await.response(4303)["teams"].as_array().unwrap().len();
    assert_eq!(listed().await, 1);
    world.shown().await;
    set(TeamPatch { archived: Some(true), ..TeamPatch::default() }).await;
    assert_eq!(listed().await, 0);
    world.client.get(&world.path()).await.comes_out(outcome::NO_TEAM);
}

#[tokio::test]
async fn a_restricted_key_whose_last_team_is_deleted_serves_nobody() {
    let world = World::new().await;
    let key = world.wire.key_for("Support only", Some(vec![world.team])).await;
    let client = world.wire.client(&key, world.team).await;
    client.get(&world.path()).await.response(4306);
    world.wire.desk.app.delete_team(&Caller::operator(), world.team).await.unwrap();
    assert_eq!(client.get("/v3.1/teams").await.response(4303), json!({"teams": []}));
    client.get(&world.path()).await.comes_out(outcome::NO_TEAM);
    let sales = world.wire.desk.team("Sales").await;
    let other = world.wire.client(&key, sales).await;
    other.get("/v3.1/users").await.comes_out(outcome::NO_TEAM);
}
