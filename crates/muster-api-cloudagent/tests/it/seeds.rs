//! The documentation page "Edit Agent Details (Token Authentication)", line by line: each failure, each parameter, the
//! limit and the credential. `docs/dialects/cloudagent-seeds.md` maps the lines to these tests.

use std::time::Duration;

use muster_core::agent::{AutoAnswer, Channel};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, EDIT, NO_AGENT, NO_EMAIL, NO_KEY, NO_NAME, NO_PASSWORD, TOO_MANY, UPDATED, WRONG_EMAIL, WRONG_NAME,
    WRONG_PASSWORD, WRONG_TOKEN, WRONG_USER, Wire, body, is, refuses, refuses_edit, without,
};

#[tokio::test]
async fn the_page_is_followed_from_the_token_to_the_edit() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    let sent = body(json!({
        "agentName": "Ann One", "agentNameNew": "Ann Two", "assignAgentGroups": "Support", "locked": false
    }));
    wire.desk.team("Support").await;
    is(&wire.bearing(&token).put(EDIT, &sent).await, 200, UPDATED);
    let agent = wire.agent("a1").await;
    assert_eq!((agent.agent.name().as_str(), agent.teams[0].name.as_str()), ("Ann Two", "Support"));
}

#[tokio::test]
async fn missing_api_key_key_or_value() {
    let wire = Wire::new().await;
    for client in [wire.nobody(), wire.nobody().header("apiKey", ""), wire.nobody().header("apiKey", " ")] {
        refuses(&wire, &client, client.request(Method::PUT, EDIT).json(&body(json!({}))), 401, NO_KEY).await;
    }
    let token = wire.token().await;
    let blank = wire.bearing(&token).header("apiKey", "");
    refuses(&wire, &blank, blank.request(Method::PUT, EDIT).json(&body(json!({}))), 401, NO_KEY).await;
}

#[tokio::test]
async fn passing_invalid_api_key_value() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    let unknown = "0".repeat(64);
    for client in [wire.nobody().header("apiKey", &unknown), wire.bearing(&token).header("apiKey", &unknown)] {
        refuses(&wire, &client, client.request(Method::PUT, EDIT).json(&body(json!({}))), 401, WRONG_USER).await;
    }
}

#[tokio::test]
async fn passing_invalid_user_name_value_missing_key_or_value() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    for client in [wire.keyed(), wire.bearing(&token)] {
        let wrong = [json!("nobody"), json!("ACME"), json!(""), json!(" "), json!(null), json!(7)];
        let sent = wrong.map(|name| body(json!({"userName": name}))).into_iter().chain([without("userName")]);
        for sent in sent {
            refuses(&wire, &client, client.request(Method::PUT, EDIT).json(&sent), 401, WRONG_USER).await;
        }
    }
}

#[tokio::test]
async fn passing_invalid_agent_id_value_missing_key_or_value() {
    let wire = Wire::new().await;
    for sent in ["zz", "", " "].map(|id| body(json!({"agentId": id}))) {
        refuses_edit(&wire, &sent, 404, NO_AGENT).await;
    }
    for sent in [without("agentId"), body(json!({"agentId": null})), body(json!({"agentId": 1}))] {
        refuses_edit(&wire, &sent, 404, NO_AGENT).await;
    }
}

#[tokio::test]
async fn passing_invalid_agent_name_value() {
    let wire = Wire::new().await;
    for name in ["x", "bad#name", " ", " Ann", "a/b", "<b>", &"x".repeat(51)] {
        refuses_edit(&wire, &body(json!({"agentName": name})), 400, WRONG_NAME).await;
    }
    refuses_edit(&wire, &body(json!({"agentName": 7})), 400, WRONG_NAME).await;
    for name in ["Somebody Else", "ab", &"x".repeat(50), "a.b@c_d-e", "Zoë 7"] {
        wire.ok(&wire.edit(json!({"agentName": name})).await);
        assert_eq!(wire.agent("a1").await.agent.name(), "Ann One");
    }
}

