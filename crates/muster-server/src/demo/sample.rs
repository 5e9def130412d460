//! The sample data, made over HTTP as an operator's script would.

use anyhow::Result;
use muster_app::{App, Draw, Entropy as _, OsEntropy};
use muster_core::actor::Caller;
use serde_json::{Value, json};

use super::client::{Client, number_at, text_at};

pub(crate) const TEAM: &str = "Support";
const ADMIN_EMAIL: &str = "admin@example.org";
const PASSWORD_LENGTH: usize = 20;

/// Who administers the demo, from outside.
pub(crate) struct Administrator {
    pub(crate) email: &'static str,
    pub(crate) password: String,
    pub(crate) api_key: String,
    pub(crate) api_secret: String,
}

/// An agent of the demo.
#[derive(Clone)]
pub(crate) struct SampleAgent {
    pub(crate) id: i64,
    pub(crate) first_name: &'static str,
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Makes the administrator and the API key, as `muster admin create` and `muster api-key create` do.
pub(crate) async fn administrator(app: &App) -> Result<Administrator> {
    let operator = Caller::operator();
    let password = password();
    let (admin, _) = app.create_admin(&operator, ADMIN_EMAIL, "Demo", Some(password.clone())).await?;
    let key = app.create_api_key(&operator, admin.agent.id, None).await?;
    Ok(Administrator { email: ADMIN_EMAIL, password, api_key: key.key_id, api_secret: key.secret })
}

/// Makes a team and answers with its id.
pub(crate) async fn team(admin: &Client, name: &str, emoji: &str) -> Result<i64> {
    let team = json!({
        "name": name,
        "emoji": emoji,
        "conversation_assignment_type": "Round robin",
        "timezone": "UTC",
        "max_auto_assigned_conversations": 0
    });
    number_at(&admin.post("/api/v1/teams", team).await?, "/id")
}

/// Makes a live-chat inbox whose conversations go to `team`, and answers with its UUID.
pub(crate) async fn inbox(admin: &Client, team: i64) -> Result<String> {
    let inbox = json!({
        "name": "Website chat",
        "channel": "livechat",
        "enabled": true,
        "csat_enabled": true,
        "config": shop(),
        "muster": {"default_team": team}
    });
    text_at(&admin.post("/api/v1/inboxes", inbox).await?, "/uuid")
}

/// What the widget says on the page of the made-up shop.
fn shop() -> Value {
    json!({
        "brand_name": "Lantern & Loom",
        "greeting_message": "Good to see you!",
        "introduction_message": "Ask us anything about lamps and blankets.",
        "chat_introduction": "We usually answer within a few minutes."
    })
}

/// Makes an agent with the create request of Libredesk's documentation.
pub(crate) async fn create_agent(admin: &Client, first_name: &'static str, last_name: &str) -> Result<Value> {
    let agent = json!({
        "first_name": first_name,
        "last_name": last_name,
        "email": email(first_name),
        "send_welcome_email": false,
        "teams": [TEAM],
        "enabled": true,
        "role": "Agent"
    });
    admin.post("/api/v1/agents", agent).await
}

/// Gives an agent a password and makes it ready for work, with the update request of Libredesk's documentation.
pub(crate) async fn ready_agent(admin: &Client, first_name: &'static str, created: &Value) -> Result<SampleAgent> {
    let id = number_at(created, "/id")?;
    let password = password();
    let agent = json!({
        "first_name": first_name,
        "last_name": created["last_name"],
        "email": email(first_name),
        "roles": ["Agent"],
        "teams": [TEAM],
        "enabled": true,
        "availability_status": "online",
        "new_password": password
    });
    admin.put(&format!("/api/v1/agents/{id}"), agent).await?;
    Ok(SampleAgent { id, first_name, email: email(first_name), password })
}

pub(super) fn email(first_name: &str) -> String {
    format!("{}@example.org", first_name.to_lowercase())
}

/// Letters, digits, and one of each kind that a password needs.
pub(super) fn password() -> String {
    Draw::new(OsEntropy.seed()).alphanumeric(PASSWORD_LENGTH) + "-aA1"
}
