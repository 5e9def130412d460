//! The signed-in agent's own things.

use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const ME: &str = "/api/v1/agents/me";
const AVAILABILITY: &str = "/api/v1/agents/me/availability";

#[tokio::test]
async fn any_agent_reads_the_own_profile_and_teams() {
    let (wire, _) = Wire::new().await;
    let (sales, support) = (wire.desk.team("Sales").await, wire.desk.team("Support").await);
    let kim = wire.client(&wire.desk.agent("kim").team(sales).team(support).await);
    let data = kim.get(ME).await.data();
    assert_eq!((&data["email"], &data["roles"]), (&json!("kim@example.org"), &json!(["Agent"])));
    let expected = [
        "conversations:read",
        "conversations:read_all",
        "conversations:read_assigned",
        "conversations:read_team_all",
        "conversations:read_team_inbox",
        "conversations:read_unassigned",
        "conversations:update_priority",
        "conversations:update_status",
        "conversations:update_tags",
        "conversations:update_team_assignee",
        "conversations:update_user_assignee",
        "messages:read",
        "messages:write",
        "view:manage",
    ];
    assert_eq!(data["permissions"], json!(expected));
    let teams = kim.get("/api/v1/agents/me/teams").await.data();
    let names: Vec<_> = teams.as_array().unwrap().iter().map(|team| team["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"Sales") && names.contains(&"Support"));
}

#[tokio::test]
async fn each_status_is_set_and_shown() {
    let (_wire, admin) = Wire::new().await;
    for status in ["online", "away_manual", "away_and_reassigning", "online", "away", "offline"] {
        let data = admin.put(AVAILABILITY, &json!({"status": status})).await.data();
        assert_eq!(data["availability_status"], status);
        assert_eq!(admin.get(ME).await.data()["availability_status"], status);
    }
}

#[tokio::test]
async fn the_idle_detector_never_overrules_a_choice() {
    let (_wire, admin) = Wire::new().await;
    let status = async |status: &str, source: &str| {
        let data = admin.put(AVAILABILITY, &json!({"status": status, "source": source})).await.data();
        data["availability_status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("online", "").await, "online");
    assert_eq!(status("away", "idle").await, "away");
    assert_eq!(status("online", "idle").await, "online");
    for chosen in ["away_manual", "away_and_reassigning"] {
        assert_eq!(status(chosen, "").await, chosen);
        assert_eq!(status("away", "idle").await, chosen);
        assert_eq!(status("online", "idle").await, chosen);
    }
}

#[tokio::test]
async fn a_pause_has_a_reason_of_the_desks_list() {
    let (wire, _) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let reasons = kim.get("/api/v1/pause-reasons").await.data();
    assert_eq!(reasons, json!(["Break", "Lunch", "Meeting", "Training"]));
    let pause = async |fields: Value| {
        wire.desk.advance(std::time::Duration::from_secs(60)).await;
        let mut body = json!({"status": "away_manual"});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let data = kim.put(AVAILABILITY, &body).await.data();
        assert_eq!(data["availability_status"], "away_manual");
        (data["muster"]["pause_reason"].clone(), data["muster"]["state_since"].clone())
    };
    assert_eq!(pause(json!({"pause_reason": "lunch"})).await, (json!("Lunch"), json!("2026-01-05T09:01:00Z")));
    assert_eq!(pause(json!({"pause_reason": "Break"})).await, (json!("Break"), json!("2026-01-05T09:02:00Z")));
    assert_eq!(pause(json!({})).await, (json!("Break"), json!("2026-01-05T09:02:00Z")), "absent: it stays");
    assert_eq!(pause(json!({"pause_reason": null})).await, (Value::Null, json!("2026-01-05T09:04:00Z")));
    let back = kim.put(AVAILABILITY, &json!({"status": "online", "pause_reason": null})).await.data();
    assert_eq!((&back["availability_status"], &back["muster"]["pause_reason"]), (&json!("online"), &Value::Null));
}

#[tokio::test]
async fn a_reason_that_can_not_be_is_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    for body in [
        json!({"status": "away_manual", "pause_reason": "Siesta"}),
        json!({"status": "away_manual", "pause_reason": ""}),
        json!({"status": "online", "pause_reason": "Lunch"}),
        json!({"status": "away_and_reassigning", "pause_reason": "Lunch"}),
        json!({"status": "away_manual", "source": "idle", "pause_reason": "Lunch"}),
    ] {
        admin.put(AVAILABILITY, &body).await.refuses(400, "InputException", "Invalid `pause_reason`");
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn presence_moves_neither_updated_at_nor_anybody_elses() {
    let (wire, admin) = Wire::new().await;
    let before = admin.get(ME).await.data()["updated_at"].clone();
    wire.desk.advance(std::time::Duration::from_secs(60)).await;
    let after = admin.put(AVAILABILITY, &json!({"status": "away_manual"})).await.data();
    assert_eq!(after["updated_at"], before);
}

#[tokio::test]
async fn own_calls_prove_presence_for_five_minutes() {
    let (wire, admin) = Wire::new().await;
    let data = admin.put(AVAILABILITY, &json!({"status": "online"})).await.data();
    assert_eq!((&data["availability_status"], &data["muster"]["state"]), (&json!("online"), &json!("ready")));
    wire.desk.advance(std::time::Duration::from_secs(5 * 60 + 1)).await;
    assert_eq!(admin.get(ME).await.data()["availability_status"], "offline");
}

#[tokio::test]
async fn deviation_an_unknown_own_status_is_refused() {
    let (_wire, admin) = Wire::new().await;
    for body in [json!({}), json!({"status": "busy"}), json!({"status": null})] {
        admin.put(AVAILABILITY, &body).await.refuses(400, "InputException", "Invalid `status`");
    }
    let answer = admin.put(AVAILABILITY, &json!({"status": 1})).await;
    answer.refuses(400, "InputException", "Error parsing request");
}
