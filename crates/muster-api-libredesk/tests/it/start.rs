//! The start of the product's own front end, call by call, as a browser makes them: before anybody has signed in, and
//! after. What it depends on is in each answer, with its type.

use muster_testkit::{Client, PASSWORD};
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Number,
    Text,
    Flag,
    List,
    Object,
    Null,
    Maybe(&'static Holds),
}
use Holds::{Flag, List, Maybe, Null, Number, Object, Text};

impl Holds {
    fn admits(self, value: &Value) -> bool {
        match self {
            Number => value.is_number(),
            Text => value.is_string(),
            Flag => value.is_boolean(),
            List => value.is_array(),
            Object => value.is_object(),
            Null => value.is_null(),
            Maybe(held) => value.is_null() || held.admits(value),
        }
    }
}

#[track_caller]
fn has(value: &Value, fields: &[(&str, Holds)]) {
    for (name, holds) in fields {
        let found = value.get(*name).unwrap_or_else(|| panic!("{name} is missing in {value}"));
        assert!(holds.admits(found), "{name} is no {holds:?}: {found}");
    }
}

/// Every entry of a list, which has some, has these fields.
#[track_caller]
fn each_has(list: &Value, fields: &[(&str, Holds)]) {
    let list = list.as_array().expect("a list");
    assert!(!list.is_empty());
    for entry in list {
        has(entry, fields);
    }
}

const ROW: [(&str, Holds); 3] = [("id", Number), ("created_at", Text), ("updated_at", Text)];

const PERSON: [(&str, Holds); 8] = [
    ("id", Number),
    ("type", Text),
    ("first_name", Text),
    ("last_name", Text),
    ("email", Maybe(&Text)),
    ("enabled", Flag),
    ("avatar_url", Maybe(&Text)),
    ("availability_status", Text),
];

const USER: [(&str, Holds); 13] = [
    ("created_at", Text),
    ("updated_at", Text),
    ("phone_number_country_code", Maybe(&Text)),
    ("phone_number", Maybe(&Text)),
    ("last_active_at", Maybe(&Text)),
    ("last_login_at", Maybe(&Text)),
    ("roles", List),
    ("permissions", List),
    ("country", Maybe(&Text)),
    ("meta", Maybe(&Object)),
    ("custom_attributes", Object),
    ("teams", List),
    ("api_key", Maybe(&Text)),
];

/// A desk with one of everything that the start asks for.
async fn furnished() -> (Wire, Client) {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    wire.desk.agent("kim").team(team).role("Agent").password().await;
    wire.desk.inbox().await;
    for (path, body) in [
        ("/api/v1/tags", json!({"name": "billing"})),
        (
            "/api/v1/macros",
            json!({"name": "Close", "visible_when": ["replying"], "actions": [{"type": "set_status", "value": ["4"]}]}),
        ),
        (
            "/api/v1/custom-attributes",
            json!({"name": "Plan", "description": "What they pay for", "applies_to": "contact", "key": "plan",
                   "data_type": "text"}),
        ),
    ] {
        admin.post(path, &body).await.data();
    }
    (wire, admin)
}

async fn check_public(client: &Client) {
    let config = client.get("/api/v1/config").await.data();
    has(
        &config,
        &[
            ("app.lang", Text),
            ("app.favicon_url", Text),
            ("app.logo_url", Text),
            ("app.site_name", Text),
            ("app.sso_providers", List),
        ],
    );
    let texts = client.get(&format!("/api/v1/lang/{}", config["app.lang"].as_str().unwrap())).await;
    assert_eq!(texts.status(), 200);
    assert!(texts.json().as_object().unwrap().values().all(Value::is_string));
}

