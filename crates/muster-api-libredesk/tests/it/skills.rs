//! Skills.

use insta::assert_snapshot;
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
        "team_id":1
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

#[tokio::test]
async fn a_deleted_skill_is_lost_by_its_holders() {
    let (wire, admin) = Wire::new().await;
    let french = wire.desk.skill("French").await;
    let kim = wire.desk.agent("kim").skill(french, 50).await;
    admin.delete("/api/v1/skills/1").await.data();
    let data = admin.get(&format!("/api/v1/agents/{}", kim.id)).await.data();
    assert_eq!(data["muster"]["skills"], json!([]));
}
