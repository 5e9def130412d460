//! Listing, reading, creating, changing and deleting agents.

use insta::assert_snapshot;
use muster_core::id::AgentId;
use muster_testkit::{Client, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const AGENTS: &str = "/api/v1/agents";

fn kim() -> Value {
    json!({"first_name": "Kim", "last_name": "Lee", "email": "kim@example.org", "roles": ["Agent"]})
}

async fn create(admin: &Client, body: Value) -> String {
    format!("{AGENTS}/{}", admin.post(AGENTS, &body).await.data()["id"])
}

/// [`kim`] with changes.
fn kim_with(changes: Value) -> Value {
    let mut body = kim();
    let Value::Object(changes) = changes else { panic!("changes are fields") };
    body.as_object_mut().unwrap().extend(changes);
    body
}

#[tokio::test]
async fn a_new_agent_is_answered_whole() {
    let (_wire, admin) = Wire::new().await;
    let answer = admin.post(AGENTS, &kim()).await;
    let drawn = answer.data()["muster"]["public_id"].as_str().unwrap().to_owned();
    assert_snapshot!(answer.shown().replace(&drawn, "<drawn>"), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":3,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "first_name":"Kim",
        "last_name":"Lee",
        "email":"kim@example.org",
        "type":"agent",
        "availability_status":"offline",
        "phone_number_country_code":null,
        "phone_number_calling_code":null,
        "phone_number":null,
        "avatar_url":null,
        "enabled":true,
        "last_active_at":null,
        "last_login_at":null,
        "roles":[
          "Agent"
        ],
        "permissions":[
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
          "view:manage"
        ],
        "country":null,
        "meta":null,
        "custom_attributes":{},
        "external_user_id":null,
        "teams":[],
        "api_key":null,
        "api_key_last_used_at":null,
        "muster":{
          "public_id":"<drawn>",
          "version":1,
          "login":"kim",
          "login_using_email":true,
          "phone_number_country_code":null,
          "phone_number_calling_code":null,
          "job_description":"",
          "locked":false,
          "serves":true,
          "capacity":null,
          "rank":1,
          "channels":{
            "inbound":false,
            "manual":false,
            "preview":false,
            "progressive":false,
            "chat":true,
            "blended":false,
            "blended_inbound":false,
            "blended_manual":false,
            "blended_preview":false,
            "blended_progressive":false,
            "blended_chat":false
          },
          "auto_answer":"none",
          "call_controls":{},
          "sip_location":null,
          "screen_recording":false,
          "agent_data":null,
          "custom_attributes":{},
          "skill_attributes":{},
          "permissions":[],
          "memberships":[],
          "skills":[],
          "derived_skills":[],
          "state":"offline",
          "state_since":"2026-01-05T09:00:00Z",
          "pause_reason":null,
          "mode":null,
          "load":0,
          "last_assigned_at":null
        }
      }
    }
    "#);
}

#[tokio::test]
async fn the_built_in_account_is_shown_to_whoever_knows_its_id() {
    let (_wire, admin) = Wire::new().await;
    let data = admin.get("/api/v1/agents/1").await.data();
    assert_eq!((&data["email"], &data["type"], &data["roles"]), (&json!("System"), &json!("agent"), &Value::Null));
}

