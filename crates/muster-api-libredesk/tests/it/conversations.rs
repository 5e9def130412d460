//! Conversations: starting, listing, reading, and handling them.

use muster_app::inboxes::InboxPatch;
use muster_core::actor::Caller;
use muster_core::agent::MembershipRole;
use muster_core::inbox::Inbox;
use muster_testkit::Client;
use serde_json::{Value, json};

use crate::mask::masked;
use crate::support::{Said as _, Wire};

const CONVERSATIONS: &str = "/api/v1/conversations";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

fn body(inbox: &Inbox, email: &str) -> Value {
    json!({
        "inbox_id": inbox.id.0,
        "contact_email": email,
        "first_name": "Zoe",
        "last_name": "Moss",
        "subject": "Broken lamp",
        "content": "<p>It <b>flickers</b></p>",
        "initiator": "contact",
    })
}

/// Starts a conversation, and gives its UUID.
async fn started(wire: &Wire, client: &Client, inbox: &Inbox, email: &str) -> String {
    let answer = client.post(CONVERSATIONS, &body(inbox, email)).await;
    wire.desk.quiet().await;
    answer.data()["uuid"].as_str().unwrap().to_owned()
}

fn at(uuid: &str, rest: &str) -> String {
    format!("{CONVERSATIONS}/{uuid}{rest}")
}

