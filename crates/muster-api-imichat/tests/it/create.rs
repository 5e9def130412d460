//! Creating a user.

use muster_api_imichat::Settings;
use muster_app::roles::RolePatch;
use muster_core::actor::Caller;
use muster_core::agent::MembershipRole;
use muster_core::permission::{Permission, Permissions};
use muster_testkit::{PASSWORD, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, World, origin, outcome};

const USERS: &str = "/v3.1/users";

/// A body that is taken.
fn bea(world: &World) -> Value {
    json!({
        "first_name": "Bea",
        "last_name": "Lind",
        "login_id": "bea",
        "email_id": "Bea@example.org",
        "password": PASSWORD,
        "job_description": "Tier 1",
        "login_using_email": false,
        "privileges": [{"teamid": world.team, "role": "Team Agent"}],
        "custom_attributes": {"business": "retail"},
        "active_chats": 7,
        "status": "inactive"
    })
}

/// The same with other values.
fn with(world: &World, changes: &Value) -> Value {
    let mut body = bea(world);
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

async fn a_user_is_created_whole(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let answer = world.client.post(USERS, &bea(&world)).await;
    let id = answer.response(4305)["id"].clone();
    let expected = format!(
        concat!(
            r#"{{"status_code":4305,"description":"User created successfully","response":{{"id":{},"#,
            r#""created_at":"2026-01-05T09:00:00.000Z","updated_at":"2026-01-05T09:00:00.000Z","#,
            r#""first_name":"Bea","last_name":"Lind","login_id":"bea","email_id":"bea@example.org","#,
            r#""status":"active","logged_in":false,"job_description":"Tier 1","login_using_email":false,"#,
            r#""role_type":"Customer Care","accepting_chats":false,"skill_attributes":{{}},"active_chats":0,"#,
            r#""custom_attributes":{{"business":"Retail"}},"privileges":[{{"teamid":{},"role":"Team Agent"}}]}}}}"#
        ),
        id, world.team
    );
    assert_eq!(answer.text(), expected);
    let shown = world.client.get("/v3.1/users/bea").await.response(4306);
    assert_eq!(shown["id"], id);
    let app = &world.wire.desk.app;
    assert!(app.sign_in(&origin(), "bea", PASSWORD).await.is_ok());
    assert!(app.sign_in(&origin(), "bea@example.org", PASSWORD).await.is_err());
}

#[tokio::test]
async fn privileges_become_memberships_and_the_role() {
    let world = World::new().await;
    let sales = world.wire.desk.team("Sales").await;
    for (login, [here, there], role, members) in [
        ("one", ["Team Manager", "Team Agent"], "Agent", [MembershipRole::Manager, MembershipRole::Agent]),
        ("two", ["Team Analyst", "Team Agent"], "Agent", [MembershipRole::Analyst, MembershipRole::Agent]),
        ("three", ["Team Analyst", "Team Analyst"], "Analyst", [MembershipRole::Analyst, MembershipRole::Analyst]),
    ] {
        let privileges = json!([{"teamid": sales, "role": there}, {"teamid": world.team, "role": here}]);
        let email = format!("{login}@example.org");
        let body = with(&world, &json!({"login_id": login, "email_id": email, "privileges": privileges}));
        let created = world.client.post(USERS, &body).await.response(4305);
        assert_eq!(created["privileges"], privileges);
        assert_eq!(created["role_type"], "Customer Care");
        let operator = Caller::operator();
        let profile = world.wire.desk.app.find_agent_by_email(&operator, &email).await.unwrap();
        assert_eq!(profile.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), [role]);
        let held: Vec<_> = profile.teams.iter().map(|held| (held.id, held.membership.role)).collect();
        assert_eq!(held, [(world.team, members[0]), (sales, members[1])]);
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_it_is_3115_and_creates_nobody() {
    let world = World::new().await;
    world.wire.desk.agent("taken").await;
    let before = world.wire.desk.digest().await;
    for changes in [
        json!({"first_name": ""}),
        json!({"first_name": null}),
        json!({"first_name": "x".repeat(101)}),
        json!({"last_name": "x".repeat(101)}),
        json!({"last_name": null}),
        json!({"login_id": "ab"}),
        json!({"login_id": "x".repeat(101)}),
        json!({"login_id": "a b c"}),
        json!({"login_id": "other@example.org"}),
        json!({"login_id": "TAKEN"}),
        json!({"login_id": "taken@example.org"}),
        json!({"email_id": "bea"}),
        json!({"email_id": ""}),
        json!({"email_id": "Taken@example.org"}),
        json!({"password": "short"}),
        json!({"password": 7}),
        json!({"job_description": "x".repeat(256)}),
        json!({"login_using_email": "yes"}),
        json!({"privileges": []}),
        json!({"privileges": {}}),
        json!({"privileges": null}),
        json!({"privileges": [{"teamid": world.team}]}),
        json!({"privileges": [{"teamid": world.team, "role": "team agent"}]}),
        json!({"privileges": [{"teamid": world.team, "role": "Client Admin"}]}),
        json!({"privileges": [{"teamid": world.team.to_string(), "role": "Team Agent"}]}),
        json!({"privileges": [{"teamid": 999, "role": "Team Agent"}]}),
        json!({"privileges": [
            {"teamid": world.team, "role": "Team Agent"}, {"teamid": world.team, "role": "Team Analyst"}
        ]}),
        json!({"custom_attributes": {"unknown": 1}}),
        json!({"skill_attributes": {"unknown": 1}}),
        json!({"skill_attributes": []}),
    ] {
        let answer = world.client.post(USERS, &with(&world, &changes)).await;
        answer.comes_out(outcome::INVALID_REQUEST);
        assert!(answer.header("x-error-detail").is_some(), "{changes}");
    }
    for needed in ["first_name", "login_id", "email_id", "password", "privileges"] {
        let mut body = bea(&world);
        body.as_object_mut().unwrap().remove(needed);
        world.client.post(USERS, &body).await.comes_out(outcome::INVALID_REQUEST);
    }
    let post = |body: &'static str| world.client.send(world.client.request(Method::POST, USERS).body(body));
    post("").await.comes_out(outcome::NO_BODY);
    post("null").await.comes_out(outcome::NO_BODY);
    post("[]").await.comes_out(outcome::INVALID_REQUEST);
    let wrong = with(&world, &json!({"custom_attributes": {"business": "Nope"}}));
    world.client.post(USERS, &wrong).await.comes_out(outcome::INVALID_BUSINESS);
    let wrong = with(&world, &json!({"custom_attributes": {"location": "Nope"}}));
    world.client.post(USERS, &wrong).await.comes_out(outcome::INVALID_LOCATION);
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), [""; 0]);
}

