//! Lists of conversations: filters, and what mentions the reader.

use muster_core::inbox::Inbox;
use muster_testkit::Client;
use reqwest::Url;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const ALL: &str = "/api/v1/conversations/all";

/// A query that asks for these filters.
pub(crate) fn filtered(path: &str, filters: &Value) -> String {
    let url = Url::parse_with_params("http://desk", [("filters", filters.to_string())]).unwrap();
    format!("{path}?{}", url.query().unwrap())
}

pub(crate) fn leaf(field: &str, operator: &str, value: &str) -> Value {
    let (model, field) = field.split_once('.').unwrap();
    json!({"model": model, "field": field, "operator": operator, "value": value})
}

pub(crate) async fn started(wire: &Wire, client: &Client, inbox: &Inbox, email: &str, content: &str) -> String {
    let body = json!({"inbox_id": inbox.id.0, "contact_email": email, "first_name": "Pat", "content": content,
                      "subject": "A lamp", "initiator": "contact"});
    let answer = client.post("/api/v1/conversations", &body).await;
    wire.desk.quiet().await;
    answer.data()["uuid"].as_str().unwrap().to_owned()
}

async fn found(client: &Client, filters: &Value) -> Vec<String> {
    let page = client.get(&filtered(ALL, filters)).await.data();
    let results = page["results"].as_array().unwrap();
    assert_eq!(page["total"], results.len());
    results.iter().map(|item| item["uuid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn filters_pick_from_a_list() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let kim = wire.desk.agent("kim").await;
    let first = started(&wire, &admin, &inbox, "pat@example.org", "Hello").await;
    let second = started(&wire, &admin, &inbox, "sam@example.com", "Hello").await;
    let path = format!("/api/v1/conversations/{first}");
    admin.put(&format!("{path}/priority"), &json!({"priority": "High"})).await.data();
    admin.put(&format!("{path}/assignee/user"), &json!({"assignee_id": kim.id.0})).await.data();
    admin.put(&format!("{path}/status"), &json!({"status": "Resolved"})).await.data();
    let kim = kim.id.0.to_string();
    for (rule, picked) in [
        (leaf("conversations.status_id", "equals", "3"), &[&first][..]),
        (leaf("conversation_statuses.name", "equals", "Open"), &[&second]),
        (leaf("conversations.priority_id", "in", r#"["1","2"]"#), &[&first]),
        (leaf("conversations.priority_id", "not set", ""), &[&second]),
        (leaf("conversations.assigned_user_id", "equals", &kim), &[&first]),
        (leaf("users.email", "contains", "EXAMPLE.org"), &[&first]),
        (leaf("users.email", "not contains", "sam"), &[&first]),
        (leaf("inboxes.channel", "equals", "livechat"), &[&second, &first]),
        (leaf("conversations.created_at", "equals", "2026-01-05"), &[&second, &first]),
        (leaf("conversations.created_at", "greater than", "2026-01-05"), &[]),
        (leaf("conversations.last_message_at", "between", "2026-01-04,2026-01-05"), &[&second, &first]),
        (leaf("conversations.last_interaction_sender", "equals", "contact"), &[&second, &first]),
        (leaf("conversations.tags", "not set", ""), &[&second, &first]),
        (leaf("conversations.tags", "contains", r#"["1"]"#), &[]),
    ] {
        let picked: Vec<String> = picked.iter().copied().cloned().collect();
        assert_eq!(found(&admin, &json!([rule])).await, picked, "{rule}");
    }
    let either = json!({"logic": "OR", "rules": [
        leaf("conversations.status_id", "equals", "3"),
        {"logic": "AND", "rules": [leaf("conversations.status_id", "equals", "1"), leaf("users.email", "contains", "sam")]},
    ]});
    assert_eq!(found(&admin, &either).await, [second.as_str(), first.as_str()]);
    let mine = admin.get(&filtered("/api/v1/conversations/assigned", &json!([leaf("users.email", "set", "")]))).await;
    assert_eq!(mine.data()["total"], 0, "a filter adds nothing to a list");
}

#[tokio::test]
async fn deviation_negative_operators_hold_where_there_is_no_value() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let uuid = started(&wire, &admin, &inbox, "pat@example.org", "Hello").await;
    for field in ["conversations.assigned_user_id", "conversations.priority_id", "conversations.assigned_team_id"] {
        assert_eq!(found(&admin, &json!([leaf(field, "not equals", "1")])).await, [uuid.as_str()]);
    }
    assert_eq!(found(&admin, &json!([leaf("users.external_user_id", "not contains", "x")])).await, [uuid.as_str()]);
}

#[tokio::test]
async fn filters_are_bounded() {
    let (_wire, admin) = Wire::new().await;
    let rule = leaf("conversations.status_id", "equals", "1");
    let group = |rules: Vec<Value>| json!({"logic": "AND", "rules": rules});
    let groups = |count: usize| group(vec![group(vec![rule.clone()]); count]);
    assert_eq!(found(&admin, &groups(10)).await, [""; 0]);
    let message = "Too many filter groups. Maximum 10 groups are allowed.";
    admin.get(&filtered(ALL, &groups(11))).await.refuses(400, "InputException", message);
    let deep = group(vec![group(vec![group(vec![group(vec![rule.clone()])])])]);
    for filters in [deep, group(vec![rule.clone(); 51]), json!([leaf("conversations.status_id", "is", "1")]), json!(7)]
    {
        admin.get(&filtered(ALL, &filters)).await.refuses(400, "InputException", "Invalid filters.");
    }
}

#[tokio::test]
async fn deviation_nothing_is_mentioned_that_may_not_be_read() {
    let (wire, admin) = Wire::new().await;
    let own = ["conversations:read", "conversations:read_assigned", "messages:read", "messages:write"];
    admin.post("/api/v1/roles", &json!({"name": "Own", "permissions": own})).await.data();
    let lee = wire.desk.agent("lee").role("Own").await;
    let client = wire.client(&lee);
    let mentioned = async || client.get("/api/v1/conversations/mentioned").await.data();
    let uuid = started(&wire, &admin, &wire.desk.inbox().await, "pat@example.org", "Hello").await;
    let path = format!("/api/v1/conversations/{uuid}");
    let note = json!({"message": "Please look", "sender_type": "agent", "private": true,
                      "mentions": [{"type": "agent", "id": lee.id.0}]});
    admin.post(&format!("{path}/messages"), &note).await.data();
    let none = json!({"results": [], "total": 0, "per_page": 30, "total_pages": 0, "page": 1});
    assert_eq!(mentioned().await, none);
    admin.put(&format!("{path}/assignee/user"), &json!({"assignee_id": lee.id.0})).await.data();
    let page = mentioned().await;
    assert_eq!((&page["total"], &page["results"][0]["uuid"]), (&json!(1), &json!(uuid)));
    let holder = wire.holder(&admin, &["messages:read"]).await;
    let answer = holder.get("/api/v1/conversations/mentioned").await;
    answer.refuses(403, "PermissionException", "Permission denied");
}
