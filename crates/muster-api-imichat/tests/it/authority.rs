//! What a key can't reach: other teams' users, whoever administers the desk, and the desk itself.

use muster_api_imichat::Settings;
use muster_app::agents::AgentPatch;
use muster_app::roles::NewRole;
use muster_core::actor::Caller;
use muster_core::permission::{Permission, Permissions};
use muster_store::sql;
use muster_testkit::{AgentHandle, PASSWORD, TestEngine, both_engines};
use serde_json::json;

use crate::support::{Said as _, World, outcome, user};

async fn an_administrator_is_shown_and_never_changed(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let desk = &world.wire.desk;
    let admin = desk.agent("adi").role("Admin").role("Agent").team(world.team).await;
    let role = NewRole {
        name: "Keeper".to_owned(),
        description: String::new(),
        permissions: Permissions::from_iter([Permission::WebhooksManage]),
    };
    desk.app.create_role(&Caller::operator(), role).await.unwrap();
    let keeper = desk.agent("kit").role("Keeper").role("Agent").team(world.team).await;
    let before = desk.digest().await;
    for (agent, role_type) in [(&admin, "Administrative"), (&keeper, "Customer Care")] {
        let shown = world.client.get(&user(agent.id)).await.response(4306);
        assert_eq!(shown["role_type"], role_type);
        for body in [
            json!({"first_name": "Eve"}),
            json!({"status": "inactive"}),
            json!({"login_using_email": false}),
            json!({"job_description": "x"}),
            json!({"custom_attributes": {"business": "Retail"}}),
            // Not even what is wrong with it is told.
            json!({"custom_attributes": {"business": "Nope"}}),
            json!({"status": "active"}),
        ] {
            world.client.patch(&user(agent.id), &body).await.comes_out(outcome::NO_USER);
            world.client.put(&user(agent.id), &body).await.comes_out(outcome::NO_USER);
        }
    }
    assert_eq!(desk.digest().await.changed_since(&before), [""; 0]);
}

#[tokio::test]
async fn no_user_is_lifted_by_what_is_sent() {
    let world = World::new().await;
    let body = json!({
        "first_name": "Bea", "login_id": "bea", "email_id": "bea@example.org", "password": PASSWORD,
        "role_type": "Administrative", "roles": ["Admin"], "permissions": ["users:manage"],
        "privileges": [{"teamid": world.team, "role": "Team Manager"}]
    });
    let created = world.client.post("/v3.1/users", &body).await.response(4305);
    assert_eq!(created["role_type"], "Customer Care");
    let lift = json!({"job_description": "x", "role_type": "Administrative", "roles": ["Admin"], "privileges": []});
    let shown = world.client.patch("/v3.1/users/bea", &lift).await.response(4309);
    assert_eq!(shown["role_type"], "Customer Care");
}

#[tokio::test]
async fn the_desks_own_account_is_nobody() {
    let world = World::new().await;
    for id in 0..12 {
        let answer = world.client.get(&format!("/v3.1/users/{id}")).await;
        let is_known = [world.ana.id.0, world.ada.id.0].contains(&id);
        assert_eq!(answer.status() == 200, is_known, "{id}: {}", answer.text());
    }
    let listed = world.client.get("/v3.1/users").await.response(4307);
    assert_eq!(listed["users"].as_array().unwrap().len(), 2);
}

async fn visibility_follows_the_team_in_the_header(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let desk = &world.wire.desk;
    let sales = desk.team("Sales").await;
    let sal = desk.agent("sal").team(sales).await;
    let lone = desk.agent("lone").await;
    let restricted = world.wire.key_for("Both teams", Some(vec![world.team, sales])).await;
    let whole = [world.wire.client(&world.key, world.team).await, world.wire.client(&world.key, sales).await];
    let listed = [world.wire.client(&restricted, world.team).await, world.wire.client(&restricted, sales).await];
    let cases: [(&AgentHandle, [bool; 4]); 3] = [
        (&world.ana, [true, false, true, false]),
        (&sal, [false, true, false, true]),
        // Without any team they belong to whoever serves the whole desk.
        (&lone, [true, true, false, false]),
    ];
    for (agent, sees) in cases {
        for (client, sees) in whole.iter().chain(&listed).zip(sees) {
            let (shown, changed) =
                (client.get(&user(agent.id)).await, client.patch(&user(agent.id), &json!({"last_name": "X"})).await);
            if sees {
                shown.response(4306);
                changed.response(4309);
            } else {
                shown.comes_out(outcome::NO_USER);
                changed.comes_out(outcome::NO_USER);
            }
        }
    }
}

#[tokio::test]
async fn whoever_leaves_the_team_is_gone_for_its_header_at_once() {
    let world = World::new().await;
    let sales = world.wire.desk.team("Sales").await;
    world.shown().await;
    let patch = AgentPatch { teams: Some(vec![sales]), ..AgentPatch::default() };
    world.wire.desk.app.update_agent(&Caller::operator(), world.ana.id, patch).await.unwrap();
    world.client.get(&world.path()).await.comes_out(outcome::NO_USER);
    world.update(&json!({"last_name": "X"})).await.comes_out(outcome::NO_USER);
}

#[tokio::test]
async fn deleted_users_are_gone() {
    let world = World::new().await;
    world.wire.desk.app.delete_agent(&Caller::operator(), world.ana.id).await.unwrap();
    world.client.get(&world.path()).await.comes_out(outcome::NO_USER);
    world.client.get("/v3.1/users/ana").await.comes_out(outcome::NO_USER);
    world.update(&json!({"status": "active"})).await.comes_out(outcome::NO_USER);
}

#[tokio::test]
async fn without_the_header_only_whoever_serves_the_whole_desk_is_served() {
    let settings = Settings { team_required: false, ..Settings::default() };
    let world = World::on(TestEngine::Sqlite, settings).await;
    let whole = world.wire.with_token(&world.key).await;
    whole.get(&world.path()).await.response(4306);
    whole.patch(&world.path(), &json!({"last_name": "Ruiz"})).await.response(4309);
    let key = world.wire.key_for("Support only", Some(vec![world.team])).await;
    let restricted = world.wire.with_token(&key).await;
    restricted.get(&world.path()).await.comes_out(outcome::NO_USER);
    assert_eq!(restricted.get("/v3.1/users").await.response(4307), json!({"users": []}));
    whole.header("teamid", "999").get(&world.path()).await.comes_out(outcome::NO_TEAM);
    restricted.header("teamid", &world.team.to_string()).get(&world.path()).await.response(4306);
}

async fn a_key_stands_as_itself_in_the_log(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    world.update(&json!({"last_name": "Ruiz"})).await.response(4309);
    let last = sql!("SELECT action, actor, credential FROM audit ORDER BY id DESC LIMIT 1");
    let store = world.wire.desk.app.store();
    let row = store.read(move |tx| Box::pin(async move { tx.query_one(last, &[]).await })).await.unwrap();
    let entry = ["action", "actor", "credential"].map(|column| row.get::<String>(column).unwrap());
    let key = format!("integration:{}", world.key.integration.id);
    assert_eq!(entry, ["agent.updated".to_owned(), key.clone(), key]);
}

both_engines!(
    a_key_stands_as_itself_in_the_log,
    an_administrator_is_shown_and_never_changed,
    visibility_follows_the_team_in_the_header,
);