#[tokio::test]
async fn duplicates_say_so_in_the_header() {
    let world = World::new().await;
    world.client.post(USERS, &bea(&world)).await.response(4305);
    let again = world.client.post(USERS, &bea(&world)).await;
    again.comes_out(outcome::INVALID_REQUEST);
    assert_eq!(again.header("x-error-detail"), Some("login_id or email_id is taken"));
}

async fn a_role_beyond_the_key_is_a_fault_of_the_body(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let app = &world.wire.desk.app;
    let role = world.wire.desk.role("Agent").await;
    let permissions = Permissions::from_iter([Permission::WebhooksManage]);
    let patch = RolePatch { permissions: Some(permissions), ..RolePatch::default() };
    app.update_role(&Caller::operator(), role, patch).await.unwrap();
    let before = world.wire.desk.digest().await;
    let answer = world.client.post(USERS, &bea(&world)).await;
    answer.comes_out(outcome::INVALID_REQUEST);
    assert_eq!(answer.header("x-error-detail"), Some("privileges ask for a role that is beyond the key"));
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), [""; 0]);
}

#[tokio::test]
async fn what_is_optional_may_be_left_out() {
    let world = World::new().await;
    let body = json!({
        "first_name": "Bea", "login_id": "bea@example.org", "email_id": "bea@example.org", "password": PASSWORD,
        "privileges": [{"teamid": world.team, "role": "Team Agent"}]
    });
    let created = world.client.post(USERS, &body).await.response(4305);
    let facts =
        ["last_name", "login_id", "job_description", "login_using_email", "custom_attributes", "skill_attributes"];
    let facts = facts.map(|field| created[field].clone());
    assert_eq!(facts, [json!(""), json!("bea@example.org"), json!(""), json!(true), json!({}), json!({})]);
}

#[tokio::test]
async fn names_of_the_documented_characters_make_logins() {
    let world = World::new().await;
    let login = "aZ0!#$'*+-/=?^_`.{}~";
    let created = world.client.post(USERS, &with(&world, &json!({"login_id": login}))).await.response(4305);
    assert_eq!(created["login_id"], login);
}

#[tokio::test]
async fn a_key_creates_users_in_its_own_teams_only() {
    let world = World::new().await;
    let sales = world.wire.desk.team("Sales").await;
    let key = world.wire.key_for("Support only", Some(vec![world.team])).await;
    let client = world.wire.client(&key, world.team).await;
    let both = json!([{"teamid": world.team, "role": "Team Agent"}, {"teamid": sales, "role": "Team Agent"}]);
    client.post(USERS, &with(&world, &json!({"privileges": both}))).await.comes_out(outcome::INVALID_REQUEST);
    let theirs = json!([{"teamid": sales, "role": "Team Agent"}]);
    client.post(USERS, &with(&world, &json!({"privileges": theirs}))).await.comes_out(outcome::INVALID_REQUEST);
    client.post(USERS, &bea(&world)).await.response(4305);
}

both_engines!(a_role_beyond_the_key_is_a_fault_of_the_body, a_user_is_created_whole);
