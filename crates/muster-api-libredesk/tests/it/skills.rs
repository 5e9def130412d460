//! Skills.

use insta::assert_snapshot;
use muster_testkit::Client;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const SKILLS: &str = "/api/v1/skills";

#[tokio::test]
async fn every_agent_reads_skills_and_writing_takes_a_permission() {
    let (wire, _) = Wire::new().await;
    wire.desk.skill("French").await;
    wire.desk.skill("Billing").await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let list = kim.get(SKILLS).await.data();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|skill| skill["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Billing", "French"]);
    assert_eq!(kim.get("/api/v1/skills/1").await.data()["name"], "French");
    for answer in [
        kim.post(SKILLS, &json!({})).await,
        kim.put("/api/v1/skills/1", &json!({})).await,
        kim.delete("/api/v1/skills/1").await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn a_skill_is_created_read_changed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let created = admin.post(SKILLS, &json!({"name": "French", "description": "Speaks it", "team_id": team.0})).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"French",
        "description":"Speaks it",
        "team_id":1,
        "rule":null,
        "rule_level":null
      }
    }
    "#);
    assert_eq!(admin.get("/api/v1/skills/1").await.data(), created.data());
    assert_eq!(admin.put("/api/v1/skills/1", &json!({})).await.data(), created.data());
    let data = admin.put("/api/v1/skills/1", &json!({"name": "Français", "team_id": null})).await.data();
    assert_eq!((&data["name"], &data["team_id"]), (&json!("Français"), &Value::Null));
    assert_eq!(data["description"], "Speaks it");
    assert_eq!(admin.delete("/api/v1/skills/1").await.data(), true);
    admin.get("/api/v1/skills/1").await.refuses(404, "NotFoundException", "Skill not found");
    admin.put("/api/v1/skills/1", &json!({})).await.refuses(404, "NotFoundException", "Skill not found");
    admin.delete("/api/v1/skills/1").await.refuses(404, "NotFoundException", "Skill not found");
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let (wire, admin) = Wire::new().await;
    wire.desk.skill("French").await;
    wire.desk.skill("Billing").await;
    for (body, status, kind, message) in [
        (json!({}), 400, "InputException", "`name` empty"),
        (json!({"name": "x".repeat(141)}), 400, "InputException", "Name is too long, should be at most 140 characters"),
        (json!({"name": "x", "team_id": 9}), 400, "InputException", "Team not found"),
        (json!({"name": "french"}), 409, "ConflictException", "Skill already exists"),
    ] {
        admin.post(SKILLS, &body).await.refuses(status, kind, message);
    }
    let answer = admin.put("/api/v1/skills/2", &json!({"name": "FRENCH"})).await;
    answer.refuses(409, "ConflictException", "Skill already exists");
    admin.get("/api/v1/skills/x").await.refuses(400, "InputException", "Something went wrong");
}

/// Defines the skill attribute `language`.
async fn define_language(admin: &Client) {
    let language = json!({"name": "Language", "description": "Spoken best", "applies_to": "agent.skill",
                          "key": "Language", "data_type": "text"});
    admin.post("/api/v1/custom-attributes", &language).await.data();
}

fn test(op: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    json!({"test": {"attribute": "language", "op": op, "value": value}})
}

#[tokio::test]
async fn a_rule_gives_and_takes_the_skill() {
    let (wire, admin) = Wire::new().await;
    define_language(&admin).await;
    let kim = format!("/api/v1/agents/{}", wire.desk.agent("kim").await.id);
    let speaks = async |value: Value| {
        let body = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"],
                          "muster": {"skill_attributes": {"language": value}}});
        admin.put(&kim, &body).await.data()["muster"]["derived_skills"].clone()
    };
    speaks(json!("fr")).await;
    let created = admin.post(SKILLS, &json!({"name": "French", "rule": test("eq", json!("FR"))})).await.data();
    let stored = json!({"test": {"attribute": "Language", "op": "eq", "value": "FR"}});
    assert_eq!((&created["rule"], &created["rule_level"]), (&stored, &json!(100)));
    let held = |level: u8| json!([{"id": 1, "name": "French", "level": level}]);
    assert_eq!(admin.get(&kim).await.data()["muster"]["derived_skills"], held(100));
    assert_eq!(speaks(json!("de")).await, json!([]));
    let either = json!({"any": [test("eq", json!("fr")), {"all": [test("in", json!(["de", "at"]))]}]});
    let changed = admin.put("/api/v1/skills/1", &json!({"rule": either, "rule_level": 60})).await.data();
    assert_eq!(changed["rule"]["any"][1]["all"][0]["test"]["value"], json!(["de", "at"]));
    assert_eq!(changed["rule_level"], 60);
    assert_eq!(admin.get(&kim).await.data()["muster"]["derived_skills"], held(60));
    assert_eq!(admin.put("/api/v1/skills/1", &changed).await.data(), changed);
    let freed = admin.put("/api/v1/skills/1", &json!({"rule": null})).await.data();
    assert_eq!((&freed["rule"], &freed["rule_level"]), (&Value::Null, &Value::Null));
    assert_eq!(admin.get(&kim).await.data()["muster"]["derived_skills"], json!([]));
}

#[tokio::test]
async fn a_rule_that_can_not_be_is_refused() {
    let (_wire, admin) = Wire::new().await;
    define_language(&admin).await;
    let nested = (0..8).fold(test("eq", json!("fr")), |inner, _| json!({"all": [inner]}));
    for rule in [
        json!({"test": {"attribute": "shoe", "op": "eq", "value": "x"}}),
        test("gt", json!("fr")),
        test("eq", json!(7)),
        test("in", json!([])),
        json!({"all": []}),
        json!({"any": vec![test("eq", json!("fr")); 65]}),
        nested,
    ] {
        let answer = admin.post(SKILLS, &json!({"name": "French", "rule": rule})).await;
        answer.refuses(400, "InputException", "Invalid `rule`");
    }
    for (level, rule) in [(0, test("eq", json!("fr"))), (101, test("eq", json!("fr"))), (50, Value::Null)] {
        let answer = admin.post(SKILLS, &json!({"name": "French", "rule": rule, "rule_level": level})).await;
        answer.refuses(400, "InputException", "Invalid `rule_level`");
    }
    for rule in [json!("fr"), json!({"none": []}), test("ne", json!("fr")), test("eq", Value::Null)] {
        let answer = admin.post(SKILLS, &json!({"name": "French", "rule": rule})).await;
        assert_eq!(answer.status(), 400, "{}", answer.text());
        assert_eq!(answer.json()["message"], "Error parsing request");
    }
    assert_eq!(admin.get(SKILLS).await.data(), json!([]));
}

#[tokio::test]
async fn a_deleted_skill_is_lost_by_its_holders() {
    let (wire, admin) = Wire::new().await;
    let french = wire.desk.skill("French").await;
    let kim = wire.desk.agent("kim").skill(french, 50).await;
    admin.delete("/api/v1/skills/1").await.data();
    let data = admin.get(&format!("/api/v1/agents/{}", kim.id)).await.data();
    assert_eq!(data["muster"]["skills"], json!([]));
}