async fn uuids(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.data();
    page["results"].as_array().unwrap().iter().map(|item| item["uuid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn deviation_a_contacts_words_start_a_chat() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let answer = admin.post(CONVERSATIONS, &body(&inbox, "Zoe@Example.org")).await;
    insta::assert_snapshot!(masked(&answer), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "uuid":"[drawn 1]",
        "contact_id":3,
        "inbox_id":1,
        "closed_at":null,
        "resolved_at":null,
        "reference_number":"100",
        "priority":null,
        "priority_id":null,
        "status":"Open",
        "status_category":"open",
        "status_id":1,
        "first_reply_at":null,
        "last_reply_at":null,
        "assigned_user_id":null,
        "assigned_team_id":null,
        "waiting_since":"2026-01-05T09:00:00Z",
        "snoozed_until":null,
        "subject":"Broken lamp",
        "inbox_mail":"",
        "inbox_reply_to":"",
        "inbox_name":"Chat",
        "inbox_channel":"livechat",
        "tags":[],
        "meta":{},
        "custom_attributes":{},
        "last_message_at":"2026-01-05T09:00:00Z",
        "last_message":"It flickers",
        "last_message_sender":"contact",
        "last_interaction":"It flickers",
        "last_interaction_at":"2026-01-05T09:00:00Z",
        "last_interaction_sender":"contact",
        "contact":{
          "id":3,
          "created_at":"2026-01-05T09:00:00Z",
          "updated_at":"2026-01-05T09:00:00Z",
          "first_name":"Zoe",
          "last_name":"Moss",
          "email":"zoe@example.org",
          "type":"contact",
          "availability_status":"offline",
          "avatar_url":null,
          "phone_number":null,
          "phone_number_country_code":null,
          "country":null,
          "custom_attributes":{},
          "enabled":true,
          "last_active_at":null,
          "last_login_at":null,
          "external_user_id":null
        },
        "sla_policy_id":null,
        "sla_policy_name":null,
        "applied_sla_id":null,
        "first_response_deadline_at":null,
        "resolution_deadline_at":null,
        "next_response_deadline_at":null,
        "next_response_met_at":null,
        "csat_rating":null,
        "csat_feedback":null,
        "csat_responded_at":null,
        "previous_conversations":null,
        "muster":{
          "public_id":"[drawn 2]",
          "required_skills":[],
          "preferred_agent_id":null,
          "reopened_count":0,
          "version":1
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_read_conversation_tells_of_the_contacts_others() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let first = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let second = started(&wire, &admin, &inbox, "zoe@example.org").await;
    started(&wire, &admin, &inbox, "other@example.org").await;
    let answer = admin.get(&at(&second, "")).await;
    let previous = answer.data()["previous_conversations"].clone();
    assert_eq!(previous[0]["uuid"], json!(first));
    assert_eq!(previous.as_array().unwrap().len(), 1);
    insta::assert_snapshot!(masked(&answer), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":2,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "uuid":"[drawn 1]",
        "contact_id":3,
        "inbox_id":1,
        "closed_at":null,
        "resolved_at":null,
        "reference_number":"101",
        "priority":null,
        "priority_id":null,
        "status":"Open",
        "status_category":"open",
        "status_id":1,
        "first_reply_at":null,
        "last_reply_at":null,
        "assigned_user_id":null,
        "assigned_team_id":null,
        "waiting_since":"2026-01-05T09:00:00Z",
        "snoozed_until":null,
        "subject":"Broken lamp",
        "inbox_mail":"",
        "inbox_reply_to":"",
        "inbox_name":"Chat",
        "inbox_channel":"livechat",
        "tags":[],
        "meta":{},
        "custom_attributes":{},
        "last_message_at":"2026-01-05T09:00:00Z",
        "last_message":"It flickers",
        "last_message_sender":"contact",
        "last_interaction":"It flickers",
        "last_interaction_at":"2026-01-05T09:00:00Z",
        "last_interaction_sender":"contact",
        "contact":{
          "id":3,
          "created_at":"2026-01-05T09:00:00Z",
          "updated_at":"2026-01-05T09:00:00Z",
          "first_name":"Zoe",
          "last_name":"Moss",
          "email":"zoe@example.org",
          "type":"contact",
          "availability_status":"offline",
          "avatar_url":null,
          "phone_number":null,
          "phone_number_country_code":null,
          "country":null,
          "custom_attributes":{},
          "enabled":true,
          "last_active_at":null,
          "last_login_at":null,
          "external_user_id":null
        },
        "sla_policy_id":null,
        "sla_policy_name":null,
        "applied_sla_id":null,
        "first_response_deadline_at":null,
        "resolution_deadline_at":null,
        "next_response_deadline_at":null,
        "next_response_met_at":null,
        "csat_rating":null,
        "csat_feedback":null,
        "csat_responded_at":null,
        "previous_conversations":[
          {
            "id":1,
            "created_at":"2026-01-05T09:00:00Z",
            "updated_at":"2026-01-05T09:00:00Z",
            "uuid":"[drawn 2]",
            "subject":"Broken lamp",
            "contact":{
              "first_name":"Zoe",
              "last_name":"Moss",
              "avatar_url":null
            },
            "last_message":"It flickers",
            "last_message_at":"2026-01-05T09:00:00Z"
          }
        ],
        "muster":{
          "public_id":"[drawn 3]",
          "required_skills":[],
          "preferred_agent_id":null,
          "reopened_count":0,
          "version":1
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_list_is_answered_whole() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    started(&wire, &admin, &inbox, "zoe@example.org").await;
    insta::assert_snapshot!(masked(&admin.get(&at("all", "")).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "results":[
          {
            "id":1,
            "created_at":"2026-01-05T09:00:00Z",
            "updated_at":"2026-01-05T09:00:00Z",
            "uuid":"[drawn 1]",
            "reference_number":"100",
            "waiting_since":"2026-01-05T09:00:00Z",
            "contact":{
              "created_at":"2026-01-05T09:00:00Z",
              "updated_at":"2026-01-05T09:00:00Z",
              "first_name":"Zoe",
              "last_name":"Moss",
              "email":"zoe@example.org",
              "avatar_url":null
            },
            "inbox_channel":"livechat",
            "inbox_name":"Chat",
            "sla_policy_id":null,
            "first_reply_at":null,
            "last_reply_at":null,
            "resolved_at":null,
            "subject":"Broken lamp",
            "last_message":"It flickers",
            "last_message_at":"2026-01-05T09:00:00Z",
            "last_message_sender":"contact",
            "last_interaction":"It flickers",
            "last_interaction_at":"2026-01-05T09:00:00Z",
            "last_interaction_sender":"contact",
            "next_sla_deadline_at":null,
            "priority_id":null,
            "assigned_user_id":null,
            "assigned_team_id":null,
            "unread_message_count":1,
            "status":"Open",
            "priority":null,
            "first_response_deadline_at":null,
            "resolution_deadline_at":null,
            "applied_sla_id":null,
            "next_response_deadline_at":null,
            "next_response_met_at":null
          }
        ],
        "total":1,
        "per_page":30,
        "total_pages":1,
        "page":1
      }
    }
    "#);
}

#[tokio::test]
async fn what_a_conversation_needs_is_checked_in_order() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    let whole = body(&inbox, "zoe@example.org");
    for (field, value, message) in [
        ("inbox_id", Value::Null, "`inbox_id` Required"),
        ("inbox_id", json!(0), "`inbox_id` Required"),
        ("content", json!(" "), "`content` Required"),
        ("contact_email", json!(""), "`contact_email` Required"),
        ("first_name", Value::Null, "`first_name` Required"),
        ("contact_email", json!("no address"), "Invalid email address"),
        ("initiator", json!("agent"), "Something went wrong"),
        ("initiator", json!("robot"), "Something went wrong"),
        ("inbox_id", json!(99), "Inbox not found"),
        ("agent_id", json!(99), "User not found"),
        ("team_id", json!(99), "Team not found"),
        ("attachments", json!([1]), "Invalid `attachments`"),
        ("content", json!("<script>x</script>"), "`message` empty"),
        ("muster", json!({"required_skills": [{"skill": "Welsh"}]}), "Skill not found"),
        ("muster", json!({"required_skills": [{"skill": 99}]}), "Skill not found"),
    ] {
        let mut sent = whole.clone();
        sent[field] = value;
        let answer = admin.post(CONVERSATIONS, &sent).await;
        answer.refuses(400, "InputException", message);
    }
    admin.post(CONVERSATIONS, &json!({"inbox_id": "one"})).await.refuses(
        400,
        "InputException",
        "Error parsing request",
    );
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn skills_are_asked_for_by_name_or_id() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let (welsh, lamps) = (wire.desk.skill("Welsh").await, wire.desk.skill("Lamps").await);
    let mut sent = body(&inbox, "zoe@example.org");
    sent["muster"] = json!({"required_skills": [{"skill": "welsh", "level": 40}, {"skill": lamps.0}]});
    let made = admin.post(CONVERSATIONS, &sent).await.data();
    let expected = json!([
        {"skill": "Welsh", "skill_id": welsh.0, "level": 40},
        {"skill": "Lamps", "skill_id": lamps.0, "level": 1},
    ]);
    assert_eq!(made["muster"]["required_skills"], expected);
    sent["muster"]["required_skills"][0]["level"] = json!(101);
    admin.post(CONVERSATIONS, &sent).await.refuses(400, "InputException", "Invalid `required_skills`");
}

#[tokio::test]
async fn a_known_contact_is_taken_and_never_renamed() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let first = admin.post(CONVERSATIONS, &body(&inbox, "zoe@example.org")).await.data();
    let mut sent = body(&inbox, "zoe@example.org");
    sent["first_name"] = json!("Somebody");
    let second = admin.post(CONVERSATIONS, &sent).await.data();
    assert_eq!(second["contact_id"], first["contact_id"]);
    assert_eq!(second["contact"]["first_name"], "Zoe");
}

#[tokio::test]
async fn deviation_what_is_no_uuid_is_refused_with_400() {
    let (_wire, admin) = Wire::new().await;
    for (method, rest, sent) in [
        ("GET", "", json!(null)),
        ("GET", "/routing", json!(null)),
        ("GET", "/messages", json!(null)),
        ("POST", "/messages", json!({"message": "x", "sender_type": "agent"})),
        ("PUT", "/assignee/user", json!({"assignee_id": 1})),
        ("PUT", "/assignee/team", json!({"assignee_id": 1})),
        ("PUT", "/assignee/user/remove", json!({})),
        ("PUT", "/assignee/team/remove", json!({})),
        ("PUT", "/priority", json!({"priority": "High"})),
        ("PUT", "/status", json!({"status": "Resolved"})),
        ("PUT", "/last-seen", json!({})),
    ] {
        for (uuid, status, kind, message) in [
            (UNKNOWN, 404, "NotFoundException", "Conversation not found"),
            ("not-a-uuid", 400, "InputException", "Something went wrong"),
            ("00000000000040008000000000000000", 400, "InputException", "Something went wrong"),
        ] {
            let request = admin.request(method.parse().unwrap(), &at(uuid, rest));
            let answer = admin.send(if method == "GET" { request } else { request.json(&sent) }).await;
            answer.refuses(status, kind, message);
        }
    }
}

#[tokio::test]
async fn each_route_has_its_permission() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let nobody = wire.holder(&admin, &["tags:manage"]).await;
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    for (method, path) in [
        ("GET", at("all", "")),
        ("GET", at("unassigned", "")),
        ("GET", at("assigned", "")),
        ("GET", "/api/v1/teams/1/conversations/unassigned".to_owned()),
        ("POST", CONVERSATIONS.to_owned()),
        ("GET", at(&uuid, "")),
        ("GET", at(&uuid, "/routing")),
        ("GET", at(&uuid, "/messages")),
        ("POST", at(&uuid, "/messages")),
        ("GET", at(&uuid, &format!("/messages/{UNKNOWN}"))),
        ("PUT", at(&uuid, "/assignee/user")),
        ("PUT", at(&uuid, "/assignee/team")),
        ("PUT", at(&uuid, "/assignee/user/remove")),
        ("PUT", at(&uuid, "/assignee/team/remove")),
        ("PUT", at(&uuid, "/priority")),
        ("PUT", at(&uuid, "/status")),
        ("PUT", at(&uuid, "/last-seen")),
    ] {
        let method: reqwest::Method = method.parse().unwrap();
        let denied = nobody.send(nobody.request(method.clone(), &path).body("{")).await;
        denied.refuses(403, "PermissionException", "Permission denied");
        let stranger = wire.nobody();
        let answer = stranger.send(stranger.request(method.clone(), &path)).await;
        if method == reqwest::Method::GET {
            answer.refuses(401, "GeneralException", "Invalid or expired session");
        } else {
            answer.refuses(403, "PermissionException", "CSRF token mismatch");
        }
    }
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn a_conversation_out_of_reach_is_refused() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let reader = wire.holder(&admin, &["conversations:read", "conversations:read_assigned", "messages:read"]).await;
    for rest in ["", "/routing", "/messages"] {
        reader.get(&at(&uuid, rest)).await.refuses(403, "PermissionException", "Permission denied");
    }
    assert_eq!(reader.get(&at("assigned", "")).await.data()["total"], 0);
}

#[tokio::test]
async fn lists_hold_what_their_name_says() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let team = wire.desk.team("Support").await;
    let lee = wire.desk.agent("lee").team(team).await;
    let other = wire.desk.agent("mia").await;
    let client = wire.client(&lee);
    let [free, of_team, mine] = [
        started(&wire, &admin, &inbox, "a@example.org").await,
        started(&wire, &admin, &inbox, "b@example.org").await,
        started(&wire, &admin, &inbox, "c@example.org").await,
    ];
    admin.put(&at(&of_team, "/assignee/team"), &json!({"assignee_id": team.0})).await.data();
    client.put(&at(&mine, "/assignee/user"), &json!({"assignee_id": lee.id.0})).await.data();
    wire.desk.quiet().await;
    assert_eq!(uuids(&client, &at("unassigned", "")).await, [free.as_str()]);
    assert_eq!(uuids(&client, &at("assigned", "")).await, [mine.as_str()]);
    let mut all = uuids(&client, &at("all", "")).await;
    all.sort();
    let mut expected = vec![free, of_team.clone(), mine];
    expected.sort();
    assert_eq!(all, expected);
    let team_list = format!("/api/v1/teams/{}/conversations/unassigned", team.0);
    assert_eq!(uuids(&client, &team_list).await, [of_team]);
    let message = "You're not a member of this team, Please refresh the page and try again";
    wire.client(&other).get(&team_list).await.refuses(403, "PermissionException", message);
    client.get("/api/v1/teams/x/conversations/unassigned").await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn deviation_the_total_is_right_beyond_the_last_page() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    for email in ["a@example.org", "b@example.org", "c@example.org"] {
        started(&wire, &admin, &inbox, email).await;
    }
    let page = |query: &str| at("all", query);
    let second = admin.get(&page("?page=2&page_size=2")).await.data();
    assert_eq!((&second["total"], &second["total_pages"], &second["page"]), (&json!(3), &json!(2), &json!(2)));
    assert_eq!(second["results"].as_array().unwrap().len(), 1);
    let beyond = admin.get(&page("?page=9&page_size=2")).await.data();
    assert_eq!(beyond, json!({"results": [], "total": 3, "per_page": 2, "total_pages": 2, "page": 9}));
    let odd = admin.get(&page("?page=x&page_size=9999")).await.data();
    assert_eq!((&odd["page"], &odd["per_page"]), (&json!(1), &json!(500)));
}

#[tokio::test]
async fn deviation_an_illegal_order_or_filter_is_refused_with_400() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let first = started(&wire, &admin, &inbox, "b@example.org").await;
    let second = started(&wire, &admin, &inbox, "a@example.org").await;
    let by_email = uuids(&admin, &at("all", "?order_by=users.email&order=asc")).await;
    assert_eq!(by_email, [second.as_str(), first.as_str()]);
    assert_eq!(uuids(&admin, &at("all", "?order=DESC&order_by=users.email")).await, [first.as_str(), second.as_str()]);
    assert_eq!(uuids(&admin, &at("all", "?filters=[]&order_by=conversations.next_sla_deadline_at")).await.len(), 2);
    for query in ["?order=up", "?order_by=users.password", "?filters=x", "?filters=%5B%7B%22model%22%3A%22x%22%7D%5D"] {
        admin.get(&at("all", query)).await.refuses(400, "InputException", "Invalid filters.");
    }
}

#[tokio::test]
async fn an_agent_is_given_a_conversation_and_it_is_taken_away_again() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let lee = wire.desk.agent("lee").await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let path = at(&uuid, "/assignee/user");
    insta::assert_snapshot!(masked(&admin.put(&path, &json!({"assignee_id": lee.id.0})).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":true
    }
    "#);
    assert_eq!(admin.get(&at(&uuid, "")).await.data()["assigned_user_id"], json!(lee.id.0));
    wire.desk.quiet().await;
    let digest = wire.desk.digest().await;
    assert_eq!(admin.put(&path, &json!({"assignee_id": lee.id.0})).await.data(), json!(true));
    assert_eq!(wire.desk.digest().await, digest);
    assert_eq!(admin.put(&at(&uuid, "/assignee/user/remove"), &json!({})).await.data(), json!(true));
    wire.desk.quiet().await;
    let view = admin.get(&at(&uuid, "")).await.data();
    assert_eq!((&view["assigned_user_id"], &view["status"]), (&Value::Null, &json!("Open")));
}

#[tokio::test]
async fn deviation_only_agents_with_room_can_be_given_a_conversation() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let lee = wire.desk.agent("lee").capacity(1).await;
    let first = started(&wire, &admin, &inbox, "a@example.org").await;
    let second = started(&wire, &admin, &inbox, "b@example.org").await;
    admin.put(&at(&first, "/assignee/user"), &json!({"assignee_id": lee.id.0})).await.data();
    let full = admin.put(&at(&second, "/assignee/user"), &json!({"assignee_id": lee.id.0})).await;
    full.refuses(409, "ConflictException", "Agent has no room for one more conversation");
    for (sent, message) in [
        (json!({"assignee_id": 9999}), "User not found"),
        (json!({"assignee_id": 0}), "`assignee_id` empty"),
        (json!({}), "`assignee_id` empty"),
        (json!({"assignee_id": "1"}), "Error parsing request"),
    ] {
        admin.put(&at(&second, "/assignee/user"), &sent).await.refuses(400, "InputException", message);
    }
    assert_eq!(admin.get(&at(&second, "")).await.data()["assigned_user_id"], Value::Null);
}

