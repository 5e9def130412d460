//! Who is there, and what they do.

use std::time::Duration;

use muster_core::presence::LeaseKind;
use muster_testkit::{TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, DETAILS, LOGINS, MALFORMED, NO_AGENT, NO_TOKEN, Setup, WRONG_TOKEN, Wire, is, refuses};

const USER_MISSING: &str = r#"{"message": "userName should not be empty","status": "error"}"#;
const KEY_MISSING: &str = r#"{"message": "apiKey should not be empty","status": "error"}"#;
const PAIR_WRONG: &str = r#"{"message": "userName or apiKey is Invalid","status": "error"}"#;

async fn details_of_one(wire: &Wire, id: &str) -> Value {
    let answer = wire.keyed().post(DETAILS, &json!({"userName": ACCOUNT, "agentId": id})).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["message"][0].clone()
}

async fn details_show_an_agent_and_the_time_in_the_state(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    let (skill, other) = (wire.desk.skill("French").await, wire.desk.skill("German").await);
    wire.desk.agent("kim").skill(skill, 90).skill(other, 80).password().await;
    wire.logs_in("kim", muster_testkit::PASSWORD, json!({"mode": "chat", "phoneNumber": "+5550100"})).await;
    wire.desk.advance(Duration::from_secs(414)).await;
    let answer = wire.keyed().post(DETAILS, &json!({"userName": ACCOUNT, "agentId": "KIM"})).await;
    is(
        &answer,
        200,
        r#"{"message": [{"State": "READY","Since": "00:06:54","Skill": "French, German","AgentName": "Kim","PhoneNumber": "+5550100","AgentId": "kim","Mode": "Chat"}],"status": "success"}"#,
    );
    wire.logs_out("kim", muster_testkit::PASSWORD).await;
    let gone = details_of_one(&wire, "kim").await;
    assert_eq!(
        (&gone["State"], &gone["PhoneNumber"], &gone["Mode"]),
        (&json!("LOGGED OUT"), &json!(null), &json!(null))
    );
}

both_engines!(details_show_an_agent_and_the_time_in_the_state);

#[tokio::test]
async fn details_without_an_agent_show_all() {
    let wire = Wire::new().await;
    for sent in [json!({"userName": ACCOUNT}), json!({"userName": ACCOUNT, "agentId": ""})] {
        let answer = wire.keyed().post(DETAILS, &sent).await.json();
        let ids: Vec<&str> =
            answer["message"].as_array().unwrap().iter().map(|agent| agent["AgentId"].as_str().unwrap()).collect();
        assert_eq!(ids, ["ada", "a1"]);
    }
}

#[tokio::test]
async fn details_are_refused_in_the_words_of_their_page() {
    let wire = Wire::new().await;
    let named = json!({"userName": ACCOUNT});
    for path in [DETAILS, LOGINS] {
        for (client, sent, status, refusal) in [
            (wire.nobody(), named.clone(), 401, KEY_MISSING),
            (wire.nobody().header("apiKey", ""), named.clone(), 401, KEY_MISSING),
            (wire.nobody().header("apiKey", "x"), named.clone(), 401, PAIR_WRONG),
            (wire.keyed(), json!({}), 401, USER_MISSING),
            (wire.keyed(), json!({"userName": "nobody"}), 401, PAIR_WRONG),
            (wire.bearing(""), named.clone(), 401, NO_TOKEN),
            (wire.bearing("x"), named.clone(), 401, WRONG_TOKEN),
        ] {
            refuses(&wire, &client, client.request(Method::POST, path).json(&sent), status, refusal).await;
        }
        let client = wire.keyed();
        refuses(&wire, &client, client.request(Method::POST, path).body("{"), 400, MALFORMED).await;
    }
    let client = wire.keyed();
    let unknown = json!({"userName": ACCOUNT, "agentId": "zz"});
    refuses(&wire, &client, client.request(Method::POST, DETAILS).json(&unknown), 404, NO_AGENT).await;
    let campaign = json!({"userName": ACCOUNT, "campaignName": "Spring"});
    let invalid = r#"{"message": "campaignName is Invalid","status": "error"}"#;
    refuses(&wire, &client, client.request(Method::POST, DETAILS).json(&campaign), 400, invalid).await;
}

#[tokio::test]
async fn states_are_shown_in_the_products_words() {
    let wire = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    let state = async || details_of_one(&wire, "kim").await["State"].as_str().unwrap().to_owned();
    assert_eq!(state().await, "LOGGED OUT");
    wire.desk.goes_online(&kim).await;
    assert_eq!(state().await, "READY");
    for (wish, word) in [
        (muster_core::presence::Wish::Idle, "NOT READY"),
        (muster_core::presence::Wish::Ready, "READY"),
        (muster_core::presence::Wish::Paused, "PAUSED"),
        (muster_core::presence::Wish::Reassigning, "PAUSED"),
        (muster_core::presence::Wish::Hidden, "LOGGED OUT"),
    ] {
        let caller = wire.desk.caller(&kim).await;
        wire.desk.app.set_my_presence(&caller, wish, false).await.unwrap();
        assert_eq!(state().await, word, "{wish:?}");
    }
    wire.desk.app.prove_presence(&kim.caller(), "again", LeaseKind::DeskApi, true).await.unwrap();
    assert_eq!(state().await, "READY");
    wire.ok(&wire.edit(json!({"agentId": "kim", "email": "kim@example.org", "locked": true})).await);
    assert_eq!(state().await, "LOGGED OUT");
}

#[tokio::test]
async fn logins_list_who_is_there() {
    let wire = Wire::new().await;
    let answer = wire.keyed().post(LOGINS, &json!({"userName": ACCOUNT})).await;
    is(&answer, 200, r#"{"status": "success","message": []}"#);
    let skill = wire.desk.skill("General").await;
    wire.desk.agent("kim").skill(skill, 100).password().await;
    wire.desk.agent("lee").online().await;
    wire.logs_in("kim", muster_testkit::PASSWORD, json!({"state": "Pause", "phoneNumber": "5550100"})).await;
    let answer = wire.keyed().post(LOGINS, &json!({"userName": ACCOUNT})).await;
    is(
        &answer,
        200,
        r#"{"status": "success","message": [{"AgentId": "kim","AgentName": "Kim","PhoneNumber": "5550100","AgentState": "PAUSED","SkillName": "General"},{"AgentId": "lee","AgentName": "Lee","PhoneNumber": null,"AgentState": "READY","SkillName": ""}]}"#,
    );
    wire.desk.advance(Duration::from_secs(13 * 3600)).await;
    let answer = wire.keyed().post(LOGINS, &json!({"userName": ACCOUNT})).await;
    is(&answer, 200, r#"{"status": "success","message": []}"#);
}
