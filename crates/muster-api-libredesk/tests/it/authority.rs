//! The ceiling and the last administrator, through every route that could break them.

use muster_testkit::{AgentHandle, Client, PASSWORD, Reply};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};
use crate::world::World;

const DENIED: &str = "Permission denied";
const LAST_ADMIN: &str = "The last administrator must stay enabled and in the role Admin";

/// An attempt: method, path and body.
type Attempt = (Method, String, Value);

fn agent_path(agent: &AgentHandle) -> String {
    format!("/api/v1/agents/{}", agent.id.0)
}

/// An update that says what is so but for `changes`.
fn update(agent: &AgentHandle, role: &str, changes: Value) -> Attempt {
    let first_name = agent.email.split('@').next().unwrap();
    let mut body = json!({"first_name": first_name, "email": agent.email, "roles": [role]});
    let Value::Object(changes) = changes else { panic!("{changes} are no fields") };
    body.as_object_mut().unwrap().extend(changes);
    (Method::PUT, agent_path(agent), body)
}

async fn attempt(client: &Client, (method, path, body): &Attempt) -> Reply {
    let request = client.request(method.clone(), path);
    client.send(if *body == Value::Null { request } else { request.json(body) }).await
}

/// Everything that would take over, shut out, raise or lower the account of an agent in this role.
fn seizures(agent: &AgentHandle, role: &str) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = [
        json!({"roles": ["Agent"]}),
        json!({"roles": [role, "Agent"]}),
        json!({"roles": []}),
        json!({"new_password": "Stolen-horse-8"}),
        json!({"email": "eve@example.org"}),
        json!({"enabled": false}),
        json!({"muster": {"login": "eve"}}),
        json!({"muster": {"locked": true}}),
        json!({"muster": {"login_using_email": false}}),
        json!({"first_name": "Eve", "enabled": false, "muster": {"capacity": 1}}),
    ]
    .into_iter()
    .map(|changes| update(agent, role, changes))
    .collect();
    attempts.push((Method::POST, format!("{}/api-key", agent_path(agent)), Value::Null));
    attempts.push((Method::DELETE, format!("{}/api-key", agent_path(agent)), Value::Null));
    attempts.push((Method::DELETE, agent_path(agent), Value::Null));
    attempts
}

/// Refused with this, and nothing has changed.
async fn refused(world: &World, client: &Client, attempts: &[Attempt], status: u16, kind: &str, message: &str) {
    let before = world.digest().await;
    for attempted in attempts {
        let answer = attempt(client, attempted).await;
        assert_eq!(answer.status(), status, "{attempted:?}: {}", answer.shown());
        answer.refuses(status, kind, message);
        assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{attempted:?}");
    }
}

async fn denied(world: &World, client: &Client, attempts: &[Attempt]) {
    refused(world, client, attempts, 403, "PermissionException", DENIED).await;
}

#[tokio::test]
async fn whoever_manages_users_alone_takes_over_no_administrator() {
    let world = World::new().await;
    let manager = world.wire.client(&world.holder("uma", &["users:manage"]).await);
    denied(&world, &manager, &seizures(&world.ada, "Admin")).await;
}

#[tokio::test]
async fn whoever_manages_users_alone_takes_over_nobody_who_holds_one_more_right() {
    let world = World::new().await;
    let manager = world.wire.client(&world.holder("uma", &["users:manage"]).await);
    for right in ["inboxes:manage", "roles:manage", "teams:manage", "custom_attributes:manage"] {
        let name = right.replace(':', "-");
        let above = world.holder(&name, &[right, "users:manage"]).await;
        denied(&world, &manager, &seizures(&above, &name)).await;
    }
}

#[tokio::test]
async fn whoever_manages_users_alone_raises_nobody_above_oneself() {
    let world = World::new().await;
    let uma = world.holder("uma", &["users:manage"]).await;
    world.holder("inboxes", &["inboxes:manage"]).await;
    let manager = world.wire.client(&uma);
    let admin = world.wire.desk.role("Admin").await.0;
    let mut attempts = Vec::new();
    for roles in
        [json!(["Admin"]), json!(["admin", "Agent"]), json!([admin]), json!([{"id": admin}]), json!(["inboxes"])]
    {
        let new = json!({"first_name": "Eve", "email": "eve@example.org", "roles": roles});
        attempts.push((Method::POST, "/api/v1/agents".to_owned(), new));
        attempts.push(update(&world.kim, "Agent", json!({"roles": roles})));
        attempts.push(update(&uma, "uma", json!({"roles": roles})));
    }
    for role in ["Admin", "inboxes"] {
        let new = json!({"first_name": "Eve", "email": "eve@example.org", "role": role});
        attempts.push((Method::POST, "/api/v1/agents".to_owned(), new));
        let body = json!({"first_name": "kim", "email": world.kim.email, "role": role});
        attempts.push((Method::PUT, agent_path(&world.kim), body));
    }
    denied(&world, &manager, &attempts).await;

    let equal = json!({"first_name": "Val", "email": "val@example.org", "roles": ["uma"]});
    manager.post("/api/v1/agents", &equal).await.data();
}