#[tokio::test]
async fn whoever_expects_another_assignee_changes_nothing() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let (lee, mia) = (wire.desk.agent("lee").await, wire.desk.agent("mia").await);
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let assign = async |to: i64, expected: Value| {
        admin.put(&at(&uuid, "/assignee/user"), &json!({"assignee_id": to, "expected_assignee_id": expected})).await
    };
    assert_eq!(assign(lee.id.0, Value::Null).await.data(), json!(true));
    for stale in [json!(0), Value::Null, json!(mia.id.0)] {
        let refused = assign(mia.id.0, stale).await;
        refused.refuses(409, "ConflictException", "Conversation was changed by someone else");
    }
    assert_eq!(assign(mia.id.0, json!(lee.id.0)).await.data(), json!(true));
    assert_eq!(admin.get(&at(&uuid, "")).await.data()["assigned_user_id"], json!(mia.id.0));
}

#[tokio::test]
async fn a_changed_team_takes_the_conversation_from_its_agent() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let team = wire.desk.team("Support").await;
    let lee = wire.desk.agent("lee").await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    admin.put(&at(&uuid, "/assignee/user"), &json!({"assignee_id": lee.id.0})).await.data();
    assert_eq!(admin.put(&at(&uuid, "/assignee/team"), &json!({"assignee_id": team.0})).await.data(), json!(true));
    let view = admin.get(&at(&uuid, "")).await.data();
    assert_eq!((&view["assigned_user_id"], &view["assigned_team_id"]), (&Value::Null, &json!(team.0)));
    let unknown = admin.put(&at(&uuid, "/assignee/team"), &json!({"assignee_id": 99})).await;
    unknown.refuses(400, "InputException", "Team not found");
    admin.put(&at(&uuid, "/assignee/team"), &json!({})).await.refuses(400, "InputException", "`assignee_id` empty");
    assert_eq!(admin.put(&at(&uuid, "/assignee/team/remove"), &json!({})).await.data(), json!(true));
    assert_eq!(admin.get(&at(&uuid, "")).await.data()["assigned_team_id"], Value::Null);
}

