//! Edits that show how the rules work together: the order of refusals, what is taken along, and what stays.

use muster_api_cloudagent::Settings;
use muster_core::actor::Caller;
use muster_testkit::{TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    EDIT, MALFORMED, NO_AGENT, NO_EMAIL, NO_KEY, NO_NAME, NO_PASSWORD, Setup, UPDATED, WRONG_EMAIL, WRONG_NAME,
    WRONG_PASSWORD, WRONG_USER, Wire, body, is, refuses, refuses_edit, without,
};

#[tokio::test]
async fn of_several_faults_the_first_row_of_the_page_is_told() {
    let wire = Wire::new().await;
    let mut sent = body(json!({"userName": "", "agentId": "", "agentName": "x", "password": "ab", "email": "nope"}));
    let client = wire.nobody();
    refuses(&wire, &client, client.request(Method::PUT, EDIT).json(&sent), 401, NO_KEY).await;
    refuses_edit(&wire, &sent, 401, WRONG_USER).await;
    for (field, good, status, refusal) in [
        ("userName", "acme", 404, NO_AGENT),
        ("agentId", "a1", 400, WRONG_NAME),
        ("agentName", "", 400, NO_NAME),
        ("agentName", "Ann One", 400, WRONG_PASSWORD),
        ("password", "", 400, NO_PASSWORD),
        ("password", "abc", 400, WRONG_EMAIL),
        ("email", "", 400, NO_EMAIL),
    ] {
        sent[field] = json!(good);
        refuses_edit(&wire, &sent, status, refusal).await;
    }
    sent["email"] = json!("a1@example.org");
    is(&wire.keyed().put(EDIT, &sent).await, 200, UPDATED);
}

const DATA_RULE: &str = r#"{"message": "Agent data must be between 2 and 100 characters using only letters, numbers, and special characters like ., @, _, -","status": "error"}"#;
const WRONG_SIP: &str = r#"{"message": "Invalid sipLocation","status": "error"}"#;

#[tokio::test]
async fn agent_data_location_and_screen_recording_have_texts_of_their_own() {
    let settings = Settings { sip_locations: vec!["Mumbai".to_owned()], ..Settings::default() };
    let wire = Wire::with(Setup { settings, ..Setup::default() }).await;
    let flag = json!({"agentData": "a b", "sipLocation": "Oslo", "locked": "maybe"});
    refuses_edit(&wire, &body(flag), 400, DATA_RULE).await;
    for data in [json!("x"), json!("a,b"), json!(""), json!("x".repeat(101)), json!(7)] {
        refuses_edit(&wire, &body(json!({"agentData": data})), 400, DATA_RULE).await;
    }
    for location in [json!("Oslo"), json!(""), json!(7)] {
        refuses_edit(&wire, &body(json!({"sipLocation": location, "locked": "maybe"})), 400, WRONG_SIP).await;
    }
    for recording in [json!("maybe"), json!(1), json!(null)] {
        refuses_edit(&wire, &body(json!({"screenRecording": recording})), 400, WRONG_SIP).await;
    }
    wire.ok(&wire.edit(json!({"sipLocation": "Mumbai", "agentData": "x1", "screenRecording": "TRUE"})).await);
    wire.ok(&wire.edit(json!({"sipLocation": null, "agentData": null})).await);
    let agent = wire.agent("a1").await.agent;
    assert_eq!((agent.sip_location, agent.agent_data, agent.screen_recording), (None, None, true));
}