#[tokio::test]
async fn whoever_manages_users_alone_still_does_what_takes_nothing_over() {
    let world = World::new().await;
    let manager = world.wire.client(&world.holder("uma", &["users:manage"]).await);
    let harmless = json!({"first_name": "Ada", "last_name": "Doe", "teams": ["Support"], "muster": {"capacity": 5}});
    let (method, path, body) = update(&world.ada, "Admin", harmless);
    let changed = manager.send(manager.request(method, &path).json(&body)).await.data();
    assert_eq!((&changed["last_name"], &changed["teams"][0]["name"]), (&json!("Doe"), &json!("Support")));
    for attempted in seizures(&world.kim, "Agent") {
        if attempted.2["roles"] != json!([]) && attempted.2["email"] != "eve@example.org" {
            let answer = attempt(&manager, &attempted).await;
            assert_eq!(answer.status(), 200, "{attempted:?}: {}", answer.shown());
        }
    }
}

#[tokio::test]
async fn who_lacks_the_right_to_users_does_not_even_touch_oneself() {
    let world = World::new().await;
    let rob = world.holder("rob", &["roles:manage"]).await;
    let roles = world.wire.client(&rob);
    denied(&world, &roles, &seizures(&rob, "rob")).await;
    denied(&world, &roles, &[update(&rob, "rob", json!({"roles": ["Admin"]}))]).await;
    denied(&world, &world.wire.client(&world.kim), &seizures(&world.ada, "Admin")).await;
    let new = json!({"name": "Mine", "permissions": ["roles:manage"]});
    let role = format!("/api/v1/roles/{}", world.role.0);
    let attempts = [
        (Method::POST, "/api/v1/roles".to_owned(), new.clone()),
        (Method::PUT, role.clone(), new),
        (Method::DELETE, role, Value::Null),
    ];
    denied(&world, &world.wire.client(&world.holder("uma", &["users:manage"]).await), &attempts).await;
}

#[tokio::test]
async fn the_administrators_role_is_neither_changed_nor_deleted_nor_is_any_built_in_one_lost() {
    let world = World::new().await;
    let roles = world.wire.client(&world.holder("rob", &["roles:manage"]).await);
    let message = "Cannot modify admin role, Please create a new role.";
    for client in [&world.admin, &roles] {
        let path = async |name: &str| format!("/api/v1/roles/{}", world.wire.desk.role(name).await.0);
        let admin = path("Admin").await;
        let mut attempts = vec![
            (Method::PUT, admin.clone(), json!({"name": "Admin", "permissions": ["view:manage"]})),
            (Method::PUT, admin.clone(), json!({"name": "Former", "permissions": ["users:manage", "roles:manage"]})),
            (
                Method::PUT,
                admin.clone(),
                json!({"name": "Admin", "description": "Less", "permissions": ["view:manage"]}),
            ),
        ];
        for name in ["Admin", "Agent", "Manager", "Analyst"] {
            attempts.push((Method::DELETE, path(name).await, Value::Null));
        }
        for name in ["Agent", "Manager", "Analyst"] {
            let renamed = json!({"name": "Former", "permissions": ["view:manage"]});
            attempts.push((Method::PUT, path(name).await, renamed));
        }
        refused(&world, client, &attempts, 400, "InputException", message).await;
    }
}

#[tokio::test]
async fn the_last_administrator_stays_whoever_asks() {
    let world = World::new().await;
    let unrivalled = world.holder("una", &["users:manage", "roles:manage"]).await;
    for client in [&world.admin, &world.wire.client(&unrivalled)] {
        check_stays(&world, client, &world.ada).await;
    }
    let itself = [(Method::DELETE, agent_path(&world.ada), Value::Null)];
    refused(&world, &world.admin, &itself, 400, "InputException", "You cannot delete yourself").await;
    let deletion = (Method::DELETE, agent_path(&world.ada), Value::Null);
    refused(&world, &world.wire.client(&unrivalled), &[deletion], 400, "InputException", LAST_ADMIN).await;
}