#[tokio::test]
async fn a_teams_manager_assigns_within_the_team() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let team = wire.desk.team("Support").await;
    let rights = ["conversations:read", "conversations:read_assigned", "messages:write"];
    admin.post("/api/v1/roles", &json!({"name": "Reader", "permissions": rights})).await.data();
    let lead = wire.desk.agent("lee").role("Reader").member(team, MembershipRole::Manager).await;
    let client = wire.client(&lead);
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let take = json!({"assignee_id": lead.id.0});
    client.put(&at(&uuid, "/assignee/user"), &take).await.refuses(403, "PermissionException", "Permission denied");
    admin.put(&at(&uuid, "/assignee/team"), &json!({"assignee_id": team.0})).await.data();
    assert_eq!(client.put(&at(&uuid, "/assignee/user"), &take).await.data(), json!(true));
}

#[tokio::test]
async fn five_priorities_can_be_set() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    for (rank, name) in (1..).zip(["Highest", "High", "Medium", "Low", "Lowest"]) {
        let sent = json!({"priority": name.to_uppercase()});
        assert_eq!(admin.put(&at(&uuid, "/priority"), &sent).await.data(), json!(true));
        let view = admin.get(&at(&uuid, "")).await.data();
        assert_eq!((&view["priority"], &view["priority_id"]), (&json!(name), &json!(rank)));
    }
    admin.put(&at(&uuid, "/priority"), &json!({"priority": ""})).await.refuses(
        400,
        "InputException",
        "`priority` empty",
    );
}

