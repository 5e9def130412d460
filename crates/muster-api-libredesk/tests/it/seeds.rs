//! The two documentation pages "Create agent" and "Update agent", line by line: each request field, each documented
//! response field, the header and the status. `docs/dialects/libredesk-seeds.md` maps the lines to these tests.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_core::presence::LeaseKind;
use muster_testkit::{Client, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const AGENTS: &str = "/api/v1/agents";

/// The response of the page "Create agent", without what the page obfuscates.
fn documented_by_create() -> Value {
    json!({
        "status": "success",
        "data": {
            "id": 1,
            "created_at": "2025-08-28T10:00:00Z",
            "updated_at": "2025-08-28T10:00:00Z",
            "first_name": "John",
            "last_name": "Doe",
            "email": "john@example.org",
            "type": "agent",
            "availability_status": "online",
            "phone_number_calling_code": "+1",
            "phone_number": "1234567890",
            "avatar_url": "/avatars/agent1.jpg",
            "enabled": true,
            "last_active_at": "2025-08-28T10:00:00Z",
            "last_login_at": "2025-08-28T10:00:00Z",
            "roles": ["admin"],
            "permissions": ["conversations:read"],
            "custom_attributes": {},
            "teams": [{"id": 1, "name": "Support Team", "emoji": "🛠️"}],
            "api_key": "<string>",
            "api_key_last_used_at": "2023-11-07T05:31:56Z"
        }
    })
}

/// The response of the page "Update agent": the same but for the phone's code.
fn documented_by_update() -> Value {
    let mut body = documented_by_create();
    let data = body["data"].as_object_mut().unwrap();
    data.remove("phone_number_calling_code");
    data.insert("phone_number_country_code".to_owned(), json!("US"));
    body
}

/// A desk with the team that both pages show.
async fn desk() -> (Wire, Client) {
    let (wire, admin) = Wire::new().await;
    let team = json!({"name": "Support Team", "emoji": "🛠️"});
    assert_eq!(admin.post("/api/v1/teams", &team).await.status(), 200);
    (wire, admin)
}

/// The body of the page "Create agent".
fn create_body() -> Value {
    json!({
        "first_name": "John",
        "last_name": "Doe",
        "email": "john@example.org",
        "send_welcome_email": true,
        "teams": ["Support Team"],
        "enabled": true,
        "role": "Agent"
    })
}

/// The body of the page "Update agent".
fn update_body() -> Value {
    json!({
        "first_name": "John",
        "last_name": "Doe",
        "email": "john@example.org",
        "roles": ["Agent"],
        "send_welcome_email": true,
        "teams": ["Support Team"],
        "enabled": true,
        "availability_status": "online",
        "new_password": PASSWORD
    })
}

async fn create(admin: &Client) -> i64 {
    admin.post(AGENTS, &create_body()).await.data()["id"].as_i64().unwrap()
}

/// Creates the agent, and sends the body of an update with these changes.
async fn update(admin: &Client, changes: Value) -> Value {
    let id = create(admin).await;
    let mut body = update_body();
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    admin.put(&format!("{AGENTS}/{id}"), &body).await.data()
}

/// Compares keys and JSON types, and the answer's may be more. An answer's null stands for a value nobody gave yet.
fn assert_holds(answer: &Value, documented: &Value, place: &str) {
    match (answer, documented) {
        (Value::Object(answer), Value::Object(documented)) => {
            for (key, value) in documented {
                let found = answer.get(key).unwrap_or_else(|| panic!("{place}.{key} is missing"));
                assert_holds(found, value, &format!("{place}.{key}"));
            }
        }
        (Value::Array(answer), Value::Array(documented)) => {
            for found in answer {
                assert_holds(found, &documented[0], &format!("{place}[]"));
            }
        }
        (Value::Null, _) => {}
        (answer, documented) => {
            let kind = std::mem::discriminant::<Value>;
            assert_eq!(kind(answer), kind(documented), "{place}: {answer} for {documented}");
        }
    }
}

#[tokio::test]
async fn create_takes_the_documented_request_and_answers_200() {
    let (_wire, admin) = desk().await;
    let answer = admin.post(AGENTS, &create_body()).await;
    assert_eq!(answer.status(), 200, "{}", answer.shown());
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    let data = answer.data();
    assert_eq!(data["first_name"], "John");
    assert_eq!(data["last_name"], "Doe");
    assert_eq!(data["email"], "john@example.org");
    assert_eq!(data["enabled"], true);
    assert_eq!(data["roles"], json!(["Agent"]));
    assert_eq!(data["teams"], json!([{"id": 1, "name": "Support Team", "emoji": "🛠️"}]));
}

#[tokio::test]
async fn create_answers_every_documented_field_with_its_type() {
    let (_wire, admin) = desk().await;
    assert_holds(&admin.post(AGENTS, &create_body()).await.json(), &documented_by_create(), "$");
}

#[tokio::test]
async fn update_answers_every_documented_field_with_its_type() {
    let (_wire, admin) = desk().await;
    let id = create(&admin).await;
    let answer = admin.put(&format!("{AGENTS}/{id}"), &update_body()).await;
    assert_eq!(answer.status(), 200, "{}", answer.shown());
    assert_holds(&answer.json(), &documented_by_update(), "$");
}

#[tokio::test]
async fn documented_fields_that_a_new_agent_lacks_are_filled_once_there_is_something() {
    let (wire, admin) = desk().await;
    let phone = json!({"phone_number_country_code": "US", "phone_number": "1234567890"});
    let data = update(&admin, json!({"muster": phone})).await;
    assert_eq!(data["phone_number_country_code"], "US");
    assert_eq!(data["phone_number_calling_code"], "+1");
    assert_eq!(data["phone_number"], "1234567890");
    wire.sign_in("john@example.org").await;
    let path = format!("{AGENTS}/{}", data["id"]);
    assert_eq!(admin.get(&path).await.data()["last_login_at"], "2026-01-05T09:00:00Z");
}

#[tokio::test]
async fn a_key_and_the_last_activity_are_shown() {
    let (wire, admin) = desk().await;
    let kim = wire.desk.agent("kim").await;
    let path = format!("{AGENTS}/{}", kim.id);
    let caller = kim.caller();
    let proof = wire.desk.app.prove_presence(&caller, "socket", LeaseKind::Socket, true);
    proof.await.unwrap();
    assert_eq!(wire.client(&kim).get("/api/v1/agents/me").await.status(), 200);
    wire.desk.advance(Duration::from_secs(120)).await;
    wire.client(&kim).get("/api/v1/agents/me").await.data();
    let data = admin.get(&path).await.data();
    assert_eq!(data["api_key"], kim.key.0.as_str());
    assert_eq!(data["last_active_at"], "2026-01-05T09:00:00Z");
    assert!(data["api_key_last_used_at"].is_string(), "{data}");
}

#[tokio::test]
async fn the_document_says_what_the_pages_say() {
    let wire = Wire::empty().await;
    let paths = &wire.document["paths"];
    let (create, update) = (&paths["/api/v1/agents"]["post"], &paths["/api/v1/agents/{id}"]["put"]);
    assert_eq!(create["requestBody"]["description"], "Agent creation details");
    assert_eq!(create["responses"]["200"]["description"], "Agent created successfully");
    assert_eq!(update["requestBody"]["description"], "Agent update details");
    assert_eq!(update["responses"]["200"]["description"], "Agent updated successfully");
    let id = &update["parameters"][0];
    assert_eq!((&id["name"], &id["in"], &id["required"]), (&json!("id"), &json!("path"), &json!(true)));
    assert_eq!(id["schema"]["type"], "string");
    let scheme = &wire.document["components"]["securitySchemes"]["api_key"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&json!("http"), &json!("basic")));
    assert!(scheme["description"].as_str().unwrap().contains("Basic <base64(api_key:api_secret)>"));
    let schemas = &wire.document["components"]["schemas"];
    let statuses = json!(["online", "away", "away_manual", "offline", "away_and_reassigning"]);
    assert_eq!(schemas["AvailabilityStatus"]["enum"], statuses);
    let fields = schemas["AgentRequest"]["properties"].as_object().unwrap();
    let asked = create_body()
        .as_object()
        .unwrap()
        .keys()
        .chain(update_body().as_object().unwrap().keys())
        .cloned()
        .collect::<Vec<_>>();
    assert!(asked.iter().all(|field| fields.contains_key(field)), "{asked:?}");
}

