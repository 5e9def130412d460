//! Macros, whom they are for, and what comes of applying them.

use insta::assert_snapshot;
use muster_testkit::VisitorHandle;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const MACROS: &str = "/api/v1/macros";

fn blank() -> Value {
    json!({"name": "Greet", "visible_when": ["replying"], "message_content": "<p>Hello</p>"})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = blank();
    body[field] = value;
    body
}

fn apply_path(visitor: &VisitorHandle, id: i64) -> String {
    format!("/api/v1/conversations/{}/macros/{id}/apply", visitor.conversation)
}

async fn waiting(wire: &Wire) -> VisitorHandle {
    let inbox = wire.desk.inbox().await;
    wire.desk.visitor(&inbox, "Hello").await
}

#[tokio::test]
async fn a_macro_is_created_shown_changed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let (team, kim) = (wire.desk.team("Support").await, wire.desk.agent("kim").await);
    let body = json!({
        "name": "Take over",
        "visibility": "team",
        "team_id": team.0.to_string(),
        "user_id": null,
        "visible_when": ["adding_private_note", "replying"],
        "message_content": "<p>Hello <script>alert(1)</script></p>",
        "actions": [
            {"type": "assign_team", "value": [team.0.to_string()], "display_value": ["ignored"]},
            {"type": "set_status", "value": ["3"]},
            {"type": "set_priority", "value": ["2"]},
            {"type": "add_tags", "value": ["billing"]},
        ],
    });
    let created = admin.post(MACROS, &body).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"Take over",
        "actions":[
          {
            "type":"assign_team",
            "value":[
              "1"
            ],
            "display_value":[
              "Support"
            ]
          },
          {
            "type":"set_status",
            "value":[
              "3"
            ],
            "display_value":[
              "Resolved"
            ]
          },
          {
            "type":"set_priority",
            "value":[
              "2"
            ],
            "display_value":[
              "High"
            ]
          },
          {
            "type":"add_tags",
            "value":[
              "billing"
            ],
            "display_value":[
              "billing"
            ]
          }
        ],
        "visibility":"team",
        "visible_when":[
          "replying",
          "adding_private_note"
        ],
        "message_content":"<p>Hello </p>",
        "user_id":null,
        "team_id":"1",
        "usage_count":0
      }
    }
    "#);
    let created = created.data();
    assert_eq!(admin.get("/api/v1/macros/1").await.data(), created);
    let before = wire.desk.digest().await;
    assert_eq!(admin.put("/api/v1/macros/1", &created).await.data(), created);
    assert_eq!(wire.desk.digest().await, before);
    let own = json!({"visibility": "user", "user_id": kim.id.0.to_string(), "name": "Mine"});
    let changed = admin.put("/api/v1/macros/1", &own).await.data();
    assert_eq!((&changed["user_id"], &changed["team_id"]), (&json!(kim.id.0.to_string()), &Value::Null));
    assert_eq!((&changed["name"], &changed["actions"]), (&json!("Mine"), &created["actions"]));
    let give = json!({"actions": [{"type": "assign_user", "value": [kim.id.0.to_string()]}]});
    let given = admin.put("/api/v1/macros/1", &give).await.data();
    let profile = admin.get(&format!("/api/v1/agents/{}", kim.id.0)).await.data();
    let (first, last) = (profile["first_name"].as_str().unwrap(), profile["last_name"].as_str().unwrap());
    assert_eq!(given["actions"][0]["display_value"], json!([format!("{first} {last}").trim()]));
    assert_eq!(admin.delete("/api/v1/macros/1").await.data(), true);
    for answer in [
        admin.get("/api/v1/macros/1").await,
        admin.put("/api/v1/macros/1", &blank()).await,
        admin.delete("/api/v1/macros/1").await,
    ] {
        answer.refuses(404, "NotFoundException", "Macro not found");
    }
    let kim = wire.client(&kim);
    for answer in [
        kim.get("/api/v1/macros/1").await,
        kim.post(MACROS, &blank()).await,
        kim.put("/api/v1/macros/1", &blank()).await,
        kim.delete("/api/v1/macros/1").await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn macros_that_can_not_be_are_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let action = |kind: &str, value: Value| with("actions", json!([{"type": kind, "value": value}]));
    for (body, message) in [
        (json!({"visible_when": ["replying"]}), "`name` empty"),
        (with("name", json!("")), "`name` empty"),
        (json!({"name": "Greet"}), "`visible_when` empty"),
        (with("visible_when", json!([])), "`visible_when` empty"),
        (with("visible_when", json!(["sleeping"])), "Invalid `visible_when`"),
        (with("visibility", json!("everybody")), "Invalid `visibility`"),
        (with("visibility", json!("team")), "`team_id` empty"),
        (with("visibility", json!("user")), "`user_id` empty"),
        (
            with("message_content", json!("x".repeat(5001))),
            "Message content is too long, should be at most 5000 characters",
        ),
        (action("assign_team", json!([])), "assign_team empty"),
        (action("set_status", json!([""])), "set_status empty"),
        (action("set_status", json!(["x"])), "Invalid `set_status`"),
        (action("set_priority", json!(["9"])), "Invalid `set_priority`"),
        (action("send_reply", json!(["x"])), "send_reply action not allowed"),
        (action("set_status", json!(["99"])), "Status not found"),
        (action("assign_team", json!(["99"])), "Team not found"),
        (action("assign_user", json!(["99"])), "User not found"),
        (
            with("actions", json!([{"type": "set_status", "value": ["1"]}, {"type": "set_status", "value": ["3"]}])),
            "Duplicate actions not allowed",
        ),
        (with("actions", json!([{"value": ["1"]}])), "Error parsing request"),
    ] {
        admin.post(MACROS, &body).await.refuses(400, "InputException", message);
    }
    let nobody = json!({"name": "Greet", "visible_when": ["replying"], "visibility": "user", "user_id": "99"});
    admin.post(MACROS, &nobody).await.refuses(400, "InputException", "User not found");
    admin.put("/api/v1/macros/0", &blank()).await.refuses(400, "InputException", "Invalid macro `id`.");
    admin.get("/api/v1/macros/x").await.refuses(400, "InputException", "Something went wrong");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_agents_see_the_macros_that_are_for_them() {
    let (wire, admin) = Wire::new().await;
    let (team, other) = (wire.desk.team("Support").await, wire.desk.team("Sales").await);
    let kim = wire.desk.agent("kim").team(team).await;
    let lee = wire.desk.agent("lee").await;
    for (name, visibility) in [
        ("For all", json!({})),
        ("For the team", json!({"visibility": "team", "team_id": team.0.to_string()})),
        ("For others", json!({"visibility": "team", "team_id": other.0.to_string()})),
        ("For Kim", json!({"visibility": "user", "user_id": kim.id.0.to_string()})),
        ("For Lee", json!({"visibility": "user", "user_id": lee.id.0.to_string()})),
    ] {
        let mut body = with("name", json!(name));
        body.as_object_mut().unwrap().extend(visibility.as_object().unwrap().clone());
        admin.post(MACROS, &body).await.data();
    }
    let names = |list: Value| {
        let mut names: Vec<String> =
            list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let kim_client = wire.client(&kim);
    assert_eq!(names(kim_client.get(MACROS).await.data()), ["For Kim", "For all", "For the team"]);
    assert_eq!(names(admin.get(MACROS).await.data()).len(), 5);
    let visitor = waiting(&wire).await;
    for (id, refused) in [(1, false), (2, false), (3, true), (4, false), (5, true)] {
        let answer = kim_client.post(&apply_path(&visitor, id), &json!([])).await;
        if refused {
            answer.refuses(403, "PermissionException", "Permission denied");
        } else {
            assert_eq!(answer.status(), 200, "{}", answer.shown());
        }
    }
    admin.delete(&format!("/api/v1/teams/{}", other.0)).await.data();
    admin.delete(&format!("/api/v1/agents/{}", lee.id.0)).await.data();
    assert_eq!(names(admin.get(MACROS).await.data()), ["For Kim", "For all", "For the team"]);
}

#[tokio::test]
async fn a_macro_is_applied_as_each_of_its_actions_would_be() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let kim = wire.desk.agent("kim").team(team).await;
    admin.post("/api/v1/tags", &json!({"name": "billing"})).await.data();
    admin.post(MACROS, &blank()).await.data();
    let visitor = waiting(&wire).await;
    let actions = json!([
        {"type": "assign_team", "value": [team.0.to_string()]},
        {"type": "assign_user", "value": [kim.id.0.to_string()]},
        {"type": "set_priority", "value": ["1"]},
        {"type": "add_tags", "value": ["billing"]},
        {"type": "set_status", "value": ["3"]},
    ]);
    assert_snapshot!(admin.post(&apply_path(&visitor, 1), &actions).await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "message":"Macro applied"
    }
    "#);
    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    let data = admin.get(&path).await.data();
    assert_eq!((&data["status"], &data["priority"]), (&json!("Resolved"), &json!("Highest")));
    assert_eq!((&data["assigned_user_id"], &data["assigned_team_id"]), (&json!(kim.id.0), &json!(team.0)));
    assert_eq!(data["tags"], json!(["billing"]));
    let object = json!({"actions": [{"type": "set_priority", "value": ["5"]}]});
    assert_eq!(admin.post(&apply_path(&visitor, 1), &object).await.json(), json!({"message": "Macro applied"}));
    assert_eq!(admin.get("/api/v1/macros/1").await.data()["usage_count"], 2);
}

#[tokio::test]
async fn what_could_be_done_is_done_and_the_rest_is_told() {
    let (wire, admin) = Wire::new().await;
    admin.post(MACROS, &blank()).await.data();
    let visitor = waiting(&wire).await;
    let actions = json!([{"type": "set_priority", "value": ["1"]}, {"type": "assign_user", "value": ["9999"]}]);
    let answer = admin.post(&apply_path(&visitor, 1), &actions).await;
    assert_eq!((answer.status().as_u16(), answer.json()), (207, json!({"message": "Macro partially applied"})));
    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    assert_eq!(admin.get(&path).await.data()["priority"], "Highest");
    assert_eq!(admin.get("/api/v1/macros/1").await.data()["usage_count"], 1);
}

#[tokio::test]
async fn deviation_a_macro_of_which_nothing_could_be_done_tells_why() {
    let (wire, admin) = Wire::new().await;
    admin.post(MACROS, &blank()).await.data();
    let visitor = waiting(&wire).await;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let actions = json!([{"type": "assign_user", "value": ["9999"]}]);
    admin.post(&apply_path(&visitor, 1), &actions).await.refuses(400, "InputException", "User not found");
    let snooze = json!([{"type": "set_status", "value": ["2"]}]);
    admin.post(&apply_path(&visitor, 1), &snooze).await.refuses(400, "InputException", "`snoozed_until` empty");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_actions_are_done_in_the_order_that_works() {
    let (wire, admin) = Wire::new().await;
    let team = admin.post("/api/v1/teams", &json!({"name": "Support", "muster": {"tag_required": true}})).await;
    let team = team.data()["id"].clone();
    let kim = wire.desk.agent("kim").await;
    admin.post("/api/v1/tags", &json!({"name": "billing"})).await.data();
    admin.post(MACROS, &blank()).await.data();
    let visitor = waiting(&wire).await;
    let path = format!("/api/v1/conversations/{}", visitor.conversation);
    let apply = async |actions: Value| {
        let answer = admin.post(&apply_path(&visitor, 1), &actions).await;
        assert_eq!(answer.json(), json!({"message": "Macro applied"}));
        admin.get(&path).await.data()
    };
    admin.put(&format!("{path}/assignee/team"), &json!({"assignee_id": team})).await.data();
    let resolved = apply(json!([
        {"type": "set_status", "value": ["3"]},
        {"type": "add_tags", "value": ["billing"]},
    ]));
    assert_eq!(resolved.await["status"], "Resolved");
    let closed = apply(json!([
        {"type": "set_status", "value": ["4"]},
        {"type": "assign_user", "value": [kim.id.0.to_string()]},
    ]));
    let closed = closed.await;
    assert_eq!((&closed["status"], &closed["assigned_user_id"]), (&json!("Closed"), &json!(kim.id.0)));
}

#[tokio::test]
async fn a_change_of_a_macro_leaves_what_it_does_not_name() {
    let (wire, admin) = Wire::new().await;
    let lee = wire.desk.agent("lee").await;
    let team = wire.desk.team("Support").await;
    let body = with("actions", json!([{"type": "assign_user", "value": [lee.id.0.to_string()]}]));
    admin.post(MACROS, &body).await.data();
    let of_team = json!({"visibility": "team", "team_id": team.0.to_string()});
    admin.put("/api/v1/macros/1", &of_team).await.data();
    admin.delete(&format!("/api/v1/agents/{}", lee.id.0)).await.data();
    let renamed = admin.put("/api/v1/macros/1", &json!({"name": "Hand over"})).await.data();
    assert_eq!((&renamed["name"], &renamed["team_id"]), (&json!("Hand over"), &json!(team.0.to_string())));
    assert_eq!(renamed["actions"], admin.get("/api/v1/macros/1").await.data()["actions"]);
    let actions = json!({"actions": [{"type": "assign_user", "value": [lee.id.0.to_string()]},
                                     {"type": "add_tags", "value": ["x"]}]});
    admin.put("/api/v1/macros/1", &actions).await.refuses(400, "InputException", "User not found");
}

#[tokio::test]
async fn what_may_not_be_applied_is_refused_before_anything_is_done() {
    let (wire, admin) = Wire::new().await;
    admin.post(MACROS, &blank()).await.data();
    let visitor = waiting(&wire).await;
    let path = apply_path(&visitor, 1);
    let rights = ["conversations:read", "conversations:read_all", "conversations:update_priority"];
    let reader = wire.holder(&admin, &rights).await;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let priority = json!({"type": "set_priority", "value": ["1"]});
    for (actions, status, kind, message) in [
        (json!([priority, priority]), 400, "InputException", "Duplicate actions not allowed"),
        (
            json!([priority, {"type": "send_csat", "value": ["x"]}]),
            403,
            "PermissionException",
            "send_csat action not allowed",
        ),
        (json!([{"type": "set_priority", "value": []}]), 400, "InputException", "set_priority empty"),
        (
            json!([priority, {"type": "set_status", "value": ["3"]}]),
            403,
            "PermissionException",
            "Permission denied for some macro actions",
        ),
    ] {
        reader.post(&path, &actions).await.refuses(status, kind, message);
    }
    admin.post(&apply_path(&visitor, 9), &json!([])).await.refuses(404, "NotFoundException", "Macro not found");
    admin.post(&apply_path(&visitor, 9).replace("/9/", "/x/"), &json!([])).await.refuses(
        400,
        "InputException",
        "Something went wrong",
    );
    assert_eq!(wire.desk.digest().await, before);
    assert_eq!(reader.post(&path, &json!([priority])).await.status(), 200);
}

#[tokio::test]
async fn deviation_a_malformed_macro_is_refused_as_everything_else_is() {
    let (_wire, admin) = Wire::new().await;
    admin.post(MACROS, &blank()).await.data();
    let malformed = with("name", json!([]));
    admin.put("/api/v1/macros/1", &malformed).await.refuses(400, "InputException", "Error parsing request");
}