/// Nobody takes this administrator away by an update.
async fn check_stays(world: &World, client: &Client, last: &AgentHandle) {
    let attempts = [
        update(last, "Agent", json!({})),
        update(last, "Admin", json!({"enabled": false})),
        update(last, "Admin", json!({"muster": {"locked": true}})),
        update(last, "Agent", json!({"enabled": false, "new_password": "Stolen-horse-8", "muster": {"locked": true}})),
        (Method::PUT, agent_path(last), json!({"first_name": "Ada", "email": last.email, "role": "Agent"})),
    ];
    refused(world, client, &attempts, 400, "InputException", LAST_ADMIN).await;
}

#[tokio::test]
async fn an_administrator_who_cannot_sign_in_does_not_count() {
    let world = World::new().await;
    let other = world.wire.desk.agent("bea").role("Admin").await;
    for changes in [json!({"enabled": false}), json!({"muster": {"locked": true}})] {
        expect_done(&world.admin, &update(&other, "Admin", changes)).await;
        check_stays(&world, &world.admin, &world.ada).await;
        expect_done(&world.admin, &update(&other, "Admin", json!({"enabled": true, "muster": {"locked": false}})))
            .await;
    }
    expect_done(&world.admin, &update(&other, "Agent", json!({}))).await;
    check_stays(&world, &world.admin, &world.ada).await;
    expect_done(&world.admin, &update(&other, "Admin", json!({}))).await;
    expect_done(&world.admin, &(Method::DELETE, agent_path(&other), Value::Null)).await;
    check_stays(&world, &world.admin, &world.ada).await;
}

#[tokio::test]
async fn with_a_second_administrator_the_first_may_go() {
    let world = World::new().await;
    let other = world.wire.desk.agent("bea").role("Admin").await;
    let second = world.wire.client(&other);
    for changes in [json!({"enabled": false}), json!({"muster": {"locked": true}})] {
        expect_done(&second, &update(&world.ada, "Admin", changes)).await;
        expect_done(&second, &update(&world.ada, "Admin", json!({"enabled": true, "muster": {"locked": false}}))).await;
    }
    expect_done(&world.admin, &update(&world.ada, "Agent", json!({}))).await;
    denied(&world, &world.admin, &[update(&other, "Agent", json!({}))]).await;
    expect_done(&second, &(Method::DELETE, agent_path(&world.ada), Value::Null)).await;
    check_stays(&world, &second, &other).await;
}

async fn expect_done(client: &Client, attempted: &Attempt) {
    let answer = attempt(client, attempted).await;
    assert_eq!(answer.status(), 200, "{attempted:?}: {}", answer.shown());
}

#[tokio::test]
async fn two_administrators_who_demote_each_other_leave_one() {
    for _ in 0..10 {
        let world = World::new().await;
        let other = world.wire.desk.agent("bea").role("Admin").await;
        let second = world.wire.client(&other);
        let (one, two) = (update(&other, "Agent", json!({})), update(&world.ada, "Agent", json!({})));
        let (one, two) = tokio::join!(attempt(&world.admin, &one), attempt(&second, &two));
        let done = [&one, &two].iter().filter(|answer| answer.status() == 200).count();
        assert_eq!(done, 1, "{} {}", one.shown(), two.shown());
        let admins = administrators(&world.wire).await;
        assert_eq!(admins, 1);
    }
}

/// Agents in the administrators' role who can sign in.
async fn administrators(wire: &Wire) -> usize {
    let agents = wire.desk.app.list_agents(&crate::world::operator()).await.unwrap();
    let mut count = 0;
    for agent in agents {
        let profile = wire.desk.app.agent(&crate::world::operator(), agent.summary.id).await.unwrap();
        count += usize::from(profile.is_admin() && profile.agent.is_usable());
    }
    count
}

#[tokio::test]
async fn a_link_opens_no_account_that_was_taken_out_of_reach() {
    let world = World::new().await;
    let link = world.wire.desk.app.reset_password_link(&crate::world::operator(), &world.kim.email).await.unwrap();
    let token = link.rsplit(['=', '/']).next().unwrap().to_owned();
    expect_done(&world.admin, &update(&world.kim, "Agent", json!({"enabled": false}))).await;
    let nobody = world.wire.nobody();
    let body = json!({"token": token, "password": "Stolen-horse-8"});
    let before = world.digest().await;
    assert_eq!(nobody.post("/api/v1/agents/set-password", &body).await.status(), 400);
    assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new());
    expect_done(&world.admin, &update(&world.kim, "Agent", json!({"enabled": true}))).await;
    for (password, status) in [("Stolen-horse-8", 400), (PASSWORD, 200)] {
        let sign_in = json!({"email": world.kim.email, "password": password});
        assert_eq!(nobody.post("/api/v1/auth/login", &sign_in).await.status(), status, "{password}");
    }
}
