//! Creating and deleting agents, and whom an account may touch.

use muster_core::actor::Caller;
use muster_core::agent::Channel;
use muster_core::integration::IntegrationActor;
use muster_testkit::{PASSWORD, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, CREATE, CREATED, DELETE, EDIT, NO_AGENT, NO_EMAIL, NO_KEY, NO_NAME, NO_PASSWORD, Setup, WRONG_EMAIL,
    WRONG_NAME, WRONG_PASSWORD, WRONG_USER, Wire, body, is, refuses, refuses_edit, with,
};

fn new_body(changes: Value) -> Value {
    let body = json!({
        "userName": ACCOUNT, "agentId": "Kim.Doe", "agentName": "Kim van Doe", "password": "abc",
        "email": "Kim@example.org"
    });
    with(body, changes)
}

async fn refuses_new(wire: &Wire, sent: &Value, status: u16, refusal: &str) {
    let client = wire.keyed();
    refuses(wire, &client, client.request(Method::POST, CREATE).json(sent), status, refusal).await;
}

async fn an_agent_is_created_edited_and_deleted(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.skill("French").await;
    wire.desk.team("Support").await;
    let sent = new_body(json!({
        "assignSkills": [{"skillName": "French", "priority": 5}], "assignAgentGroups": "Support", "chat": true,
        "autoAnswer": "All", "callControls": {"mute": false}, "agentData": "crm-7", "sipLocation": "Mumbai",
        "screenRecording": true, "locked": false, "priority": "7", "agentIdNew": "ignored"
    }));
    is(&wire.keyed().post(CREATE, &sent).await, 200, CREATED);
    let made = wire.agent("Kim.Doe").await;
    let agent = &made.agent;
    assert_eq!((agent.login.as_str(), agent.email.as_deref()), ("Kim.Doe", Some("kim@example.org")));
    assert_eq!((agent.first_name.as_str(), agent.last_name.as_str()), ("Kim", "van Doe"));
    assert_eq!((agent.rank, agent.enabled, agent.screen_recording), (7, true, true));
    assert_eq!((&agent.call_controls["mute"], &agent.call_controls["hold"]), (&json!(false), &json!(true)));
    assert_eq!((made.skills[0].level, made.teams[0].name.as_str()), (96, "Support"));
    assert_eq!(made.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["Agent"]);
    let edit = json!({
        "agentId": "kim.doe", "email": "kim@example.org", "agentNameNew": "Kim Lee", "chat": false, "manual": true,
        "unAssignSkills": "French"
    });
    wire.ok(&wire.edit(edit).await);
    let edited = wire.agent("Kim.Doe").await;
    assert_eq!((edited.agent.id, edited.agent.name().as_str()), (agent.id, "Kim Lee"));
    assert!(!edited.agent.channels.has(Channel::Chat) && edited.agent.channels.has(Channel::Manual));
    assert_eq!((edited.skills.len(), &edited.teams, edited.agent.rank), (0, &made.teams, 7));
    is(
        &wire.delete(&json!({"userName": ACCOUNT, "agentId": "kim.doe"})).await,
        200,
        r#"{"Status": "Success","Message": "Agent Kim.Doe Deleted Successfully"}"#,
    );
    assert!(!wire.has_agent("Kim.Doe").await);
    let gone = r#"{"status": "error","messages": "Invalid agent details or Agent is already deleted"}"#;
    is(&wire.delete(&json!({"userName": ACCOUNT, "agentId": "kim.doe"})).await, 404, gone);
    is(&wire.keyed().post(CREATE, &new_body(json!({}))).await, 200, CREATED);
    assert_eq!(wire.delete(&json!({"userName": ACCOUNT, "agentId": "kim.doe"})).await.status(), 200);
}

both_engines!(an_agent_is_created_edited_and_deleted);