#[tokio::test]
async fn missing_agent_name_value() {
    let wire = Wire::new().await;
    for name in [json!(""), json!(null)] {
        refuses_edit(&wire, &body(json!({"agentName": name})), 400, NO_NAME).await;
    }
}

#[tokio::test]
async fn passing_invalid_password_value() {
    let wire = Wire::new().await;
    for password in [json!("ab"), json!("x".repeat(51)), json!(7), json!(["abc"])] {
        refuses_edit(&wire, &body(json!({"password": password})), 400, WRONG_PASSWORD).await;
    }
    for password in ["abc", "äöü", &"x".repeat(50)] {
        wire.ok(&wire.edit(json!({"password": password})).await);
    }
}

#[tokio::test]
async fn missing_password_value() {
    let wire = Wire::new().await;
    for password in [json!(""), json!(null)] {
        refuses_edit(&wire, &body(json!({"password": password})), 400, NO_PASSWORD).await;
    }
}

#[tokio::test]
async fn passing_invalid_email_value() {
    let wire = Wire::new().await;
    for email in [json!("nope"), json!("a@b"), json!("a b@example.org"), json!(" "), json!(7)] {
        refuses_edit(&wire, &body(json!({"email": email})), 400, WRONG_EMAIL).await;
    }
}

#[tokio::test]
async fn missing_email_key() {
    let wire = Wire::new().await;
    refuses_edit(&wire, &without("email"), 400, NO_EMAIL).await;
}

#[tokio::test]
async fn missing_email_value() {
    let wire = Wire::new().await;
    for email in [json!(""), json!(null)] {
        refuses_edit(&wire, &body(json!({"email": email})), 400, NO_EMAIL).await;
    }
}

#[tokio::test]
async fn verify_rate_limit_of_updation_api_five_requests_a_minute() {
    let wire = Wire::limited().await;
    for _ in 0..5 {
        wire.ok(&wire.edit(json!({})).await);
        wire.desk.clock.jump(Duration::from_secs(10));
    }
    let before = wire.desk.digest().await;
    let sixth = wire.edit(json!({"agentNameNew": "Somebody Else"})).await;
    is(&sixth, 429, TOO_MANY);
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
    // A refused call counts as well: four of the first five and it have to wait for the second one to leave.
    assert_eq!(sixth.header("retry-after"), Some("20"));
    assert_eq!(wire.agent("a1").await.agent.name(), "Ann One");
    wire.desk.clock.jump(Duration::from_secs(20));
    wire.ok(&wire.edit(json!({})).await);
}

#[tokio::test]
async fn detailed_response_is_asked_for_by_true_and_any_other_value_is_ignored() {
    let wire = Wire::new().await;
    let client = wire.keyed();
    for (query, detailed) in
        [("true", true), ("True", true), ("false", false), ("1", false), ("abc", false), ("", false)]
    {
        let answer = client.put(&format!("{EDIT}?detailedResponse={query}"), &body(json!({}))).await;
        assert_eq!((answer.status().as_u16(), answer.header("content-type")), (200, Some("application/json")));
        let expected = if detailed { &json!([]) } else { &Value::Null };
        assert_eq!(&answer.json()["Data"]["updatedFields"], expected, "{query}");
        assert_eq!(answer.text() == UPDATED, !detailed, "{query}");
    }
}

#[tokio::test]
async fn user_name_is_the_username_of_the_account() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"userName": ACCOUNT})).await);
}

#[tokio::test]
async fn agent_id_is_the_current_agent_id() {
    let wire = Wire::new().await;
    wire.desk.agent("a2").await;
    wire.ok(&wire.edit(json!({"agentId": "A2", "email": "a2@example.org", "agentData": "x1"})).await);
    assert_eq!(wire.agent("a2").await.agent.agent_data.as_deref(), Some("x1"));
    assert_eq!(wire.agent("a1").await.agent.agent_data, None);
}

