//! The activity log.

use std::cmp::Reverse;

use muster_api_libredesk::{Access, Guard};
use muster_http::routes::Route;
use muster_testkit::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};
use crate::world::{World, is_unsafe, shown};

const LOG: &str = "/api/v1/activity-logs";

async fn log(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("{LOG}?page_size=500{query}")).await.data();
    page["results"].as_array().unwrap().clone()
}

fn types(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["activity_type"].as_str().unwrap()).collect()
}

fn filters(rules: &Value) -> String {
    format!(
        "&filters={}",
        rules.to_string().replace('%', "%25").replace('&', "%26").replace('"', "%22").replace(' ', "%20")
    )
}

fn leaf(field: &str, operator: &str, value: &str) -> Value {
    json!({"model": "activity_logs", "field": field, "operator": operator, "value": value})
}

#[tokio::test]
async fn a_change_is_told_with_who_what_and_from_where() {
    let (wire, admin) = Wire::new().await;
    let team = json!({"name": "Support", "conversation_assignment_type": "Manual", "timezone": "UTC"});
    let team = admin.post("/api/v1/teams", &team).await.data();
    let ada = admin.get("/api/v1/agents").await.data()[0]["id"].clone();
    let entry = log(&admin, "").await.remove(0);
    assert_eq!(entry["activity_type"], "team.created");
    assert_eq!(entry["activity_description"], format!("Ada created team Support (#{})", team["id"]));
    assert_eq!((&entry["actor_id"], &entry["target_model_type"]), (&ada, &json!("team")));
    assert_eq!((&entry["target_model_id"], &entry["ip"]), (&team["id"], &json!("127.0.0.1")));
    assert_eq!((&entry["created_at"], &entry["updated_at"]), (&json!("2026-01-05T09:00:00Z"), &entry["created_at"]));
    let ours = &entry["muster"];
    assert_eq!(
        (&ours["actor"], &ours["via"], &ours["before"]),
        (&json!(format!("agent:{ada}")), &json!("api"), &Value::Null)
    );
    assert!(ours["credential"].as_str().unwrap().starts_with("api_key:"), "{entry}");
    assert_eq!(ours["after"]["name"], "Support");
    drop(wire);
}

#[tokio::test]
async fn deviation_an_entry_names_whom_it_was_done_to_and_not_who_did_it() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    let changed =
        json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "new_password": "Correct-horse-8"});
    admin.put(&format!("/api/v1/agents/{}", kim.id.0), &changed).await.data();
    let set = log(&admin, &filters(&json!([leaf("activity_type", "equals", "agent_password_set")]))).await;
    let latest = &set[0];
    assert_eq!(latest["target_model_id"], kim.id.0);
    assert_ne!(latest["actor_id"], latest["target_model_id"]);
    assert_eq!(latest["activity_description"], format!("Ada set the password of agent Kim (#{})", kim.id.0));
    let whole = log(&admin, "").await;
    assert!(whole.iter().all(|entry| !entry.to_string().contains("Correct-horse")), "a secret is in the log");
}

#[tokio::test]
async fn the_log_is_filtered_and_ordered() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    admin.post("/api/v1/roles", &json!({"name": "Reader", "permissions": ["messages:read"]})).await.data();
    wire.desk.clock.jump(std::time::Duration::from_secs(24 * 3600));
    let session = wire.sign_in("kim@example.org").await;
    assert_eq!(session.get("/logout").await.status(), 302);
    let one = |rule: Value| filters(&json!([rule]));
    for (word, times) in [("agent_login", 1), ("agent_logout", 1), ("agent_online", 0)] {
        assert_eq!(types(&log(&admin, &one(leaf("activity_type", "equals", word))).await), vec![word; times]);
    }
    let either = json!(["agent_login", "agent_logout"]).to_string();
    assert_eq!(types(&log(&admin, &one(leaf("activity_type", "in", &either))).await), ["agent_logout", "agent_login"]);
    let contains = log(&admin, &one(leaf("activity_type", "contains", "LOGO"))).await;
    assert_eq!(types(&contains), ["agent_logout"]);
    let all = log(&admin, "").await.len();
    assert_eq!(log(&admin, &one(leaf("activity_type", "not equals", "agent_login"))).await.len(), all - 1);
    let logout = &contains[0];
    assert_eq!((&logout["actor_id"], &logout["target_model_id"]), (&json!(kim.id.0), &json!(kim.id.0)));
    assert_eq!(logout["activity_description"], "Kim signed out");
    let ada = admin.get("/api/v1/agents/me").await.data()["id"].to_string();
    let by_ada = log(&admin, &one(leaf("actor_id", "equals", &ada))).await;
    assert_eq!(types(&by_ada), ["role.created"]);
    assert_eq!(log(&admin, &one(leaf("actor_id", "not equals", &ada))).await.len(), all - 1);
    assert_eq!(
        types(&log(&admin, &one(leaf("created_at", "equals", "2026-01-06"))).await),
        ["agent_logout", "agent_login"]
    );
    assert_eq!(log(&admin, &one(leaf("created_at", "less than", "2026-01-06"))).await.len(), all - 2);
    assert_eq!(
        log(&admin, &one(leaf("ip", "set", ""))).await.len(),
        log(&admin, &one(leaf("ip", "contains", "127."))).await.len()
    );
    let either =
        json!({"logic": "OR", "rules": [leaf("activity_type", "equals", "agent_login"), leaf("ip", "equals", "no")]});
    assert_eq!(types(&log(&admin, &filters(&either)).await), ["agent_login"]);

    let oldest = log(&admin, "&order=asc").await;
    let newest = log(&admin, "&order=DESC&order_by=activity_logs.created_at").await;
    assert_eq!(oldest.iter().rev().collect::<Vec<_>>(), newest.iter().collect::<Vec<_>>());
    for by in ["activity_type", "actor_id", "ip"] {
        assert_eq!(log(&admin, &format!("&order_by=activity_logs.{by}")).await.len(), all);
    }
    let page = admin.get(&format!("{LOG}?page=2&page_size=2")).await.data();
    assert_eq!((&page["total"], &page["results"][0]), (&json!(all), &newest[2]));
}

