//! The ceiling and the last administrator, through every route that could break them.

use muster_core::permission::Permission;
use muster_testkit::{AgentHandle, Client, PASSWORD, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, forbidden};

/// An attempt: method, path and body.
type Attempt = (Method, String, Value);

async fn attempt(client: &Client, (method, path, body): &Attempt) -> Reply {
    let request = client.request(method.clone(), path);
    client.send(if body.is_null() { request } else { request.json(body) }).await
}

/// Each is refused with this, and nothing has changed.
async fn refused(wire: &Wire, client: &Client, attempts: &[Attempt], check: impl Fn(&Reply)) {
    for attempted in attempts {
        let before = wire.digest().await;
        let answer = attempt(client, attempted).await;
        assert_is_refusal(attempted, &answer);
        check(&answer);
        Wire::same(&before, &wire.digest().await, &format!("{attempted:?}"));
    }
}

fn assert_is_refusal(attempted: &Attempt, answer: &Reply) {
    assert!(answer.status().is_client_error(), "{attempted:?}: {}", answer.text());
}

/// Everything that would change how an account works, by whoever supervises.
async fn service(wire: &Wire, agent: &AgentHandle, username: &str) -> Vec<Attempt> {
    let id = wire.id(agent).await;
    vec![
        (Method::DELETE, format!("/api/v1/livechat/users/agent/{id}"), Value::Null),
        (Method::POST, "/api/v1/livechat/users/agent".to_owned(), json!({"username": username})),
        (Method::POST, "/api/v1/livechat/users/manager".to_owned(), json!({"username": username})),
        (
            Method::POST,
            "/api/v1/livechat/agents.saveInfo".to_owned(),
            json!({"agentId": id, "agentData": {"maxNumberSimultaneousChat": 1}, "agentDepartments": []}),
        ),
    ]
}

/// Everything that would shut an account out.
async fn account(wire: &Wire, agent: &AgentHandle) -> Vec<Attempt> {
    let id = wire.id(agent).await;
    vec![
        (Method::POST, "/api/v1/users.setActiveStatus".to_owned(), json!({"userId": id, "activeStatus": false})),
        (Method::POST, "/api/v1/users.delete".to_owned(), json!({"userId": id})),
    ]
}

fn create(username: &str, role: &str) -> Attempt {
    let body = json!({
        "name": "Eve", "email": format!("{username}@example.org"), "username": username, "password": PASSWORD,
        "roles": [role]
    });
    (Method::POST, "/api/v1/users.create".to_owned(), body)
}

/// Another administrator beside Ada.
async fn second_admin(wire: &Wire) -> AgentHandle {
    wire.desk.agent("otto").role("Admin").await
}

#[tokio::test]
async fn a_manager_touches_no_administrator() {
    let (wire, _) = Wire::new().await;
    let otto = second_admin(&wire).await;
    wire.desk.agent("lou").role("Manager").password().await;
    let lead = wire.sign_in("lou").await;
    let attempts = service(&wire, &otto, "otto").await;
    refused(&wire, &lead, &attempts, |answer| answer.refuses(403, &forbidden())).await;
    let attempts = account(&wire, &otto).await;
    refused(&wire, &lead, &attempts, |answer| assert_eq!(answer.status(), 403)).await;
}

#[tokio::test]
async fn a_manager_lifts_nobody_and_not_themselves() {
    let (wire, _) = Wire::new().await;
    let lou = wire.desk.agent("lou").role("Manager").password().await;
    wire.desk.agent("kim").await;
    let lead = wire.sign_in("lou").await;
    let mut attempts = vec![create("eve", "livechat-agent"), create("eve", "admin")];
    for username in ["kim", "lou"] {
        let manager = json!({"username": username});
        attempts.push((Method::POST, "/api/v1/livechat/users/manager".to_owned(), manager));
    }
    let id = wire.id(&lou).await;
    attempts.push((Method::DELETE, format!("/api/v1/livechat/users/manager/{id}"), Value::Null));
    refused(&wire, &lead, &attempts, |answer| assert_eq!(answer.status(), 403)).await;
}

#[tokio::test]
async fn a_manager_runs_the_floor() {
    let (wire, admin) = Wire::new().await;
    wire.desk.agent("lou").role("Manager").password().await;
    let kim = wire.desk.agent("kim").await;
    let team = wire.desk.team("Support").await;
    let lead = wire.sign_in("lou").await;
    let mut attempts = service(&wire, &kim, "kim").await;
    attempts.remove(2);
    attempts.reverse();
    for attempted in attempts {
        attempt(&lead, &attempted).await.ok();
    }
    let path = format!("/api/v1/livechat/department/{}/agents", wire.team_id(team).await);
    lead.post(&path, &json!({"upsert": [{"agentId": wire.id(&kim).await}], "remove": []})).await.ok();
    assert_eq!(admin.get(&path).await.ok()["total"], 1);
}

#[tokio::test]
async fn whoever_manages_users_alone_takes_over_no_administrator_and_makes_none() {
    let (wire, _) = Wire::new().await;
    let otto = second_admin(&wire).await;
    let uma = wire.holder("uma", &[Permission::UsersManage]).await;
    let mut attempts = service(&wire, &otto, "otto").await;
    attempts.extend(account(&wire, &otto).await);
    attempts.extend([create("eve", "admin"), create("eve", "livechat-manager")]);
    attempts.push((Method::POST, "/api/v1/livechat/users/manager".to_owned(), json!({"username": "uma"})));
    refused(&wire, &uma, &attempts, |answer| answer.refuses(403, &forbidden())).await;
    attempt(&uma, &create("eve", "livechat-agent")).await.ok();
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (wire, _) = Wire::new().await;
    let rights = [Permission::UsersManage, Permission::RolesManage];
    let uma = wire.holder("uma", &rights).await;
    let me = wire.sign_in("ada").await.get("/api/v1/me").await.ok();
    let id = me["_id"].as_str().unwrap();
    let attempts = [
        (Method::POST, "/api/v1/users.setActiveStatus".to_owned(), json!({"userId": id, "activeStatus": false})),
        (Method::POST, "/api/v1/users.delete".to_owned(), json!({"username": "ada"})),
    ];
    let text = "Leaving the app without admins is not allowed [error-action-not-allowed]";
    refused(&wire, &uma, &attempts, |answer| answer.fails(text, Some("error-action-not-allowed"))).await;
    second_admin(&wire).await;
    attempt(&uma, &attempts[1]).await.ok();
}

#[tokio::test]
async fn a_teams_own_manager_changes_the_members_of_that_team_alone() {
    let (wire, _) = Wire::new().await;
    let (own, other) = (wire.desk.team("Support").await, wire.desk.team("Sales").await);
    let kim = wire.desk.agent("kim").await;
    wire.desk.agent("lou").member(own, muster_core::agent::MembershipRole::Manager).password().await;
    let lead = wire.sign_in("lou").await;
    let body = json!({"upsert": [{"agentId": wire.id(&kim).await}], "remove": []});
    let path = async |team| format!("/api/v1/livechat/department/{}/agents", wire.team_id(team).await);
    lead.post(&path(own).await, &body).await.ok();
    let attempts = [(Method::POST, path(other).await, body)];
    refused(&wire, &lead, &attempts, |answer| answer.refuses(403, &forbidden())).await;
}
