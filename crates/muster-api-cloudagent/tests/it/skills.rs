//! Creating skills.

use muster_api_cloudagent::Settings;
use muster_testkit::{TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, MALFORMED, NO_TOKEN, SKILL, Setup, WRONG_TOKEN, WRONG_USER, Wire, is, refuses, with};

const CREATED: &str = r#"{"Status": "Success","Message": "Skill Created Successfully"}"#;

fn sent(changes: Value) -> Value {
    let body = json!({
        "userName": ACCOUNT, "skillName": "French", "skillDetail1": "Speaks French", "skillLocation": "Mumbai",
        "record": "Do not record calls", "agents": [{"agentId": "a1", "priority": 3}]
    });
    with(body, changes)
}

async fn a_skill_is_created_and_given(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.agent("kim").await;
    let agents = json!([{"agentId": "A1", "priority": "3"}, {"agentId": "kim"}]);
    is(&wire.keyed().post(SKILL, &sent(json!({"agents": agents}))).await, 200, CREATED);
    let held = async |login: &str| {
        let skills = wire.agent(login).await.skills;
        skills.into_iter().map(|held| (held.name, held.level)).collect::<Vec<_>>()
    };
    assert_eq!(held("a1").await, [("French".to_owned(), 98)]);
    assert_eq!(held("kim").await, [("French".to_owned(), 100)]);
    is(&wire.keyed().post(SKILL, &sent(json!({"skillName": "German", "agents": []}))).await, 200, CREATED);
    let skills = wire.desk.app.list_skills(&muster_core::actor::Caller::operator()).await.unwrap();
    assert_eq!(skills.iter().map(|skill| skill.name.as_str()).collect::<Vec<_>>(), ["French", "German"]);
    assert_eq!(skills[0].description, "Speaks French");
}

both_engines!(a_skill_is_created_and_given);

#[tokio::test]
async fn a_skill_is_refused_in_the_words_of_its_page() {
    let settings = Settings { sip_locations: vec!["Mumbai".to_owned()], ..Settings::default() };
    let wire = Wire::with(Setup { settings, ..Setup::default() }).await;
    wire.desk.skill("Taken").await;
    let client = wire.keyed();
    let record = "record must be Record the call in Full, Record only the Conversation or Do not record calls";
    for (changes, field, why) in [
        (json!({"skillName": "ab"}), "skillName", "skillName must be at least 3 characters long"),
        (json!({"skillName": ""}), "skillName", "skillName is required"),
        (json!({"skillName": "x".repeat(141)}), "skillName", "skillName is too long"),
        (json!({"skillName": "TAKEN"}), "skillName", "skillName already exists"),
        (json!({"skillDetail1": "ab"}), "skillDetail1", "skillDetail1 must be greater than 2 characters long"),
        (json!({"skillLocation": "Oslo"}), "skillLocation", "skillLocation not found"),
        (json!({"skillLocation": null}), "skillLocation", "skillLocation is required"),
        (json!({"record": "always"}), "record", record),
        (json!({"record": ""}), "record", "record is required"),
        (json!({"phoneNumbers": ["5550100"]}), "phoneNumbers[0]", "phoneNumber not found"),
        (json!({"phoneNumbers": vec!["5550100"; 501]}), "phoneNumbers", "phoneNumbers must be an array of at most 500"),
        (json!({"phoneNumbers": "5550100"}), "phoneNumbers", "phoneNumbers must be an array of at most 500"),
        (json!({"agents": null}), "agents", "agents is required"),
        (
            json!({"agents": [{"agentId": "a1", "priority": 101}]}),
            "agents[0].priority",
            "agent priority must be between 1 and 100",
        ),
        (json!({"agents": [{"agentId": "zz"}]}), "agents[0].agentId", "agentId not found"),
        (json!({"agents": [{"agentId": "ada"}]}), "agents[0].agentId", "agentId not found"),
        (json!({"agents": ["a1"]}), "agents[0].agentId", "agentId not found"),
    ] {
        let refusal = format!(r#"{{"Message": {{"{field}": "{why}"}},"Status": "Fail"}}"#);
        refuses(&wire, &client, client.request(Method::POST, SKILL).json(&sent(changes)), 400, &refusal).await;
    }
    let all = json!({"userName": ACCOUNT});
    let refusal = r#"{"Message": {"skillName": "skillName is required","skillLocation": "skillLocation is required","record": "record is required","agents": "agents is required"},"Status": "Fail"}"#;
    refuses(&wire, &client, client.request(Method::POST, SKILL).json(&all), 400, refusal).await;
}

#[tokio::test]
async fn credentials_are_refused_in_the_words_of_its_page() {
    let wire = Wire::new().await;
    let no_user = r#"{"status": "false","message": "Username Should Not be Null or Empty.","data": null}"#;
    for (client, changes, refusal) in [
        (wire.nobody(), json!({}), WRONG_USER),
        (wire.nobody().header("apiKey", ""), json!({}), WRONG_USER),
        (wire.nobody().header("apiKey", "x"), json!({}), WRONG_USER),
        (wire.keyed(), json!({"userName": "nobody"}), WRONG_USER),
        (wire.keyed(), json!({"userName": ""}), no_user),
        (wire.bearing(""), json!({}), NO_TOKEN),
        (wire.bearing("x"), json!({}), WRONG_TOKEN),
    ] {
        refuses(&wire, &client, client.request(Method::POST, SKILL).json(&sent(changes)), 401, refusal).await;
    }
    let client = wire.keyed();
    let empty = sent(json!({})).to_string().replace("\"priority\":3", "\"priority\":");
    refuses(&wire, &client, client.request(Method::POST, SKILL).body(empty), 400, MALFORMED).await;
}