#[tokio::test]
async fn deviation_what_the_log_can_not_be_asked_is_refused() {
    let (wire, admin) = Wire::new().await;
    for query in [
        "&order=up".to_owned(),
        "&order_by=created_at".to_owned(),
        "&order_by=activity_logs.before".to_owned(),
        "&filters=nonsense".to_owned(),
        filters(&json!([leaf("before", "set", "")])),
        filters(&json!([leaf("actor_id", "greater than", "3")])),
        filters(&json!([leaf("actor_id", "equals", "kim")])),
        filters(&json!([leaf("created_at", "equals", "yesterday")])),
        filters(&json!([{"model": "users", "field": "ip", "operator": "set", "value": ""}])),
        filters(&json!({"logic": "AND", "rules": [{"logic": "OR", "rules": [leaf("ip", "set", "")]}]})),
    ] {
        admin.get(&format!("{LOG}?{}", &query[1..])).await.refuses(400, "InputException", "Invalid filters.");
    }
    let kim = wire.client(&wire.desk.agent("kim").await);
    kim.get(LOG).await.refuses(403, "PermissionException", "Permission denied");
}

/// Entries without values: what they are about is a secret, or nothing but done.
const WITHOUT_VALUES: [&str; 7] = [
    "api_key.created",
    "api_key.revoked",
    "credentials.revoked",
    "link.created",
    "agent_logout",
    "contact.erased",
    "job.retried",
];
/// Routes that have nothing to change here: the same again; a job of its own; no second factor; no session any more.
const WITHOUT_ENTRY: [&str; 6] = [
    "DELETE /api/v1/agents/{id}/sessions",
    "PUT /api/v1/shared-views/{id}",
    "PUT /api/v1/settings/notifications/email",
    "POST /api/v1/agents/import",
    "POST /api/v1/tags/import",
    "DELETE /api/v1/agents/{id}/second-factor",
];

/// Whether the route changes something that people configure.
fn configures(route: &Route<Guard>) -> bool {
    let Access::May(permission) = route.guard.access else { return false };
    is_unsafe(&route.method) && permission.as_str().ends_with(":manage")
}

#[tokio::test]
async fn every_change_of_configuration_is_told_with_its_values() {
    let world = World::new().await;
    let mut routes: Vec<_> = world.wire.routes.iter().filter(|route| configures(route)).collect();
    routes.sort_by_key(|route| (route.method == Method::DELETE, Reverse(route.path.len())));
    let mut seen = latest(&world.admin).await;
    for route in &routes {
        world.call(&world.admin, route).await.data();
        let entries = log(&world.admin, "").await;
        let new: Vec<&Value> = entries.iter().filter(|entry| entry["id"].as_i64() > seen).collect();
        assert!(!new.is_empty() || WITHOUT_ENTRY.contains(&shown(route).as_str()), "{}", shown(route));
        for entry in new {
            assert!(entry["actor_id"].is_i64(), "{}: {entry}", shown(route));
            let is_told = !entry["muster"]["before"].is_null() || !entry["muster"]["after"].is_null();
            let kind = entry["activity_type"].as_str().unwrap();
            assert_ne!(is_told, WITHOUT_VALUES.contains(&kind), "{}: {entry}", shown(route));
        }
        seen = latest(&world.admin).await;
    }
    assert!(routes.len() > 50, "{}", routes.len());
}

async fn latest(client: &Client) -> Option<i64> {
    log(client, "").await[0]["id"].as_i64()
}
