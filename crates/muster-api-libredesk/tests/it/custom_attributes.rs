//! Definitions of custom attributes.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const ATTRIBUTES: &str = "/api/v1/custom-attributes";
/// The two lists of agents are there from the start, so this is the first that is made.
const FIRST: &str = "/api/v1/custom-attributes/3";

fn plan() -> Value {
    json!({"name": "Plan", "description": "What they pay for", "applies_to": "contact", "key": "plan",
           "data_type": "list", "values": ["free", "paid"], "regex": "", "regex_hint": ""})
}

/// The body with one field changed.
fn with(field: &str, value: Value) -> Value {
    let mut body = plan();
    body[field] = value;
    body
}

#[tokio::test]
async fn an_attribute_is_created_read_changed_and_deleted() {
    let (_wire, admin) = Wire::new().await;
    let created = admin.post(ATTRIBUTES, &plan()).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":3,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"Plan",
        "description":"What they pay for",
        "applies_to":"contact",
        "key":"plan",
        "values":[
          "free",
          "paid"
        ],
        "data_type":"list",
        "regex":"",
        "regex_hint":""
      }
    }
    "#);
    assert_eq!(admin.get(FIRST).await.data(), created.data());
    assert_eq!(admin.put(FIRST, &json!({})).await.data(), created.data());
    assert_eq!(admin.put(FIRST, &created.data()).await.data(), created.data());
    let data = admin.put(FIRST, &json!({"name": "Tariff", "values": ["gold"]})).await.data();
    assert_eq!((&data["name"], &data["values"]), (&json!("Tariff"), &json!(["gold"])));
    assert_eq!(data["description"], "What they pay for");
    assert_eq!(admin.delete(FIRST).await.data(), true);
    for answer in [admin.get(FIRST).await, admin.put(FIRST, &json!({})).await, admin.delete(FIRST).await] {
        answer.refuses(400, "InputException", "Custom attribute not found");
    }
}