#[tokio::test]
async fn deviation_an_unknown_priority_is_refused() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    admin.put(&at(&uuid, "/priority"), &json!({"priority": "High"})).await.data();
    let unknown = admin.put(&at(&uuid, "/priority"), &json!({"priority": "Urgent"})).await;
    unknown.refuses(400, "InputException", "Invalid `priority`");
    assert_eq!(admin.get(&at(&uuid, "")).await.data()["priority"], "High");
}

#[tokio::test]
async fn a_status_opens_parks_resolves_and_closes() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    for (sent, category) in [
        (json!({"status": "Snoozed", "snoozed_until": "1h30m"}), "waiting"),
        (json!({"status": "Open"}), "open"),
        (json!({"status": "Resolved"}), "resolved"),
        (json!({"status": "Closed"}), "resolved"),
        (json!({"status": "Open"}), "open"),
    ] {
        assert_eq!(admin.put(&at(&uuid, "/status"), &sent).await.data(), json!(true), "{sent}");
        let view = admin.get(&at(&uuid, "")).await.data();
        assert_eq!((&view["status"], &view["status_category"]), (&sent["status"], &json!(category)));
        assert_eq!(view["snoozed_until"].is_string(), category == "waiting");
    }
    for (sent, message) in [
        (json!({}), "`status` empty"),
        (json!({"status": "Snoozed"}), "`snoozed_until` empty"),
        (json!({"status": " snoozed "}), "`snoozed_until` empty"),
        (json!({"status": "Snoozed", "snoozed_until": "tomorrow"}), "Bad request"),
        (json!({"status": "Snoozed", "snoozed_until": "0s"}), "Invalid snooze duration"),
        (json!({"status": "Snoozed", "snoozed_until": "-5m"}), "Invalid snooze duration"),
    ] {
        admin.put(&at(&uuid, "/status"), &sent).await.refuses(400, "InputException", message);
    }
}