#[tokio::test]
async fn lists_leave_the_built_in_account_and_deleted_agents_out() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    wire.desk.advance(std::time::Duration::from_secs(60)).await;
    create(&admin, kim_with(json!({"email": "lou@example.org", "first_name": "Lou", "teams": []}))).await;
    assert_snapshot!(admin.get(AGENTS).await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "id":4,
          "type":"agent",
          "first_name":"Lou",
          "last_name":"Lee",
          "email":"lou@example.org",
          "enabled":true,
          "avatar_url":null,
          "external_user_id":null,
          "availability_status":"offline",
          "created_at":"2026-01-05T09:01:00Z",
          "updated_at":"2026-01-05T09:01:00Z",
          "muster":{
            "state":"offline",
            "state_since":"2026-01-05T09:01:00Z",
            "pause_reason":null,
            "load":0,
            "capacity":99,
            "locked":false,
            "roles":[
              "Agent"
            ],
            "teams":[]
          }
        },
        {
          "id":3,
          "type":"agent",
          "first_name":"Kim",
          "last_name":"Lee",
          "email":"kim@example.org",
          "enabled":true,
          "avatar_url":null,
          "external_user_id":null,
          "availability_status":"offline",
          "created_at":"2026-01-05T09:00:00Z",
          "updated_at":"2026-01-05T09:00:00Z",
          "muster":{
            "state":"offline",
            "state_since":"2026-01-05T09:00:00Z",
            "pause_reason":null,
            "load":0,
            "capacity":99,
            "locked":false,
            "roles":[
              "Agent"
            ],
            "teams":[]
          }
        },
        {
          "id":2,
          "type":"agent",
          "first_name":"Ada",
          "last_name":"",
          "email":"ada@example.org",
          "enabled":true,
          "avatar_url":null,
          "external_user_id":null,
          "availability_status":"offline",
          "created_at":"2026-01-05T09:00:00Z",
          "updated_at":"2026-01-05T09:00:00Z",
          "muster":{
            "state":"offline",
            "state_since":"2026-01-05T09:00:00Z",
            "pause_reason":null,
            "load":0,
            "capacity":99,
            "locked":false,
            "roles":[
              "Admin"
            ],
            "teams":[]
          }
        }
      ]
    }
    "#);
    admin.delete(&path).await.data();
    let names = |list: Value| list.as_array().unwrap().iter().map(|a| a["first_name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(admin.get(AGENTS).await.data()), ["Lou", "Ada"]);
    assert_eq!(names(admin.get("/api/v1/agents/compact").await.data()), ["Lou", "Ada"]);
}

#[tokio::test]
async fn lists_tell_what_agents_hold_and_do() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let kim = wire.desk.agent("kim").team(team).capacity(4).await;
    let pause = json!({"status": "away_manual", "pause_reason": "Lunch"});
    wire.client(&kim).put("/api/v1/agents/me/availability", &pause).await.data();
    let given = wire.desk.visitor(&wire.desk.inbox().await, "Hello").await.conversation;
    let operator = muster_core::actor::Caller::operator();
    wire.desk.app.assign_agent(&operator, given, kim.id, None).await.unwrap();
    let of = async |client: &Client, path: &str, id: i64| {
        let agents = client.get(path).await.data();
        agents.as_array().unwrap().iter().find(|agent| agent["id"] == id).unwrap()["muster"].clone()
    };
    let mut expected = json!({"state": "paused", "state_since": "2026-01-05T09:00:00Z", "pause_reason": "Lunch",
                              "load": 1, "capacity": 4});
    assert_eq!(of(&wire.client(&kim), "/api/v1/agents/compact", kim.id.0).await, expected);
    expected["locked"] = json!(false);
    expected["roles"] = json!(["Agent"]);
    expected["teams"] = json!([{"id": 1, "name": "Support", "emoji": null}]);
    assert_eq!(of(&admin, AGENTS, kim.id.0).await, expected);
    assert_eq!(of(&admin, AGENTS, 2).await["capacity"], 99, "the desk's default");
}

#[tokio::test]
async fn an_agent_is_invited_by_a_link_that_needs_no_mail() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim_with(json!({}))).await;
    let invitation = format!("{path}/invitation");
    let first = admin.post(&invitation, &json!({})).await.data();
    let answer = admin.send(admin.request(Method::POST, &invitation)).await;
    let data = answer.data();
    let url = data["url"].as_str().unwrap();
    let token = url.split_once("/set-password?token=").unwrap().1;
    assert_eq!(data, json!({"url": url, "expires_at": "2026-01-06T09:00:00Z"}));
    let nobody = wire.nobody();
    let with = |token: &str| json!({"token": token, "password": "Correct-horse-8"});
    let dead = first["url"].as_str().unwrap().split_once('=').unwrap().1.to_owned();
    assert_eq!(nobody.post("/api/v1/agents/set-password", &with(&dead)).await.status(), 400);
    nobody.post("/api/v1/agents/set-password", &with(token)).await.data();
    let sign_in = json!({"email": "kim@example.org", "password": "Correct-horse-8"});
    nobody.post("/api/v1/auth/login", &sign_in).await.data();
}