#[tokio::test]
async fn a_new_agent_needs_an_id_a_name_a_password_and_an_address() {
    let wire = Wire::new().await;
    let without = |field: &str| {
        let mut sent = new_body(json!({}));
        sent.as_object_mut().unwrap().remove(field);
        sent
    };
    let with = |field: &str, value: Value| new_body(json!({field: value}));
    for (sent, status, refusal) in [
        (without("userName"), 401, WRONG_USER),
        (without("agentId"), 404, NO_AGENT),
        (with("agentId", json!("")), 404, NO_AGENT),
        (with("agentId", json!("a b")), 404, NO_AGENT),
        (with("agentId", json!("other@example.org")), 404, NO_AGENT),
        (with("agentName", json!("x")), 400, WRONG_NAME),
        (with("agentName", json!("")), 400, NO_NAME),
        (without("agentName"), 400, NO_NAME),
        (with("password", json!("ab")), 400, WRONG_PASSWORD),
        (with("password", json!("")), 400, NO_PASSWORD),
        (without("password"), 400, NO_PASSWORD),
        (with("email", json!("nope")), 400, WRONG_EMAIL),
        (with("email", json!("")), 400, NO_EMAIL),
        (without("email"), 400, NO_EMAIL),
        (with("agentId", json!("A1")), 400, r#"{"status": "error","message": "Agent Already Exists"}"#),
        (with("email", json!("a1@example.org")), 400, r#"{"message": "Email already exists","status": "error"}"#),
        (
            with("priority", json!(0)),
            400,
            r#"{"Status": "Fail","Message": {"priority": "agent priority must be between 1 and 100"}}"#,
        ),
        (
            with("assignSkills", json!(["Latin"])),
            400,
            r#"{"Status": "Fail","Message": {"assignSkills[0].skillName": "skillName not found"}}"#,
        ),
    ] {
        refuses_new(&wire, &sent, status, refusal).await;
    }
    let client = wire.nobody();
    refuses(&wire, &client, client.request(Method::POST, CREATE).json(&new_body(json!({}))), 401, NO_KEY).await;
}

#[tokio::test]
async fn a_new_agent_without_a_mode_is_inbound() {
    let wire = Wire::new().await;
    is(&wire.keyed().post(CREATE, &new_body(json!({"chat": false}))).await, 200, CREATED);
    let channels = wire.agent("kim.doe").await.agent.channels;
    assert!(channels.has(Channel::Inbound) && !channels.has(Channel::Chat));
    let blended = new_body(json!({"agentId": "b1", "email": "b1@example.org", "blended": true, "chat": true}));
    is(&wire.keyed().post(CREATE, &blended).await, 200, CREATED);
    let channels = wire.agent("b1").await.agent.channels;
    assert!(channels.has(Channel::BlendedChat) && !channels.has(Channel::BlendedInbound));
}

#[tokio::test]
async fn deleting_reads_the_body_or_the_query() {
    let wire = Wire::new().await;
    let client = wire.keyed();
    let invalid = r#"{"messages": "Invalid Agent Details","status": "error"}"#;
    for sent in [json!({"userName": ACCOUNT}), json!({"userName": ACCOUNT, "agentId": ""})] {
        refuses(&wire, &client, client.request(Method::DELETE, DELETE).json(&sent), 404, invalid).await;
    }
    let unknown = json!({"userName": ACCOUNT, "agentId": "zz"});
    refuses(&wire, &client, client.request(Method::DELETE, DELETE).json(&unknown), 404, invalid).await;
    refuses(&wire, &client, client.request(Method::DELETE, DELETE), 401, WRONG_USER).await;
    let nobody = wire.nobody();
    let path = format!("{DELETE}?userName={ACCOUNT}&agentId=a1");
    refuses(&wire, &nobody, nobody.request(Method::DELETE, &path), 401, NO_KEY).await;
    let deleted = r#"{"Status": "Success","Message": "Agent a1 Deleted Successfully"}"#;
    is(&client.send(client.request(Method::DELETE, &path)).await, 200, deleted);
}

async fn an_account_never_touches_an_administrator(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    let before = wire.desk.digest().await;
    let invalid = r#"{"messages": "Invalid Agent Details","status": "error"}"#;
    for login in ["ada", "System"] {
        for change in [
            json!({"agentNameNew": "Eve Evil"}),
            json!({"password": "abc"}),
            json!({"email": "eve@example.org"}),
            json!({"agentIdNew": "eve"}),
            json!({"locked": true}),
            json!({"assignAgentGroups": ""}),
            json!({"agentName": "x", "password": "ab"}),
        ] {
            let sent = with(body(json!({"agentId": login, "email": "ada@example.org"})), change);
            is(&wire.keyed().put(EDIT, &sent).await, 404, NO_AGENT);
        }
        is(&wire.delete(&json!({"userName": ACCOUNT, "agentId": login})).await, 404, invalid);
    }
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

both_engines!(an_account_never_touches_an_administrator);

#[tokio::test]
async fn an_account_grants_no_role_but_agent() {
    let wire = Wire::new().await;
    let sent = new_body(json!({"roles": ["Admin"], "role": "Admin", "role_type": "Administrative"}));
    is(&wire.keyed().post(CREATE, &sent).await, 200, CREATED);
    wire.ok(&wire.edit(json!({"agentId": "kim.doe", "email": "kim@example.org", "roles": ["Admin"]})).await);
    let made = wire.agent("kim.doe").await;
    assert_eq!(made.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["Agent"]);
    assert!(made.permissions().administration().is_empty());
}

#[tokio::test]
async fn whoever_becomes_an_administrator_is_out_of_reach_at_once() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({})).await);
    let id = wire.agent("a1").await.agent.id;
    let roles = vec![wire.desk.role("Agent").await, wire.desk.role("Admin").await];
    let patch = muster_app::agents::AgentPatch { roles: Some(roles), ..Default::default() };
    let profile = wire.desk.app.update_agent(&Caller::operator(), id, patch).await.unwrap();
    let integration = wire.desk.app.list_integrations(&Caller::operator()).await.unwrap().remove(0);
    assert!(!IntegrationActor::from(&integration).may_change(&profile));
    refuses_edit(&wire, &body(json!({})), 404, NO_AGENT).await;
}