#[tokio::test]
async fn deviation_an_unknown_status_is_refused_with_400() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let unknown = admin.put(&at(&uuid, "/status"), &json!({"status": "Lost"})).await;
    unknown.refuses(400, "InputException", "Invalid `status`");
    assert_eq!(admin.get(&at(&uuid, "")).await.data()["status"], "Open");
}

#[tokio::test]
async fn deviation_a_disabled_inbox_is_named_so() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let disabled = InboxPatch { enabled: Some(false), ..InboxPatch::default() };
    wire.desk.app.update_inbox(&Caller::operator(), inbox.id, disabled).await.unwrap();
    let answer = admin.post(CONVERSATIONS, &body(&inbox, "zoe@example.org")).await;
    answer.refuses(400, "InputException", "Inbox is disabled");
}

#[tokio::test]
async fn deviation_the_contacts_others_are_shown_beside_an_old_conversation_too() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let first = started(&wire, &admin, &inbox, "zoe@example.org").await;
    for _ in 0..11 {
        started(&wire, &admin, &inbox, "zoe@example.org").await;
    }
    let previous = admin.get(&at(&first, "")).await.data()["previous_conversations"].clone();
    assert_eq!(previous.as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn what_was_read_counts_no_more() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let unread = async || admin.get(&at("all", "")).await.data()["results"][0]["unread_message_count"].clone();
    assert_eq!(unread().await, json!(1));
    assert_eq!(admin.put(&at(&uuid, "/last-seen"), &json!({})).await.data(), json!(true));
    assert_eq!(unread().await, json!(0));
    for number in 0..12 {
        let reply = json!({"message": format!("<p>{number}</p>"), "sender_type": "agent"});
        admin.post(&at(&uuid, "/messages"), &reply).await.data();
    }
    assert_eq!(unread().await, json!(10));
}

