//! Pausing agents who are there, and calling them back.

use muster_core::presence::Intent;
use muster_testkit::{PASSWORD, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, MALFORMED, NO_AGENT, STATE, Setup, WRONG_TOKEN, Wire, is, refuses, with};

fn sent(changes: Value) -> Value {
    with(json!({"userName": ACCOUNT, "agentId": "kim", "state": "Pause", "pauseReason": "lunch"}), changes)
}

async fn an_agent_is_paused_and_called_back(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.agent("kim").password().await;
    wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100"})).await;
    let told = |utid: u8, resp: &str, status: &str| {
        let inner = format!(
            r#"{{"type":"response","utid":"{utid}","resp":"{resp}","agentStatus":"{status}","agentId":"kim","user":"acme"}}"#
        );
        format!(r#"{{"status": "success","message": {}}}"#, json!(inner))
    };
    let answer = wire.keyed().post(STATE, &sent(json!({"state": "PAUSE"}))).await;
    is(&answer, 200, &told(1, "Success:tbAgentPause~CHAT", "PAUSED"));
    let state = wire.agent("kim").await.state;
    assert_eq!((state.intent, state.pause_reason.as_deref()), (Intent::Paused, Some("Lunch")));
    let answer = wire.keyed().post(STATE, &sent(json!({"state": "ready", "pauseReason": "ignored"}))).await;
    is(&answer, 200, &told(2, "Success:tbAgentReady~CHAT", "READY"));
    assert_eq!(wire.agent("kim").await.state.intent, Intent::Ready);
}

both_engines!(an_agent_is_paused_and_called_back);

#[tokio::test]
async fn a_change_is_refused_in_the_words_of_its_page() {
    let wire = Wire::new().await;
    wire.desk.agent("kim").password().await;
    let key_missing = r#"{"status": "error","message": "apiKey should not be empty"}"#;
    let key_wrong = r#"{"status": "error","message": "userName or apiKey is Invalid"}"#;
    let user_missing = r#"{"status": "error","message": "Please provide UserName"}"#;
    let user_wrong = r#"{"status": "error","message": "user_name or api_Key is Invalid"}"#;
    let state_wrong = r#"{"status": "error","message": "The state should be either 'Ready' or 'Pause' state'"}"#;
    let not_there = r#"{"status": "error","message": "Agent is not Logged In"}"#;
    for (client, changes, status, refusal) in [
        (wire.nobody(), json!({}), 401, key_missing),
        (wire.nobody().header("apiKey", ""), json!({}), 401, key_missing),
        (wire.nobody().header("apiKey", "x"), json!({}), 401, key_wrong),
        (wire.bearing("x"), json!({}), 401, WRONG_TOKEN),
        (wire.keyed(), json!({"userName": ""}), 401, user_missing),
        (wire.keyed(), json!({"userName": "nobody"}), 401, user_wrong),
        (wire.keyed(), json!({"state": "Lunch"}), 400, state_wrong),
        (wire.keyed(), json!({"state": null}), 400, state_wrong),
        (wire.keyed(), json!({"agentId": "zz"}), 404, NO_AGENT),
        (wire.keyed(), json!({"agentId": ""}), 404, NO_AGENT),
        (wire.keyed(), json!({"agentId": "ada"}), 404, NO_AGENT),
        (wire.keyed(), json!({}), 400, not_there),
        (wire.keyed(), json!({"state": "Ready"}), 400, not_there),
    ] {
        refuses(&wire, &client, client.request(Method::POST, STATE).json(&sent(changes)), status, refusal).await;
    }
    let client = wire.keyed();
    refuses(&wire, &client, client.request(Method::POST, STATE).body("{"), 400, MALFORMED).await;
    wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100"})).await;
    let reason = r#"{"status": "error","message": "pauseReason is Invalid"}"#;
    for wrong in [json!("Siesta"), json!(""), json!(null), json!(7)] {
        let request = client.request(Method::POST, STATE).json(&sent(json!({"pauseReason": wrong})));
        refuses(&wire, &client, request, 400, reason).await;
    }
}

#[tokio::test]
async fn nobody_is_paused_while_writing_up() {
    let wire = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let patch = muster_app::teams::TeamPatch { wrap_up_ms: Some(60_000), ..Default::default() };
    wire.desk.app.update_team(&muster_core::actor::Caller::operator(), team, patch).await.unwrap();
    let inbox = wire.desk.inbox_of(Some(team)).await;
    let kim = wire.desk.agent("kim").team(team).password().await;
    wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100", "mode": "chat"})).await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    wire.desk.quiet().await;
    let caller = wire.desk.caller(&kim).await;
    let resolved = muster_app::conversations::StatusRef::Name("Resolved".to_owned());
    wire.desk.app.set_status(&caller, visitor.conversation, resolved, None).await.unwrap();
    let client = wire.keyed();
    let writing = r#"{"status": "error","Message": "Agent kim is in ACW state. You cant change to Pause state"}"#;
    refuses(&wire, &client, client.request(Method::POST, STATE).json(&sent(json!({}))), 400, writing).await;
    wire.desk.advance(std::time::Duration::from_secs(60)).await;
    assert_eq!(wire.keyed().post(STATE, &sent(json!({}))).await.status(), 200);
}