#[tokio::test]
async fn instants_are_rfc_3339_without_a_fraction_where_there_is_none() {
    let (_wire, admin) = desk().await;
    let data = admin.post(AGENTS, &create_body()).await.data();
    assert_eq!(data["created_at"], "2026-01-05T09:00:00Z");
    assert_eq!(data["updated_at"], "2026-01-05T09:00:00Z");
}

#[tokio::test]
async fn the_status_is_success_and_the_data_one_object() {
    let (_wire, admin) = desk().await;
    let body = admin.post(AGENTS, &create_body()).await.json();
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["data", "status"]);
    assert_eq!(body["status"], "success");
    assert!(body["data"].is_object());
}

#[tokio::test]
async fn the_key_pair_comes_as_basic_base64_of_key_colon_secret() {
    let wire = Wire::empty().await;
    let (key, secret) = wire.desk.admin().await.key;
    let encoded = format!("Basic {}", STANDARD.encode(format!("{key}:{secret}")));
    let caller = wire.nobody().header("authorization", &encoded);
    let body = json!({"first_name": "John", "email": "john@example.org", "role": "Agent"});
    assert_eq!(caller.post(AGENTS, &body).await.status(), 200);
}

#[tokio::test]
async fn authorization_is_required() {
    let (wire, _) = desk().await;
    let nobody = wire.nobody();
    nobody.post(AGENTS, &create_body()).await.refuses(403, "PermissionException", "CSRF token mismatch");
    nobody.put("/api/v1/agents/1", &update_body()).await.refuses(403, "PermissionException", "CSRF token mismatch");
    nobody.get(AGENTS).await.refuses(401, "GeneralException", "Invalid or expired session");
    let wrong = wire.nobody().header("authorization", &format!("Basic {}", STANDARD.encode("key:secret")));
    wrong.post(AGENTS, &create_body()).await.refuses(401, "GeneralException", "Invalid credential");
}