#[tokio::test]
async fn routing_tells_why_a_conversation_waits_and_who_got_it() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let lee = wire.desk.agent("lee").await;
    let uuid = started(&wire, &admin, &inbox, "zoe@example.org").await;
    let waiting = admin.get(&at(&uuid, "/routing")).await.data();
    assert_eq!(waiting["waiting"]["candidate_count"], 0);
    let excluded = waiting["waiting"]["excluded"].as_array().unwrap();
    assert!(excluded.iter().any(|one| one["agent_id"] == json!(lee.id.0) && one["reason"] == "absent"), "{waiting}");
    let words = waiting["words"].as_array().unwrap();
    assert!(words.iter().any(|line| line.as_str().unwrap().starts_with("Lee: ")), "{waiting}");
    wire.desk.goes_online(&lee).await;
    wire.desk.quiet().await;
    let routed = admin.get(&at(&uuid, "/routing")).await;
    let last = routed.data()["decisions"].as_array().unwrap().last().cloned().unwrap();
    assert_eq!((&last["outcome"], &last["agent_id"]), (&json!("assigned"), &json!(lee.id.0)));
    assert_eq!((&routed.data()["waiting"], &routed.data()["intact"]), (&Value::Null, &json!(true)));
    insta::assert_snapshot!(masked(&routed), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "words":[
          "Lee: no open conversation, never given one before",
          "Ada: not signed in"
        ],
        "waiting":null,
        "decisions":[
          {
            "at":"2026-01-05T09:00:00Z",
            "outcome":"nobody",
            "agent_id":null,
            "agent":null,
            "words":[
              "Ada: not signed in",
              "Lee: not signed in"
            ],
            "because":{
              "policy_version":1,
              "team_id":null,
              "manual":false,
              "skills":[],
              "candidates":[],
              "candidate_count":0,
              "excluded":[
                {
                  "agent_id":2,
                  "agent":"Ada",
                  "reason":"absent"
                },
                {
                  "agent_id":3,
                  "agent":"Lee",
                  "reason":"absent"
                }
              ],
              "excluded_counts":{
                "absent":2
              },
              "reasons":[
                "absent"
              ]
            },
            "policy_version":1,
            "hash":"[drawn 1]"
          },
          {
            "at":"2026-01-05T09:00:00Z",
            "outcome":"assigned",
            "agent_id":3,
            "agent":"Lee",
            "words":[
              "Lee: no open conversation, never given one before",
              "Ada: not signed in"
            ],
            "because":{
              "policy_version":1,
              "team_id":null,
              "manual":false,
              "skills":[],
              "candidates":[
                {
                  "agent_id":3,
                  "agent":"Lee",
                  "preferred":false,
                  "open_conversations":0,
                  "levels":[],
                  "order":null,
                  "assignment_count":null,
                  "last_assigned_at":null
                }
              ],
              "candidate_count":1,
              "excluded":[
                {
                  "agent_id":2,
                  "agent":"Ada",
                  "reason":"absent"
                }
              ],
              "excluded_counts":{
                "absent":1
              },
              "reasons":[]
            },
            "policy_version":1,
            "hash":"[drawn 2]"
          }
        ],
        "intact":true
      }
    }
    "#);
}