#[tokio::test]
async fn agent_id_new_is_the_updated_agent_id() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"agentIdNew": "Ann-1"})).await);
    refuses_edit(&wire, &body(json!({})), 404, NO_AGENT).await;
    wire.ok(&wire.edit(json!({"agentId": "Ann-1"})).await);
}

#[tokio::test]
async fn agent_name_is_the_current_name_and_agent_name_new_the_updated_one() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"agentName": "Ann One", "agentNameNew": "Zoe"})).await);
    let agent = wire.agent("a1").await.agent;
    assert_eq!((agent.first_name.as_str(), agent.last_name.as_str()), ("Zoe", ""));
    wire.ok(&wire.edit(json!({"agentName": "Ann One"})).await);
    assert_eq!(wire.agent("a1").await.agent.name(), "Zoe");
}

#[tokio::test]
async fn email_is_the_updated_email() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"email": "New@Example.org"})).await);
    assert_eq!(wire.agent("a1").await.agent.email.as_deref(), Some("new@example.org"));
}

#[tokio::test]
async fn auto_answer_is_the_auto_answer_mode() {
    let wire = Wire::new().await;
    for (word, mode) in [
        ("Inbound", AutoAnswer::Inbound),
        ("outbound", AutoAnswer::Outbound),
        ("ALL", AutoAnswer::All),
        ("None", AutoAnswer::None),
    ] {
        wire.ok(&wire.edit(json!({"autoAnswer": word})).await);
        assert_eq!(wire.agent("a1").await.agent.auto_answer, mode);
    }
}

/// The eleven switches in the order of the page.
const SWITCHES: [(&str, Channel); 11] = [
    ("inbound", Channel::Inbound),
    ("manual", Channel::Manual),
    ("preview", Channel::Preview),
    ("progressive", Channel::Progressive),
    ("chat", Channel::Chat),
    ("blended", Channel::Blended),
    ("blendedInbound", Channel::BlendedInbound),
    ("blendedManual", Channel::BlendedManual),
    ("blendedPreview", Channel::BlendedPreview),
    ("blendedProgressive", Channel::BlendedProgressive),
    ("blendedChat", Channel::BlendedChat),
];

#[tokio::test]
async fn each_switch_is_turned_on_and_off_alone() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"blendedInbound": true, "blended": true})).await);
    for (name, channel) in SWITCHES {
        for on in [true, false, true] {
            let before = wire.agent("a1").await.agent.channels;
            wire.ok(&wire.edit(json!({name: on})).await);
            assert_eq!(wire.agent("a1").await.agent.channels, before.with(channel, on), "{name} {on}");
        }
    }
}

#[tokio::test]
async fn call_controls_are_an_object() {
    let wire = Wire::new().await;
    let controls = json!({"mute": true, "decline": true, "transfer": {"agent": {"warm": true, "blind": false}}});
    wire.ok(&wire.edit(json!({"callControls": controls})).await);
    let kept = wire.agent("a1").await.agent.call_controls;
    assert_eq!((&kept["mute"], &kept["transfer"]["agent"]["blind"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn agent_data_is_additional_metadata() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"agentData": "crm-7"})).await);
    assert_eq!(wire.agent("a1").await.agent.agent_data.as_deref(), Some("crm-7"));
}

#[tokio::test]
async fn sip_location_is_where_the_agent_registers() {
    let wire = Wire::new().await;
    wire.ok(&wire.edit(json!({"sipLocation": "Mumbai"})).await);
    assert_eq!(wire.agent("a1").await.agent.sip_location.as_deref(), Some("Mumbai"));
}

#[tokio::test]
async fn screen_recording_is_enabled_and_disabled() {
    let wire = Wire::new().await;
    for on in [true, false] {
        wire.ok(&wire.edit(json!({"screenRecording": on})).await);
        assert_eq!(wire.agent("a1").await.agent.screen_recording, on);
    }
}