#[tokio::test]
async fn the_content_type_is_json() {
    let (_wire, admin) = desk().await;
    let request = admin.request(Method::POST, AGENTS).header("content-type", "application/json");
    assert_eq!(admin.send(request.body(create_body().to_string())).await.status(), 200);
}

#[tokio::test]
async fn send_welcome_email_asks_for_a_mail_on_creation_only() {
    let (wire, admin) = desk().await;
    let before = wire.desk.digest().await;
    let mut body = create_body();
    body["send_welcome_email"] = json!(false);
    let id = admin.post(AGENTS, &body).await.data()["id"].clone();
    let without = wire.desk.digest().await;
    assert!(!without.changed_since(&before).contains(&"jobs".to_owned()));
    let mut body = create_body();
    body["email"] = json!("jane@example.org");
    admin.post(AGENTS, &body).await.data();
    let with = wire.desk.digest().await;
    assert!(with.changed_since(&without).contains(&"jobs".to_owned()));
    admin.put(&format!("{AGENTS}/{id}"), &update_body()).await.data();
    assert!(!wire.desk.digest().await.changed_since(&with).contains(&"jobs".to_owned()));
}

#[tokio::test]
async fn create_deviation_enabled_is_honoured() {
    let (_wire, admin) = desk().await;
    let mut body = create_body();
    body["enabled"] = json!(false);
    assert_eq!(admin.post(AGENTS, &body).await.data()["enabled"], false);
    let mut body = create_body();
    body["email"] = json!("jane@example.org");
    body.as_object_mut().unwrap().remove("enabled");
    assert_eq!(admin.post(AGENTS, &body).await.data()["enabled"], true);
}

#[tokio::test]
async fn create_takes_role_as_one_text() {
    let (_wire, admin) = desk().await;
    let mut body = create_body();
    body["role"] = json!("admin");
    assert_eq!(admin.post(AGENTS, &body).await.data()["roles"], json!(["Admin"]));
}

#[tokio::test]
async fn update_takes_the_documented_request() {
    let (_wire, admin) = desk().await;
    let data = update(&admin, json!({})).await;
    assert_eq!(data["first_name"], "John");
    assert_eq!(data["roles"], json!(["Agent"]));
    assert_eq!(data["teams"], json!([{"id": 1, "name": "Support Team", "emoji": "🛠️"}]));
    assert_eq!(data["enabled"], true);
    assert_eq!(data["availability_status"], "online");
}