#[tokio::test]
async fn who_can_not_be_invited_is_not() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").await;
    let path = format!("{AGENTS}/{}/invitation", kim.id);
    let disabled = kim_with(json!({"enabled": false}));
    admin.put(&format!("{AGENTS}/{}", kim.id), &disabled).await.data();
    let lee = wire.client(&wire.desk.agent("lee").await);
    let before = wire.desk.digest().await;
    let invite = async |path: &str| admin.post(path, &json!({})).await;
    invite(&path).await.refuses(400, "InputException", "The account is disabled or locked");
    invite("/api/v1/agents/1/invitation").await.refuses(400, "InputException", "Only people can be invited");
    invite("/api/v1/agents/999/invitation").await.refuses(404, "NotFoundException", "User not found");
    invite("/api/v1/agents/x/invitation").await.refuses(400, "InputException", "Something went wrong");
    lee.post(&path, &json!({})).await.refuses(403, "PermissionException", "Permission denied");
    assert_eq!(wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
}

#[tokio::test]
async fn the_compact_list_is_for_every_agent_and_the_others_are_not() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    assert_eq!(kim.get("/api/v1/agents/compact").await.status(), 200);
    let path = create(&admin, kim_with(json!({"email": "lou@example.org"}))).await;
    let denied = |answer: muster_testkit::Reply| answer.refuses(403, "PermissionException", "Permission denied");
    denied(kim.get(AGENTS).await);
    denied(kim.post(AGENTS, &json!({})).await);
    denied(kim.get(&path).await);
    denied(kim.put(&path, &json!({})).await);
    denied(kim.delete(&path).await);
    denied(kim.post(&format!("{path}/api-key"), &json!({})).await);
    denied(kim.delete(&format!("{path}/api-key")).await);
}

#[tokio::test]
async fn what_is_no_id_or_nobodys_is_refused() {
    let (_wire, admin) = Wire::new().await;
    for id in ["x", "0", "-1", "imported", "1.0"] {
        admin.get(&format!("{AGENTS}/{id}")).await.refuses(400, "InputException", "Something went wrong");
        admin.delete(&format!("{AGENTS}/{id}")).await.refuses(400, "InputException", "User `id` empty");
    }
    admin.get(&format!("{AGENTS}/99")).await.refuses(404, "NotFoundException", "User not found");
    admin.put(&format!("{AGENTS}/99"), &kim()).await.refuses(404, "NotFoundException", "User not found");
    admin.delete(&format!("{AGENTS}/99")).await.refuses(404, "NotFoundException", "Not found");
}