#[tokio::test]
async fn assign_skills_and_un_assign_skills_are_arrays_of_objects() {
    let wire = Wire::new().await;
    for name in ["French", "German"] {
        wire.desk.skill(name).await;
    }
    let skills = json!([{"skillName": "French", "priority": 3}, {"skillName": "german", "priority": 1}]);
    wire.ok(&wire.edit(json!({"assignSkills": skills})).await);
    let held = |skills: &[muster_core::agent::HeldSkill]| {
        skills.iter().map(|held| (held.name.clone(), held.level)).collect::<Vec<_>>()
    };
    let expected = [("French".to_owned(), 98), ("German".to_owned(), 100)];
    assert_eq!(held(&wire.agent("a1").await.skills), expected);
    wire.ok(&wire.edit(json!({"unAssignSkills": [{"skillName": "French", "priority": 101}]})).await);
    assert_eq!(held(&wire.agent("a1").await.skills), expected[1..]);
}

#[tokio::test]
async fn assign_agent_groups_and_un_assign_agent_groups_are_comma_separated() {
    let wire = Wire::new().await;
    for name in ["Sales", "Support"] {
        wire.desk.team(name).await;
    }
    wire.ok(&wire.edit(json!({"assignAgentGroups": "Sales, support"})).await);
    let names = async || {
        let teams = wire.agent("a1").await.teams;
        teams.into_iter().map(|team| team.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Sales", "Support"]);
    wire.ok(&wire.edit(json!({"unAssignAgentGroups": "SALES"})).await);
    assert_eq!(names().await, ["Support"]);
}

#[tokio::test]
async fn locked_locks_the_agent() {
    let wire = Wire::new().await;
    for locked in [true, false] {
        wire.ok(&wire.edit(json!({"locked": locked})).await);
        assert_eq!(wire.agent("a1").await.agent.locked, locked);
    }
}

#[tokio::test]
async fn credentials_are_a_bearer_token() {
    let wire = Wire::new().await;
    let token = wire.token().await;
    for word in ["Bearer ", "bearer ", ""] {
        let client = wire.nobody().header("Authorization", &format!("{word}{token}"));
        is(&client.put(EDIT, &body(json!({}))).await, 200, UPDATED);
    }
    is(&wire.bearing("nonsense").put(EDIT, &body(json!({}))).await, 401, WRONG_TOKEN);
}

#[tokio::test]
async fn the_document_says_what_the_page_says() {
    let wire = Wire::new().await;
    let operation = &wire.document["paths"][EDIT]["put"];
    let parameter = &operation["parameters"][0];
    assert_eq!((&parameter["name"], &parameter["in"]), (&json!("detailedResponse"), &json!("query")));
    let schema = &wire.document["components"]["schemas"];
    let mut types = serde_json::Map::new();
    for part in schema["EditAgent"]["allOf"].as_array().unwrap() {
        let part = part["$ref"].as_str().map_or(part, |name| &schema[name.rsplit('/').next().unwrap()]);
        types.extend(part["properties"].as_object().unwrap().clone());
    }
    let is_of = |field: &str, kind: &str| {
        let found = &types[field]["type"];
        found == kind || found.as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
    };
    let texts = [
        "userName",
        "agentId",
        "agentIdNew",
        "agentName",
        "agentNameNew",
        "email",
        "password",
        "agentData",
        "sipLocation",
        "assignAgentGroups",
        "unAssignAgentGroups",
    ];
    assert!(texts.iter().all(|field| is_of(field, "string")));
    let flags = SWITCHES.map(|(name, _)| name).into_iter().chain(["screenRecording", "locked"]);
    assert!(flags.into_iter().all(|field| is_of(field, "boolean")));
    assert!(["assignSkills", "unAssignSkills"].iter().all(|field| is_of(field, "array")));
    assert!(types.contains_key("callControls") && types.contains_key("autoAnswer"));
    assert_eq!(types.len(), 28);
}