#[tokio::test]
async fn every_agent_lists_attributes_and_the_rest_takes_a_permission() {
    let (wire, admin) = Wire::new().await;
    admin.post(ATTRIBUTES, &plan()).await.data();
    admin.post(ATTRIBUTES, &with("applies_to", json!("conversation"))).await.data();
    let kim = wire.client(&wire.desk.agent("kim").await);
    let listed = async |query: &str| {
        let list = kim.get(&format!("{ATTRIBUTES}{query}")).await.data();
        let shown = |one: &Value| format!("{} {}", one["applies_to"].as_str().unwrap(), one["key"].as_str().unwrap());
        list.as_array().unwrap().iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(listed("?applies_to=contact").await, ["contact plan"]);
    assert_eq!(listed("?applies_to=agent.custom").await, ["agent.custom business", "agent.custom location"]);
    assert!(listed("?applies_to=agent.skill").await.is_empty());
    assert_eq!(listed("").await.len(), 4);
    let answer = kim.get(&format!("{ATTRIBUTES}?applies_to=team")).await;
    answer.refuses(400, "InputException", "Invalid `applies_to`");
    for answer in [
        kim.post(ATTRIBUTES, &plan()).await,
        kim.get(FIRST).await,
        kim.put(FIRST, &plan()).await,
        kim.delete(FIRST).await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let (_wire, admin) = Wire::new().await;
    admin.post(ATTRIBUTES, &plan()).await.data();
    for (field, name) in [
        ("name", "name"),
        ("applies_to", "applies_to"),
        ("data_type", "type"),
        ("description", "description"),
        ("key", "key"),
    ] {
        for blank in [Value::Null, json!(""), json!(" ")] {
            let answer = admin.post(ATTRIBUTES, &with(field, blank)).await;
            answer.refuses(400, "InputException", &format!("`{name}` empty"));
        }
    }
    for (field, value, message) in [
        ("applies_to", json!("team"), "Invalid `applies_to`"),
        ("data_type", json!("bool"), "Invalid `data_type`"),
        ("key", json!("assigned_user"), "Invalid `key`"),
        ("key", json!("a\\b"), "Invalid `key`"),
        ("key", json!("k".repeat(65)), "Key is too long, should be at most 64 characters"),
        ("name", json!("x".repeat(141)), "Name is too long, should be at most 140 characters"),
        ("values", json!(["a", "A"]), "Invalid `values`"),
        ("regex", json!("x"), "Invalid `regex`"),
        ("key", json!("PLAN"), "Custom attribute already exists"),
    ] {
        admin.post(ATTRIBUTES, &with(field, value)).await.refuses(400, "InputException", message);
    }
    for (body, message) in [(json!({"name": ""}), "`name` empty"), (json!({"description": ""}), "`description` empty")]
    {
        admin.put(FIRST, &body).await.refuses(400, "InputException", message);
    }
    admin.get(&format!("{ATTRIBUTES}/x")).await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn deviation_key_type_and_what_it_applies_to_never_change() {
    let (_wire, admin) = Wire::new().await;
    let created = admin.post(ATTRIBUTES, &plan()).await.data();
    for (field, value) in [("key", "tariff"), ("data_type", "text"), ("applies_to", "conversation")] {
        let answer = admin.put(FIRST, &with(field, json!(value))).await;
        answer.refuses(400, "InputException", &format!("Invalid `{field}`"));
    }
    assert_eq!(admin.get(FIRST).await.data(), created);
}

#[tokio::test]
async fn deviation_a_value_fits_its_data_type() {
    let (wire, admin) = Wire::new().await;
    let path = format!("/api/v1/agents/{}", wire.desk.agent("kim").await.id);
    for (data_type, good, bad) in [
        ("text", json!("ab"), json!("12")),
        ("number", json!(1.5), json!("1.5")),
        ("checkbox", json!(true), json!("true")),
        ("date", json!("2026-02-28"), json!("2026-02-30")),
        ("link", json!("https://example.org"), json!("javascript:alert(1)")),
        ("list", json!("free"), json!("gold")),
        ("multi", json!(["free", "paid"]), json!(["gold"])),
    ] {
        let mut definition = plan();
        definition["applies_to"] = json!("agent.custom");
        (definition["key"], definition["data_type"]) = (json!(data_type), json!(data_type));
        if data_type == "text" {
            definition["regex"] = json!("^[a-z]+$");
        }
        let made = admin.post(ATTRIBUTES, &definition).await.data();
        assert_eq!((&made["data_type"], &made["applies_to"]), (&json!(data_type), &json!("agent.custom")));
        let write = async |value: &Value| {
            let muster = json!({"custom_attributes": {data_type: value}});
            let body = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "muster": muster});
            admin.put(&path, &body).await
        };
        assert_eq!(write(&good).await.data()["custom_attributes"][data_type], good);
        write(&bad).await.refuses(400, "InputException", "Invalid `custom_attributes`");
    }
}

#[tokio::test]
async fn what_is_in_use_stays_usable() {
    let (wire, admin) = Wire::new().await;
    let path = format!("/api/v1/agents/{}", wire.desk.agent("kim").await.id);
    let business = "/api/v1/custom-attributes/1";
    admin.put(business, &json!({"values": ["Retail", "Wholesale"]})).await.data();
    let kim =
        |muster: Value| json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "muster": muster});
    admin.put(&path, &kim(json!({"custom_attributes": {"business": "Retail"}}))).await.data();
    let answer = admin.put(business, &json!({"values": ["Wholesale"]})).await;
    answer.refuses(400, "InputException", "Invalid `values`");
    admin.delete(business).await.data();
    assert_eq!(admin.get(&path).await.data()["custom_attributes"], json!({}));
    let mut language = with("applies_to", json!("agent.skill"));
    (language["key"], language["data_type"]) = (json!("language"), json!("text"));
    admin.post(ATTRIBUTES, &language).await.data();
    let rule = json!({"test": {"attribute": "language", "op": "eq", "value": "fr"}});
    admin.post("/api/v1/skills", &json!({"name": "French", "rule": rule})).await.data();
    let message = "The rule of skill French needs this attribute, Please change it first";
    admin.delete(FIRST).await.refuses(409, "ConflictException", message);
    admin.put("/api/v1/skills/1", &json!({"rule": null})).await.data();
    assert_eq!(admin.delete(FIRST).await.data(), true);
}