#[tokio::test]
async fn fields_are_checked_in_the_products_order() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    for (body, message) in [
        (json!({}), "`email` empty"),
        (json!({"email": " "}), "`email` empty"),
        (json!({"email": null, "first_name": ""}), "`email` empty"),
        (json!({"email": "kim"}), "Invalid email address"),
        (json!({"email": "Kim <kim@example.org>"}), "Invalid email address"),
        (json!({"email": "kim@example.org"}), "`role` empty"),
        (json!({"email": "kim@example.org", "roles": null, "role": ""}), "`role` empty"),
        (json!({"email": "kim@example.org", "role": "Agent"}), "`first_name` empty"),
        (json!({"email": "kim@example.org", "roles": [], "first_name": " "}), "`first_name` empty"),
        (kim_with(json!({"first_name": "x".repeat(141)})), "First name is too long, should be at most 140 characters"),
        (kim_with(json!({"last_name": "x".repeat(141)})), "Last name is too long, should be at most 140 characters"),
    ] {
        admin.post(AGENTS, &body).await.refuses(400, "InputException", message);
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_an_invalid_agent_is_answered_once_and_not_written() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let answer = admin.post(AGENTS, &json!({"email": "kim@example.org", "roles": ["Agent"]})).await;
    assert_snapshot!(answer.shown(), @r#"
    400
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"`first_name` empty",
      "data":null,
      "error_type":"InputException"
    }
    "#);
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn malformed_bodies_are_refused_with_the_reason_as_data() {
    let (wire, admin) = Wire::new().await;
    let send = async |content_type: &str, body: &'static str| {
        let request = admin.request(Method::POST, AGENTS).header("content-type", content_type);
        admin.send(request.body(body)).await
    };
    assert_snapshot!(send("application/json", "{").await.shown(), @r#"
    400
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"Error parsing request",
      "data":"EOF while parsing an object at line 1 column 1",
      "error_type":"InputException"
    }
    "#);
    for (content_type, body) in [
        ("application/json", ""),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("application/json", r#"{"first_name":7}"#),
        ("application/json", r#"{"first_name":"a\u0000b"}"#),
        ("application/json", r#"{"enabled":"yes"}"#),
        ("application/json", r#"{"teams":"Sales"}"#),
        ("application/json", r#"{"muster":{"capacity":1e400}}"#),
        ("application/json", r#"{"muster":{"capacity":-1}}"#),
        ("application/json", r#"{"muster":{"auto_answer":"maybe"}}"#),
        ("application/xml", "<agent/>"),
    ] {
        send(content_type, body).await.refuses(400, "InputException", "Error parsing request");
    }
    assert_eq!(wire.desk.agent("kim").await.email, "kim@example.org");
}

#[tokio::test]
async fn a_form_is_read_like_json() {
    let (_wire, admin) = Wire::new().await;
    let form = "first_name=Kim&last_name=Lee&email=kim%40example.org&roles=Agent&roles=Admin&enabled=true";
    let request = admin.request(Method::POST, AGENTS).header("content-type", "application/x-www-form-urlencoded");
    let data = admin.send(request.body(form)).await.data();
    assert_eq!((&data["email"], &data["roles"]), (&json!("kim@example.org"), &json!(["Admin", "Agent"])));
}

#[tokio::test]
async fn unknown_keys_and_content_types_with_parameters_are_tolerated() {
    let (_wire, admin) = Wire::new().await;
    let request = admin.request(Method::POST, AGENTS).header("content-type", "application/json; charset=utf-8");
    let body = kim_with(json!({"nickname": "K", "id": 99, "contact_channel_id": null}));
    assert_eq!(admin.send(request.body(body.to_string())).await.status(), 200);
}

#[tokio::test]
async fn deviation_a_taken_email_is_a_conflict() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    let before = wire.desk.digest().await;
    for email in ["kim@example.org", "KIM@Example.org"] {
        let answer = admin.post(AGENTS, &kim_with(json!({"email": email}))).await;
        answer.refuses(409, "ConflictException", "User with same email already exists");
    }
    let answer = admin.put(&path, &kim_with(json!({"email": "ada@example.org"}))).await;
    answer.refuses(409, "ConflictException", "User with same email already exists");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn a_deleted_agents_email_is_free_again() {
    let (_wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    assert_eq!(admin.delete(&path).await.data(), true);
    assert_eq!(admin.delete(&path).await.data(), true);
    admin.get(&path).await.refuses(404, "NotFoundException", "User not found");
    admin.put(&path, &kim()).await.refuses(404, "NotFoundException", "User not found");
    assert_ne!(create(&admin, kim()).await, path);
}

#[tokio::test]
async fn nobody_deletes_oneself_or_the_built_in_account() {
    let (_wire, admin) = Wire::new().await;
    let me = admin.get("/api/v1/agents/me").await.data()["id"].clone();
    admin.delete(&format!("{AGENTS}/{me}")).await.refuses(400, "InputException", "You cannot delete yourself");
    admin.delete(&format!("{AGENTS}/1")).await.refuses(400, "InputException", "Cannot delete system user");
}

#[tokio::test]
async fn deviation_the_built_in_account_is_not_changed() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let answer = admin.put(&format!("{AGENTS}/1"), &kim()).await;
    answer.refuses(400, "InputException", "Cannot modify system user");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_what_an_update_leaves_out_stays() {
    let (wire, admin) = Wire::new().await;
    wire.desk.team("Sales").await;
    let path = create(&admin, kim_with(json!({"teams": ["Sales"], "availability_status": "away_manual"}))).await;
    let before = admin.get(&path).await.data();
    let needed = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"]});
    assert_eq!(admin.put(&path, &needed).await.data(), before);
    assert_eq!((&before["enabled"], &before["last_name"]), (&json!(true), &json!("Lee")));
    assert_eq!(before["availability_status"], "away_manual");
}

#[tokio::test]
async fn what_an_update_empties_is_empty() {
    let (wire, admin) = Wire::new().await;
    wire.desk.team("Sales").await;
    let path = create(&admin, kim_with(json!({"teams": ["Sales"]}))).await;
    let data = admin.put(&path, &kim_with(json!({"teams": [], "last_name": "", "roles": []}))).await.data();
    assert_eq!((&data["teams"], &data["last_name"]), (&json!([]), &json!("")));
}

#[tokio::test]
async fn deviation_an_agent_without_roles_has_a_list_of_no_permissions() {
    let (_wire, admin) = Wire::new().await;
    let data = admin.post(AGENTS, &kim_with(json!({"roles": []}))).await.data();
    assert_eq!((&data["roles"], &data["permissions"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn saying_what_is_so_changes_nothing() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    let before = wire.desk.digest().await;
    admin.put(&path, &kim()).await.data();
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_an_unknown_availability_status_is_refused_and_nothing_changes() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    let before = wire.desk.digest().await;
    for status in ["busy", "", "Online"] {
        let body = kim_with(json!({"availability_status": status, "last_name": "New"}));
        admin.put(&path, &body).await.refuses(400, "InputException", "Invalid `availability_status`");
        let body = kim_with(json!({"availability_status": status, "email": "lou@example.org"}));
        admin.post(AGENTS, &body).await.refuses(400, "InputException", "Invalid `availability_status`");
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_a_new_agent_may_start_with_a_status() {
    let (_wire, admin) = Wire::new().await;
    assert_eq!(admin.post(AGENTS, &kim()).await.data()["availability_status"], "offline");
    let body = kim_with(json!({"email": "lou@example.org", "availability_status": "away_and_reassigning"}));
    assert_eq!(admin.post(AGENTS, &body).await.data()["availability_status"], "away_and_reassigning");
}

#[tokio::test]
async fn deviation_presence_set_for_somebody_else_is_shown_for_a_minute() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    admin.put(&path, &kim_with(json!({"availability_status": "online"}))).await.data();
    let data = admin.get(&path).await.data();
    assert_eq!((&data["availability_status"], &data["muster"]["state"]), (&json!("online"), &json!("declared")));
    wire.desk.advance(std::time::Duration::from_secs(61)).await;
    assert_eq!(admin.get(&path).await.data()["availability_status"], "offline");
}

#[tokio::test]
async fn deviation_a_create_without_any_known_role_writes_nothing() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let answer = admin.post(AGENTS, &kim_with(json!({"roles": ["Nobody"]}))).await;
    answer.refuses(400, "InputException", "Role not found");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_roles_and_teams_go_by_name_in_any_case_or_by_id() {
    let (wire, admin) = Wire::new().await;
    let sales = wire.desk.team("Sales").await;
    let named_by_digits = wire.desk.team("77").await;
    let agent_role = wire.desk.role("Agent").await;
    let mut count = 0;
    for (roles, teams) in [
        (json!(["agent"]), json!(["SALES"])),
        (json!([agent_role.0]), json!([sales.0])),
        (json!([agent_role.0.to_string()]), json!([sales.0.to_string()])),
        (json!([{"id": agent_role.0}]), json!([{"name": "sales"}])),
        (json!(["Agent", "agent", "Nobody"]), json!(["Sales", "Nowhere", sales.0])),
    ] {
        count += 1;
        let body = kim_with(json!({"email": format!("kim{count}@example.org"), "roles": roles, "teams": teams}));
        let data = admin.post(AGENTS, &body).await.data();
        assert_eq!((&data["roles"], &data["teams"][0]["name"]), (&json!(["Agent"]), &json!("Sales")));
        assert_eq!(data["teams"].as_array().unwrap().len(), 1);
    }
    let data = admin.post(AGENTS, &kim_with(json!({"teams": ["77"]}))).await.data();
    assert_eq!(data["teams"][0]["id"], named_by_digits.0);
}

#[tokio::test]
async fn roles_win_over_role_and_unknown_ones_are_left_out() {
    let (_wire, admin) = Wire::new().await;
    let body = kim_with(json!({"roles": ["Agent", "Nobody"], "role": "Admin"}));
    assert_eq!(admin.post(AGENTS, &body).await.data()["roles"], json!(["Agent"]));
}

#[tokio::test]
async fn a_weak_new_password_is_refused_with_the_hint_and_nothing_changes() {
    let (wire, admin) = Wire::new().await;
    let path = create(&admin, kim()).await;
    let before = wire.desk.digest().await;
    let answer = admin.put(&path, &kim_with(json!({"new_password": "short", "last_name": "New"}))).await;
    answer.refuses(
        400,
        "InputException",
        "Password must be 10-72 characters long should contain at least one uppercase letter, one lowercase letter, \
         one number, and one special character.",
    );
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_sessions_end_with_a_new_password() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    let session = wire.sign_in("kim@example.org").await;
    assert_eq!(session.get("/api/v1/agents/me").await.status(), 200);
    admin.put(&format!("{AGENTS}/{}", kim.id), &kim_with(json!({"new_password": "Another-Horse-8"}))).await.data();
    let answer = session.get("/api/v1/agents/me").await;
    answer.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn deviation_disabling_ends_sessions_and_stops_the_key() {
    let (wire, admin) = Wire::new().await;
    let kim_handle = wire.desk.agent("kim").password().await;
    let (by_key, by_session) = (wire.client(&kim_handle), wire.sign_in("kim@example.org").await);
    let path = format!("{AGENTS}/{}", kim_handle.id);
    assert_eq!(admin.put(&path, &kim_with(json!({"enabled": false}))).await.data()["enabled"], false);
    by_key.get("/api/v1/agents/me").await.refuses(401, "GeneralException", "Invalid credential");
    let me = "/api/v1/agents/me";
    let disabled = "Your account is disabled, Please contact administrator";
    by_session.get(me).await.refuses(403, "PermissionException", disabled);
    by_session.get(me).await.refuses(401, "GeneralException", "Invalid or expired session");
    admin.put(&path, &kim_with(json!({"enabled": true}))).await.data();
    assert_eq!(by_key.get(me).await.status(), 200);
    by_session.get(me).await.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn deviation_nobody_reaches_above_oneself() {
    let (wire, admin) = Wire::new().await;
    let lead = wire.holder(&admin, &["users:manage"]).await;
    let before = wire.desk.digest().await;
    let denied = |answer: muster_testkit::Reply| answer.refuses(403, "PermissionException", "Permission denied");
    denied(lead.post(AGENTS, &kim_with(json!({"roles": ["Admin"]}))).await);
    let ada = admin.get("/api/v1/agents/me").await.data();
    let path = format!("{AGENTS}/{}", ada["id"]);
    let body = json!({"first_name": "Ada", "email": "ada@example.org", "roles": ["Admin"], "new_password": PASSWORD});
    denied(lead.put(&path, &body).await);
    denied(lead.delete(&path).await);
    denied(lead.post(&format!("{path}/api-key"), &json!({})).await);
    assert_eq!(wire.desk.digest().await, before);
    assert_eq!(lead.post(AGENTS, &kim()).await.status(), 200);
}

#[tokio::test]
async fn deviation_the_last_administrator_stays() {
    let (wire, admin) = Wire::new().await;
    let ada = admin.get("/api/v1/agents/me").await.data();
    let path = format!("{AGENTS}/{}", ada["id"]);
    let before = wire.desk.digest().await;
    let body = |changes: Value| {
        let mut body = json!({"first_name": "Ada", "email": "ada@example.org", "roles": ["Admin"]});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    for changes in [json!({"enabled": false}), json!({"roles": ["Agent"]}), json!({"muster": {"locked": true}})] {
        let answer = admin.put(&path, &body(changes)).await;
        answer.refuses(400, "InputException", "The last administrator must stay enabled and in the role Admin");
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_disabling_gives_open_conversations_back() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").online().await;
    let inbox = wire.desk.inbox().await;
    wire.desk.visitor(&inbox, "Hello").await;
    wire.desk.quiet().await;
    let path = format!("{AGENTS}/{}", kim.id);
    assert_eq!(admin.get(&path).await.data()["muster"]["load"], 1);
    assert_eq!(admin.put(&path, &kim_with(json!({"enabled": false}))).await.data()["muster"]["load"], 0);
    assert_eq!(
        wire.desk.app.agent(&muster_core::actor::Caller::operator(), AgentId(kim.id.0)).await.unwrap().state.load,
        0
    );
}