#[tokio::test]
async fn before_anybody_has_signed_in_the_page_has_its_texts_and_no_more() {
    let (wire, _) = furnished().await;
    let browser = wire.nobody();
    check_public(&browser).await;
    let settings = browser.get("/api/v1/settings/general").await;
    settings.refuses(401, "GeneralException", "Invalid or expired session");
    browser.get("/api/v1/agents/me").await.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn after_signing_in_every_call_of_the_start_is_answered_in_its_shape() {
    let (wire, _) = furnished().await;
    let login = json!({"email": "kim@example.org", "password": PASSWORD});
    let answer = wire.nobody().post("/api/v1/auth/login", &login).await;
    has(&answer.data(), &USER);
    let browser = wire.session(&answer);
    check_public(&browser).await;
    check_settings(&browser).await;
    check_me(&browser).await;
    check_lists(&browser).await;
    check_configuration(&browser).await;
    let availability = json!({"status": "online", "source": ""});
    has(&browser.put("/api/v1/agents/me/availability", &availability).await.data(), &USER);
    assert_eq!(browser.get("/logout").await.status(), 302);
    browser.get("/api/v1/agents/me").await.refuses(401, "GeneralException", "Invalid or expired session");
}

async fn check_settings(browser: &Client) {
    let settings = browser.get("/api/v1/settings/general").await.data();
    has(
        &settings,
        &[
            ("app.lang", Text),
            ("app.root_url", Text),
            ("app.logo_url", Text),
            ("app.site_name", Text),
            ("app.favicon_url", Text),
            ("app.max_file_upload_size", Number),
            ("app.allowed_file_upload_extensions", List),
            ("app.timezone", Text),
            ("app.business_hours_id", Text),
            ("app.show_conversation_subject", Flag),
            ("app.update", Null),
            ("app.version", Text),
            ("app.restart_required", Flag),
        ],
    );
}

async fn check_me(browser: &Client) {
    let me = browser.get("/api/v1/agents/me").await.data();
    has(&me, &PERSON);
    has(&me, &USER);
    assert_eq!((&me["roles"], &me["type"]), (&json!(["Agent"]), &json!("agent")));
    each_has(&me["teams"], &[("id", Number), ("name", Text), ("emoji", Maybe(&Text))]);
}

/// What fills the page's lists; the page breaks on null where it expects a list.
async fn check_lists(browser: &Client) {
    for path in ["views/me", "views/shared", "drafts", "sla"] {
        assert!(browser.get(&format!("/api/v1/{path}")).await.data().is_array(), "{path}");
    }
    each_has(&browser.get("/api/v1/agents/compact").await.data(), &PERSON);
    let teams = browser.get("/api/v1/teams/compact").await.data();
    each_has(&teams, &[("id", Number), ("name", Text), ("emoji", Maybe(&Text))]);
    let notifications = browser.get("/api/v1/notifications/stats").await.data();
    has(&notifications, &[("unread_count", Number), ("total_count", Number)]);
}

async fn check_configuration(browser: &Client) {
    let statuses = browser.get("/api/v1/statuses").await.data();
    each_has(&statuses, &[("id", Number), ("created_at", Text), ("name", Text), ("category", Text)]);
    let names: Vec<&str> = statuses.as_array().unwrap().iter().map(|status| status["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Open", "Snoozed", "Resolved", "Closed"]);
    let priorities = browser.get("/api/v1/priorities").await.data();
    each_has(&priorities, &[("id", Number), ("created_at", Text), ("name", Text)]);
    let inboxes = browser.get("/api/v1/inboxes").await.data();
    each_has(&inboxes, &ROW);
    each_has(&inboxes, &[("uuid", Text), ("name", Text), ("channel", Text), ("enabled", Flag), ("config", Object)]);
    let macros = browser.get("/api/v1/macros").await.data();
    each_has(&macros, &ROW);
    each_has(
        &macros,
        &[
            ("name", Text),
            ("actions", List),
            ("visibility", Text),
            ("visible_when", List),
            ("message_content", Text),
            ("user_id", Maybe(&Text)),
            ("team_id", Maybe(&Text)),
            ("usage_count", Number),
        ],
    );
    each_has(&macros[0]["actions"], &[("type", Text), ("value", List), ("display_value", List)]);
    let tags = browser.get("/api/v1/tags").await.data();
    each_has(&tags, &ROW);
    each_has(&tags, &[("name", Text)]);
    let attributes = browser.get("/api/v1/custom-attributes").await.data();
    each_has(&attributes, &ROW);
    each_has(
        &attributes,
        &[("name", Text), ("applies_to", Text), ("key", Text), ("values", List), ("data_type", Text)],
    );
}
