//! Teams.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const TEAMS: &str = "/api/v1/teams";
const MEMBERS: &str = "/api/v1/teams/1/members";

#[tokio::test]
async fn every_agent_lists_teams_to_choose_from_and_the_rest_takes_a_permission() {
    let (wire, _) = Wire::new().await;
    wire.desk.team("Support").await;
    wire.desk.team("Sales").await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let expected = json!([{"id": 2, "name": "Sales", "emoji": null}, {"id": 1, "name": "Support", "emoji": null}]);
    assert_eq!(kim.get("/api/v1/teams/compact").await.data(), expected);
    for answer in [
        kim.get(TEAMS).await,
        kim.post(TEAMS, &json!({})).await,
        kim.get("/api/v1/teams/1").await,
        kim.put("/api/v1/teams/1", &json!({})).await,
        kim.delete("/api/v1/teams/1").await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn a_team_is_created_read_changed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let body = json!({
        "name": "Support",
        "emoji": "🛠️",
        "conversation_assignment_type": "Manual",
        "timezone": "Europe/Berlin",
        "max_auto_assigned_conversations": 4
    });
    let created = admin.post(TEAMS, &body).await;
    let drawn = created.data()["muster"]["public_id"].as_str().unwrap().to_owned();
    assert_snapshot!(created.shown().replace(&drawn, "<drawn>"), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "emoji":"🛠️",
        "name":"Support",
        "conversation_assignment_type":"Manual",
        "timezone":"Europe/Berlin",
        "business_hours_id":null,
        "sla_policy_id":null,
        "max_auto_assigned_conversations":4,
        "muster":{
          "public_id":"<drawn>",
          "version":1,
          "description":"",
          "email":null,
          "enabled":true,
          "archived_at":null,
          "method":null,
          "fallback_team_id":null,
          "forward_to":[],
          "accepts_when_absent":false,
          "offered_at_start":true,
          "offered_when_closed":false,
          "closing_tags":[],
          "tag_required":false,
          "wrap_up_ms":0
        }
      }
    }
    "#);
    let path = format!("{TEAMS}/{}", created.data()["id"]);
    assert_eq!(admin.get(&path).await.data(), created.data());
    wire.desk.advance(std::time::Duration::from_secs(1)).await;
    let sales = admin.post(TEAMS, &json!({"name": "Sales"})).await.data();
    let names = |list: Value| list.as_array().unwrap().iter().map(|team| team["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(admin.get(TEAMS).await.data()), ["Sales", "Support"]);
    let muster =
        json!({"description": "Second line", "enabled": false, "fallback_team_id": sales["id"], "wrap_up_ms": 1000});
    let changed =
        admin.put(&path, &json!({"emoji": null, "max_auto_assigned_conversations": 0, "muster": muster})).await;
    let data = changed.data();
    assert_eq!((&data["emoji"], &data["max_auto_assigned_conversations"]), (&Value::Null, &json!(0)));
    assert_eq!((&data["muster"]["enabled"], &data["muster"]["fallback_team_id"]), (&json!(false), &sales["id"]));
    assert_eq!(admin.delete(&path).await.data(), true);
    admin.get(&path).await.refuses(400, "InputException", "Team not found");
    admin.put(&path, &body).await.refuses(400, "InputException", "Team not found");
    admin.delete(&path).await.refuses(400, "InputException", "Team not found");
}

#[tokio::test]
async fn deviation_what_an_update_leaves_out_stays() {
    let (_wire, admin) = Wire::new().await;
    let body = json!({"name": "Support", "emoji": "🛠️", "timezone": "Europe/Berlin"});
    let created = admin.post(TEAMS, &body).await.data();
    assert_eq!(admin.put("/api/v1/teams/1", &json!({})).await.data(), created);
    assert_eq!(admin.put("/api/v1/teams/1", &json!({"muster": {}})).await.data(), created);
}

#[tokio::test]
async fn deviation_a_taken_name_is_a_conflict() {
    let (wire, admin) = Wire::new().await;
    wire.desk.team("Support").await;
    wire.desk.team("Sales").await;
    let answer = admin.post(TEAMS, &json!({"name": "SUPPORT"})).await;
    answer.refuses(409, "ConflictException", "Team already exists");
    let answer = admin.put("/api/v1/teams/2", &json!({"name": "support"})).await;
    answer.refuses(409, "ConflictException", "Team already exists");
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    for (body, message) in [
        (json!({}), "`name` empty"),
        (json!({"name": " "}), "`name` empty"),
        (json!({"name": "x", "conversation_assignment_type": "Random"}), "Invalid `conversation_assignment_type`"),
        (json!({"name": "x", "timezone": "Mars/Olympus"}), "Invalid `timezone`"),
        (json!({"name": "x", "muster": {"fallback_team_id": 9}}), "Team not found"),
        (json!({"name": "x", "muster": {"email": "no"}}), "Invalid email address"),
        (json!({"name": "x", "max_auto_assigned_conversations": -1}), "Error parsing request"),
    ] {
        admin.post(TEAMS, &body).await.refuses(400, "InputException", message);
    }
    for id in ["0", "x"] {
        let path = format!("{TEAMS}/{id}");
        admin.get(&path).await.refuses(400, "InputException", "Something went wrong");
        admin.put(&path, &json!({})).await.refuses(400, "InputException", "Something went wrong");
        admin.delete(&path).await.refuses(400, "InputException", "Something went wrong");
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn members_are_listed_and_given_places() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let kim = wire.desk.agent("kim").team(team).online().await;
    let lee = wire.desk.agent("lee").await;
    let body =
        json!({"set": [{"agent_id": kim.id, "role": "manager", "capacity": 2, "order": 1}, {"agent_id": lee.id}]});
    let changed = admin.put(MEMBERS, &body).await;
    assert_snapshot!(changed.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "agent_id":4,
          "first_name":"Lee",
          "last_name":"",
          "email":"lee@example.org",
          "avatar_url":null,
          "enabled":true,
          "availability_status":"offline",
          "role":"agent",
          "capacity":null,
          "order":0,
          "load":0
        },
        {
          "agent_id":3,
          "first_name":"Kim",
          "last_name":"",
          "email":"kim@example.org",
          "avatar_url":null,
          "enabled":true,
          "availability_status":"online",
          "role":"manager",
          "capacity":2,
          "order":1,
          "load":0
        }
      ]
    }
    "#);
    assert_eq!(wire.client(&lee).get(MEMBERS).await.data(), changed.data(), "every agent sees them");
    let kim = wire.client(&kim);
    let data = kim.put(MEMBERS, &json!({"set": [{"agent_id": 3, "capacity": null}], "remove": [lee.id]})).await.data();
    assert_eq!(data.as_array().unwrap().len(), 1, "a manager of the team chooses its members");
    assert_eq!(
        (&data[0]["role"], &data[0]["capacity"], &data[0]["order"]),
        (&json!("manager"), &Value::Null, &json!(1))
    );
    assert_eq!(kim.put(MEMBERS, &json!({})).await.data(), data);
}

#[tokio::test]
async fn whoever_runs_no_team_chooses_no_members_and_nobody_chooses_nobody() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let kim = wire.desk.agent("kim").team(team).await;
    let before = wire.desk.digest().await;
    let body = json!({"set": [{"agent_id": kim.id, "role": "manager"}]});
    wire.client(&kim).put(MEMBERS, &body).await.refuses(403, "PermissionException", "Permission denied");
    for nobody in [0, 1, 999] {
        let body = json!({"set": [{"agent_id": nobody}], "remove": [kim.id]});
        admin.put(MEMBERS, &body).await.refuses(404, "NotFoundException", "User not found");
    }
    for (body, message) in [
        (json!({"set": [{}]}), "Error parsing request"),
        (json!({"set": [{"agent_id": kim.id, "role": "owner"}]}), "Error parsing request"),
        (json!({"set": [{"agent_id": kim.id, "capacity": -1}]}), "Error parsing request"),
        (json!({"set": vec![json!({"agent_id": kim.id}); 501]}), "Invalid `set`"),
        (json!({"remove": vec![kim.id; 501]}), "Invalid `remove`"),
    ] {
        admin.put(MEMBERS, &body).await.refuses(400, "InputException", message);
    }
    let absent = "/api/v1/teams/9/members";
    admin.get(absent).await.refuses(400, "InputException", "Team not found");
    admin.put(absent, &json!({})).await.refuses(400, "InputException", "Team not found");
    admin.get("/api/v1/teams/x/members").await.refuses(400, "InputException", "Something went wrong");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn a_deleted_team_leaves_its_members() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let kim = wire.desk.agent("kim").team(team).await;
    admin.delete("/api/v1/teams/1").await.data();
    let data = admin.get(&format!("/api/v1/agents/{}", kim.id)).await.data();
    assert_eq!(data["teams"], json!([]));
}