#[tokio::test]
async fn all_faults_of_fields_are_told_at_once() {
    let wire = Wire::new().await;
    wire.desk.skill("French").await;
    let sent = body(json!({
        "agentIdNew": "a b", "agentName": "x", "agentNameNew": "", "autoAnswer": "some", "inbound": "yes",
        "blendedChat": 1, "locked": null, "callControls": {"mute": 7}, "assignSkills": [{"skillName": "Latin"},
        {"skillName": "French", "priority": 101}], "unAssignSkills": 7, "assignAgentGroups": "Nowhere",
        "unAssignAgentGroups": "Nowhere", "password": "ab"
    }));
    let rule = "must not be empty and it should be between 2 and 50 alphanumeric characters and allow special \
                characters such as., @, _, -";
    let expected = json!({"Status": "Fail", "Message": {
        "agentIdNew": format!("The agent id {rule}"),
        "agentName": format!("The agent name {rule}"),
        "agentNameNew": format!("The agent name {rule}"),
        "autoAnswer": "autoAnswer must be None, Inbound, Outbound or All",
        "inbound": "inbound must be true or false",
        "blendedChat": "blendedChat must be true or false",
        "locked": "locked must be true or false",
        "callControls.mute": "callControls.mute must be true or false",
        "assignSkills[1].priority": "agent priority must be between 1 and 100",
        "unAssignSkills": "unAssignSkills must be an array",
        "assignSkills[0].skillName": "skillName not found",
        "assignAgentGroups": "agent group not found",
        "unAssignAgentGroups": "agent group not found",
    }});
    let before = wire.desk.digest().await;
    let answer = wire.keyed().put(EDIT, &sent).await;
    assert_eq!((answer.status().as_u16(), answer.json()), (400, expected));
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

#[tokio::test]
async fn without_a_wrong_name_other_faults_come_after_the_pages_rows() {
    let wire = Wire::new().await;
    let sent = body(json!({"inbound": "yes", "password": "ab"}));
    refuses_edit(&wire, &sent, 400, WRONG_PASSWORD).await;
    let sent = body(json!({"inbound": "yes"}));
    let expected = r#"{"Status": "Fail","Message": {"inbound": "inbound must be true or false"}}"#;
    refuses_edit(&wire, &sent, 400, expected).await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_after_the_key() {
    let wire = Wire::new().await;
    for text in ["", "{", "[]", "null", "{\"userName\": \"acme\", \"agentId\": }", "{\"a\": \"\\u0000\"}"] {
        let client = wire.keyed();
        refuses(&wire, &client, client.request(Method::PUT, EDIT).body(text), 400, MALFORMED).await;
        let client = wire.nobody();
        refuses(&wire, &client, client.request(Method::PUT, EDIT).body(text), 401, NO_KEY).await;
        let client = wire.nobody().header("apiKey", "x");
        refuses(&wire, &client, client.request(Method::PUT, EDIT).body(text), 401, WRONG_USER).await;
    }
}

#[tokio::test]
async fn what_is_there_already_passes_whatever_the_rule() {
    let wire = Wire::new().await;
    let id = wire.agent("a1").await.agent.id;
    let patch = muster_app::agents::AgentPatch {
        first_name: Some("Ann".to_owned()),
        last_name: Some("O'Brien".to_owned()),
        login: Some("o'brien".to_owned()),
        extension: muster_app::agents::AgentExtension {
            agent_data: Some(Some("a, b".to_owned())),
            ..Default::default()
        },
        ..Default::default()
    };
    wire.desk.app.update_agent(&Caller::operator(), id, patch).await.unwrap();
    let version = wire.agent("o'brien").await.agent.version;
    let echo = json!({
        "agentId": "o'brien", "agentIdNew": "o'brien", "agentName": "Ann O'Brien", "agentNameNew": "Ann O'Brien",
        "agentData": "a, b"
    });
    wire.ok(&wire.edit(echo).await);
    assert_eq!(wire.agent("o'brien").await.agent.version, version);
    refuses_edit(&wire, &body(json!({"agentId": "o'brien", "agentName": "Bob O'Brien"})), 400, WRONG_NAME).await;
}

#[tokio::test]
async fn a_name_that_reads_the_same_keeps_its_two_halves() {
    let wire = Wire::new().await;
    let id = wire.agent("a1").await.agent.id;
    let patch = muster_app::agents::AgentPatch {
        first_name: Some("Mary Ann".to_owned()),
        last_name: Some("Smith".to_owned()),
        ..Default::default()
    };
    wire.desk.app.update_agent(&Caller::operator(), id, patch).await.unwrap();
    wire.ok(&wire.edit(json!({"agentNameNew": "Mary Ann Smith"})).await);
    assert_eq!(wire.agent("a1").await.agent.first_name, "Mary Ann");
    wire.ok(&wire.edit(json!({"agentNameNew": "Mary Ann Jones"})).await);
    assert_eq!(wire.agent("a1").await.agent.first_name, "Mary");
}

#[tokio::test]
async fn a_skill_assigned_twice_is_held_once_with_the_new_priority() {
    let wire = Wire::new().await;
    wire.desk.skill("French").await;
    for (sent, level) in [
        (json!({"assignSkills": [{"skillName": "French", "priority": 3}]}), 98),
        (json!({"assignSkills": [{"skillName": "French", "priority": 7}]}), 94),
        (json!({"assignSkills": "French"}), 94),
        (json!({"assignSkills": ["french"], "unAssignSkills": ["French"]}), 100),
        (json!({"assignSkills": [{"skill": "French", "level": "2"}, {"name": "French", "skillPriority": 5}]}), 96),
    ] {
        wire.ok(&wire.edit(sent.clone()).await);
        let skills = wire.agent("a1").await.skills;
        assert_eq!(skills.iter().map(|held| held.level).collect::<Vec<_>>(), [level], "{sent}");
    }
    wire.ok(&wire.edit(json!({"unAssignSkills": ["French"]})).await);
    wire.ok(&wire.edit(json!({"unAssignSkills": ["French"]})).await);
    assert!(wire.agent("a1").await.skills.is_empty());
}

#[tokio::test]
async fn groups_are_left_before_others_are_joined_and_archived_ones_are_none() {
    let wire = Wire::new().await;
    let east = wire.desk.team("Sales, east").await;
    let old = wire.desk.team("Old").await;
    wire.ok(&wire.edit(json!({"assignAgentGroups": ["Sales, east"], "unAssignAgentGroups": ["Sales, east"]})).await);
    assert_eq!(wire.agent("a1").await.teams[0].id, east);
    let patch = muster_app::teams::TeamPatch { archived: Some(true), ..Default::default() };
    wire.desk.app.update_team(&Caller::operator(), old, patch).await.unwrap();
    let gone = r#"{"Status": "Fail","Message": {"assignAgentGroups": "agent group not found"}}"#;
    refuses_edit(&wire, &body(json!({"assignAgentGroups": "Old"})), 400, gone).await;
    refuses_edit(&wire, &body(json!({"assignAgentGroups": "Sales, east"})), 400, gone).await;
}

#[tokio::test]
async fn ids_and_addresses_of_others_are_refused() {
    let wire = Wire::new().await;
    wire.desk.agent("a2").await;
    let taken = r#"{"status": "error","message": "Agent Already Exists"}"#;
    refuses_edit(&wire, &body(json!({"agentIdNew": "A2"})), 400, taken).await;
    let email = r#"{"message": "Email already exists","status": "error"}"#;
    refuses_edit(&wire, &body(json!({"email": "A2@example.org"})), 400, email).await;
    refuses_edit(&wire, &body(json!({"agentIdNew": "a2", "email": "a2@example.org"})), 400, taken).await;
    let not_own = r#"{"Status": "Fail","Message": {"agentIdNew": "The agent id must be the email of the agent if it contains @"}}"#;
    refuses_edit(&wire, &body(json!({"agentIdNew": "b@example.org"})), 400, not_own).await;
    wire.ok(&wire.edit(json!({"agentIdNew": "b@example.org", "email": "b@example.org"})).await);
}

#[tokio::test]
async fn other_spellings_are_taken_along() {
    let wire = Wire::new().await;
    wire.desk.team("Support").await;
    wire.desk.skill("French").await;
    let sent = json!({
        "newAgentId": "ann", "newAgentName": "Zoe", "lock": true, "assignGroups": "Support",
        "callControllers": {"mute": false}, "assignSkills": "French", "unknown": {"a": []}
    });
    wire.ok(&wire.edit(sent).await);
    let agent = wire.agent("ann").await;
    assert!(agent.agent.locked && agent.teams.len() == 1 && agent.agent.call_controls["mute"] == json!(false));
    let sent = json!({"agentId": "ann", "unassignSkills": ["French"], "unAssignGroups": "Support"});
    wire.ok(&wire.edit(sent).await);
    let sent = wire.agent("ann").await;
    assert!(sent.teams.is_empty() && sent.skills.is_empty());
}

#[tokio::test]
async fn paths_are_found_in_any_case_and_with_a_slash_at_the_end() {
    let wire = Wire::new().await;
    for path in ["/CA_APIS/UPDATEAGENT", "/ca_apis/updateagent/", "//ca_apis/updateAgent"] {
        is(&wire.keyed().put(path, &body(json!({}))).await, 200, UPDATED);
    }
    let nowhere = r#"{"status": "error","message": "Resource not found"}"#;
    for path in ["/ca_apis/updateAgents", "/ca_apis", "/ca_reports/summaryReport", "/ca_apis/AgentManualDial", "/"] {
        is(&wire.keyed().post(path, &body(json!({}))).await, 404, nowhere);
    }
    let answer = wire.keyed().post(EDIT, &body(json!({}))).await;
    is(&answer, 405, r#"{"status": "error","message": "Method not allowed"}"#);
    assert_eq!(answer.header("allow"), Some("PUT, OPTIONS"));
}

#[tokio::test]
async fn an_edit_may_be_told_without_an_email_where_the_operator_says_so() {
    let settings = Settings { email_required: false, ..Settings::default() };
    let wire = Wire::with(Setup { settings, ..Setup::default() }).await;
    is(&wire.keyed().put(EDIT, &without("email")).await, 200, UPDATED);
    refuses_edit(&wire, &body(json!({"email": ""})), 400, NO_EMAIL).await;
}

#[tokio::test]
async fn success_may_be_told_in_small_letters() {
    let settings = Settings { capital_keys: false, ..Settings::default() };
    let wire = Wire::with(Setup { settings, ..Setup::default() }).await;
    let small = r#"{"status": "success","message": "Agent Updated Successfully"}"#;
    is(&wire.edit(json!({})).await, 200, small);
    let answer = wire.keyed().put(&format!("{EDIT}?detailedResponse=true"), &body(json!({}))).await;
    assert_eq!(answer.json()["data"]["agentId"], "a1");
}

#[tokio::test]
async fn refusals_may_all_have_the_status_200() {
    let settings = Settings { statuses: false, ..Settings::default() };
    let wire = Wire::with(Setup { settings, rate_limits: true, ..Setup::default() }).await;
    is(&wire.nobody().put(EDIT, &body(json!({}))).await, 200, NO_KEY);
    is(&wire.edit(json!({"agentId": "zz"})).await, 200, NO_AGENT);
    is(&wire.edit(json!({"password": "ab"})).await, 200, WRONG_PASSWORD);
    for _ in 0..3 {
        wire.ok(&wire.edit(json!({})).await);
    }
    let answer = wire.edit(json!({})).await;
    is(&answer, 200, crate::support::TOO_MANY);
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(wire.keyed().post(EDIT, &json!({})).await.status(), 405);
    assert_eq!(wire.keyed().post("/ca_apis/nothing", &json!({})).await.status(), 404);
}

#[tokio::test]
async fn nothing_is_answered_before_the_desk_is_set_up() {
    let wire = Wire::not_set_up().await;
    let unavailable = r#"{"status": "error","message": "Service temporarily unavailable"}"#;
    for route in &wire.routes {
        let client = wire.keyed();
        let answer = client.send(client.request(route.method.clone(), &route.path).json(&body(json!({})))).await;
        is(&answer, 503, unavailable);
    }
}

async fn a_failure_of_the_desk_is_told_as_such_and_nothing_is_changed(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.break_agents().await;
    let failed = r#"{"status": "error","message": "Internal Server Error"}"#;
    refuses_edit(&wire, &body(json!({"agentNameNew": "Zoe", "locked": true})), 500, failed).await;
    wire.ok(&wire.edit(json!({})).await);
    wire.desk.mend_agents().await;
    wire.ok(&wire.edit(json!({"agentNameNew": "Zoe"})).await);
}

/// An edit of everything, and what the answer shows.
async fn everything(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.team("Support").await;
    wire.desk.skill("French").await;
    let sent = body(json!({
        "agentIdNew": "ann", "agentName": "Ann One", "agentNameNew": "Ann Two", "email": "ann@example.org",
        "password": "abc", "autoAnswer": "all", "inbound": true, "manual": "true", "chat": false, "blended": true,
        "callControls": {"hold": false}, "agentData": "crm-7", "sipLocation": "Mumbai", "screenRecording": true,
        "assignSkills": [{"skillName": "French", "priority": 2}], "assignAgentGroups": "Support", "locked": true
    }));
    let answer = wire.keyed().put(&format!("{EDIT}?detailedResponse=true"), &sent).await;
    let way = r#"{"warm": true,"blind": true}"#;
    let controls = format!(
        r#"{{"mute": true,"hold": false,"endcall": true,"answer": true,"decline": true,"transfer": {{"agent": {way},"skill": {way},"phone": {way},"ivr": {way}}},"conference": {{"agent": true,"phone": true}},"callRecording": true,"manualDial": true,"disposition": true,"dialPad": true}}"#
    );
    let updated = [
        "agentId",
        "agentName",
        "email",
        "autoAnswer",
        "inbound",
        "manual",
        "chat",
        "blended",
        "blendedInbound",
        "blendedManual",
        "callControls",
        "agentData",
        "sipLocation",
        "screenRecording",
        "skills",
        "agentGroups",
        "locked",
        "password",
    ];
    let updated = serde_json::to_string(&updated).unwrap();
    let expected = [
        r#"{"Status": "Success","Message": "Agent Updated Successfully","Data": {"agentId": "ann","agentName": "Ann Two","email": "ann@example.org","autoAnswer": "All","inbound": true,"manual": true,"preview": false,"progressive": false,"chat": false,"blended": true,"blendedInbound": true,"blendedManual": true,"blendedPreview": false,"blendedProgressive": false,"blendedChat": false,"callControls": "#,
        &controls,
        r#","agentData": "crm-7","sipLocation": "Mumbai","screenRecording": true,"skills": [{"skillName": "French","priority": 2}],"agentGroups": ["Support"],"locked": true,"updatedFields": "#,
        &updated,
        "}}",
    ];
    is(&answer, 200, &expected.concat());
    let before = wire.desk.digest().await;
    let mut again = sent.clone();
    again["agentId"] = json!("ann");
    again.as_object_mut().unwrap().remove("password");
    again["email"] = json!("ann@example.org");
    let answer = wire.keyed().put(&format!("{EDIT}?detailedResponse=true"), &again).await;
    assert_eq!(answer.json()["Data"]["updatedFields"], json!([]));
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
    let failing = body(json!({"agentId": "ann", "agentNameNew": "Zoe", "unAssignAgentGroups": "Support",
        "unAssignSkills": ["French"], "assignSkills": ["Latin"]}));
    let gone = r#"{"Status": "Fail","Message": {"assignSkills[0].skillName": "skillName not found"}}"#;
    refuses_edit(&wire, &failing, 400, gone).await;
}

both_engines!(a_failure_of_the_desk_is_told_as_such_and_nothing_is_changed, everything);

#[tokio::test]
async fn two_edits_of_different_buttons_lose_neither() {
    let wire = Wire::new().await;
    let edits: Vec<Value> = ["mute", "hold", "endcall", "answer", "decline", "dialPad", "disposition", "manualDial"]
        .map(|button| json!({"callControls": {button: false}}))
        .to_vec();
    let answers = futures_util::future::join_all(edits.iter().map(|edit| wire.edit(edit.clone()))).await;
    answers.iter().for_each(|answer| wire.ok(answer));
    let kept = wire.agent("a1").await.agent.call_controls;
    let off = kept.as_object().unwrap().values().filter(|value| **value == json!(false)).count();
    assert_eq!(off, edits.len(), "{kept}");
}