#[tokio::test]
async fn the_id_in_the_path_is_a_text_of_digits() {
    let (_wire, admin) = desk().await;
    for id in ["x", "0", "-1", "1.5", "99999999999999999999"] {
        let answer = admin.put(&format!("{AGENTS}/{id}"), &update_body()).await;
        answer.refuses(400, "InputException", "`id` empty");
    }
    let answer = admin.put(&format!("{AGENTS}/999"), &update_body()).await;
    answer.refuses(404, "NotFoundException", "User not found");
}

#[tokio::test]
async fn update_needs_first_name_email_and_roles() {
    let (_wire, admin) = desk().await;
    let path = format!("{AGENTS}/{}", create(&admin).await);
    for (field, message) in
        [("first_name", "`first_name` empty"), ("email", "`email` empty"), ("roles", "`role` empty")]
    {
        let mut body = update_body();
        body.as_object_mut().unwrap().remove(field);
        admin.put(&path, &body).await.refuses(400, "InputException", message);
    }
}

#[tokio::test]
async fn update_writes_first_name() {
    let (_wire, admin) = desk().await;
    assert_eq!(update(&admin, json!({"first_name": "Joan"})).await["first_name"], "Joan");
}

#[tokio::test]
async fn update_writes_email_which_has_to_be_one() {
    let (_wire, admin) = desk().await;
    let data = update(&admin, json!({"email": "Joan@Example.org"})).await;
    assert_eq!(data["email"], "joan@example.org");
    let mut body = update_body();
    body["email"] = json!("joan");
    let answer = admin.put(&format!("{AGENTS}/{}", data["id"]), &body).await;
    answer.refuses(400, "InputException", "Invalid email address");
}

#[tokio::test]
async fn update_writes_roles() {
    let (_wire, admin) = desk().await;
    assert_eq!(update(&admin, json!({"roles": ["Admin", "Agent"]})).await["roles"], json!(["Admin", "Agent"]));
}

#[tokio::test]
async fn update_writes_last_name() {
    let (_wire, admin) = desk().await;
    assert_eq!(update(&admin, json!({"last_name": "Roe"})).await["last_name"], "Roe");
}

#[tokio::test]
async fn update_writes_teams_by_name_or_id() {
    let (_wire, admin) = desk().await;
    admin.post("/api/v1/teams", &json!({"name": "Sales"})).await.data();
    let names = |data: &Value| data["teams"].as_array().unwrap().iter().map(|t| t["name"].clone()).collect::<Vec<_>>();
    let data = update(&admin, json!({"teams": ["2"]})).await;
    assert_eq!(names(&data), ["Sales"]);
    let path = format!("{AGENTS}/{}", data["id"]);
    for teams in [json!(["Sales", "Support Team"]), json!([2, 1]), json!([{"id": 1}, {"name": "Sales"}])] {
        let mut body = update_body();
        body["teams"] = teams;
        assert_eq!(names(&admin.put(&path, &body).await.data()), ["Support Team", "Sales"]);
    }
}

#[tokio::test]
async fn update_writes_enabled() {
    let (_wire, admin) = desk().await;
    let data = update(&admin, json!({"enabled": false})).await;
    assert_eq!(data["enabled"], false);
    assert_eq!(data["availability_status"], "offline");
}

#[tokio::test]
async fn update_takes_each_documented_availability_status() {
    let (_wire, admin) = desk().await;
    let path = format!("{AGENTS}/{}", create(&admin).await);
    for status in ["online", "away", "away_manual", "offline", "away_and_reassigning"] {
        let mut body = update_body();
        body["availability_status"] = json!(status);
        assert_eq!(admin.put(&path, &body).await.data()["availability_status"], status);
    }
}

#[tokio::test]
async fn update_sets_a_new_password_which_is_optional() {
    let (wire, admin) = desk().await;
    let path = format!("{AGENTS}/{}", create(&admin).await);
    for absent in [json!(""), Value::Null] {
        let mut body = update_body();
        body["new_password"] = absent;
        admin.put(&path, &body).await.data();
        let sign_in = json!({"email": "john@example.org", "password": PASSWORD});
        assert_eq!(wire.nobody().post("/api/v1/auth/login", &sign_in).await.status(), 400);
    }
    admin.put(&path, &update_body()).await.data();
    wire.sign_in("john@example.org").await;
}