#[tokio::test]
async fn a_short_password_opens_no_other_door() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"password": "abc"})).await);
    let origin =
        muster_app::auth::Origin { ip: None, user_agent: None, request_id: None, via: muster_core::actor::Via::Api };
    for name in ["a1", "a1@example.org"] {
        let refused = wire.desk.app.sign_in(&origin, name, "abc").await.unwrap_err();
        assert!(matches!(refused, muster_core::Error::Refused(muster_core::Refusal::WrongCredentials)));
    }
    wire.ok(&wire.edit(json!({"password": PASSWORD})).await);
    assert!(wire.desk.app.sign_in(&origin, "a1", PASSWORD).await.is_ok());
    wire.ok(&wire.edit(json!({"password": "xyz"})).await);
    assert!(wire.desk.app.sign_in(&origin, "a1", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn calls_stand_in_the_audit_log_as_the_accounts_own() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"agentNameNew": "Zoe", "password": "secret-words"})).await);
    let select = muster_store::sql!("SELECT actor, credential, before, after FROM audit ORDER BY id DESC");
    let rows =
        wire.desk.app.store().read(move |tx| Box::pin(async move { tx.query(select, &[]).await })).await.unwrap();
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row.get::<Option<String>>(name).unwrap().unwrap_or_default();
            format!("{} {} {} {}", text("actor"), text("credential"), text("before"), text("after"))
        })
        .collect();
    assert!(told[0].starts_with("integration:1 integration:1 "), "{told:?}");
    assert!(told.iter().all(|line| !line.contains("secret-words")), "{told:?}");
}
