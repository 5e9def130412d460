//! Who and what takes part in the race: agents, their teams and skills, and the conversations they want.

use std::sync::Mutex;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::BROKEN;
use crate::client::Client;
use crate::desk::Desk;
use muster_testkit::dice::Dice;

const AGENTS: usize = 24;
const TEAMS: [&str; 4] = ["Billing", "Returns", CAPPED, "Hands"];
/// The team whose members never get more than [`CAP`] open conversations of it.
pub(super) const CAPPED: &str = "Capped";
pub(super) const CAP: i64 = 2;
pub(super) const SKILLS: [&str; 2] = ["French", "Repairs"];
/// Conversations that everybody wants.
const HOT: usize = 25;
/// Requests that open conversations at the same time.
const OPENERS: usize = 8;

#[derive(Debug)]
pub(super) struct Cast {
    pub(super) admin: Client,
    pub(super) agents: Vec<Agent>,
    /// In the order of [`TEAMS`].
    pub(super) teams: Vec<i64>,
    inbox: i64,
    /// The UUIDs of those that are open to the race.
    conversations: Mutex<Vec<String>>,
}

#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: i64,
    pub(super) client: Client,
    name: String,
}

impl Cast {
    pub(super) async fn of(desk: &Desk) -> Self {
        let admin = desk.admin.clone();
        for skill in SKILLS {
            done(&admin, Method::POST, "/api/v1/skills", json!({"name": skill})).await;
        }
        let mut teams = Vec::new();
        for team in TEAMS {
            teams.push(make_team(&admin, team).await);
        }
        let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"brand_name": "Shop"}});
        let inbox = id(&done(&admin, Method::POST, "/api/v1/inboxes", inbox).await);
        let agents = join_all((0..AGENTS).map(|number| Agent::make(desk, number))).await;
        Self { admin, agents, teams, inbox, conversations: Mutex::default() }
    }

    /// Opens conversations that ask for different teams and skills.
    pub(super) async fn open_conversations(&self, count: usize) {
        let made = futures_util::stream::iter(0..count).map(|number| self.open_conversation(number));
        made.buffer_unordered(OPENERS).collect::<()>().await;
    }

    async fn open_conversation(&self, number: usize) {
        let skills: Vec<Value> = SKILLS.iter().skip(number % 7).map(|skill| json!({"skill": skill})).collect();
        let conversation = json!({
            "inbox_id": self.inbox,
            "contact_email": format!("customer-{number}@example.com"),
            "first_name": "Customer",
            "content": "Hello, my parcel has not arrived.",
            "initiator": "contact",
            "team_id": self.teams.get(number % 5),
            "muster": {"required_skills": skills},
        });
        let made = done(&self.admin, Method::POST, "/api/v1/conversations", conversation).await;
        let uuid = made["uuid"].as_str().expect("a conversation has a UUID").to_owned();
        self.conversations.lock().unwrap().push(uuid);
    }

    /// Lets every agent have whatever it is able to have.
    pub(super) async fn make_room(&self) {
        for agent in &self.agents {
            tries(&self.admin, Method::PUT, &agent.path(), agent.with(&json!({"capacity": null}))).await;
            agent.says("online").await;
        }
    }

    /// One of the conversations; the first ones come up more often.
    pub(super) fn conversation(&self, dice: &mut Dice) -> String {
        let conversations = self.conversations.lock().unwrap();
        let hot = &conversations[..HOT.min(conversations.len())];
        let among = if dice.below(3) == 0 { hot } else { &conversations[..] };
        dice.pick(among).clone()
    }
}

impl Agent {
    async fn make(desk: &Desk, number: usize) -> Self {
        let name = format!("Agent{number:02}");
        let is_member = |(at, team): (usize, &'static str)| (number >> at).is_multiple_of(2).then_some(team);
        let teams: Vec<&str> = TEAMS.into_iter().enumerate().filter_map(is_member).collect();
        let skills: Vec<Value> = SKILLS.iter().skip(number % 3).map(|skill| json!({"name": skill})).collect();
        let mut agent = described(&name, &json!({"capacity": 1 + number % 5, "skills": skills}));
        agent["teams"] = json!(teams);
        let id = id(&done(&desk.admin, Method::POST, "/api/v1/agents", agent).await);
        let key = done(&desk.admin, Method::POST, &format!("/api/v1/agents/{id}/api-key"), json!({})).await;
        let half = |name: &str| key[name].as_str().expect("a key has two halves");
        let agent = Self { id, client: desk.nobody.with_key(half("api_key"), half("api_secret")), name };
        agent.says("online").await;
        agent
    }

    /// Says of itself how it is there.
    pub(super) async fn says(&self, word: &str) {
        tries(&self.client, Method::PUT, "/api/v1/agents/me/availability", json!({"status": word})).await;
    }

    /// What an update has to say to change nothing but `extension`.
    pub(super) fn with(&self, extension: &Value) -> Value {
        described(&self.name, extension)
    }

    pub(super) fn path(&self) -> String {
        format!("/api/v1/agents/{}", self.id)
    }
}

async fn make_team(admin: &Client, name: &str) -> i64 {
    let cap = if name == CAPPED { CAP } else { 0 };
    let team = json!({
        "name": name,
        "conversation_assignment_type": "Round robin",
        "timezone": "UTC",
        "max_auto_assigned_conversations": cap,
    });
    id(&done(admin, Method::POST, "/api/v1/teams", team).await)
}

fn described(name: &str, extension: &Value) -> Value {
    let email = format!("{}@example.org", name.to_lowercase());
    json!({"first_name": name, "email": email, "roles": ["Agent"], "muster": extension})
}

fn id(made: &Value) -> i64 {
    made["id"].as_i64().expect("what was made has an id")
}

/// A call that has to succeed.
async fn done(client: &Client, method: Method, path: &str, body: Value) -> Value {
    client.call(method, path, Some(&body)).await.unwrap().data().clone()
}

/// A call that may be refused, but must not fail.
pub(super) async fn tries(client: &Client, method: Method, path: &str, body: Value) {
    let answer = client.call(method.clone(), path, Some(&body)).await.unwrap();
    let is_fine = !answer.status.is_server_error() || answer.status == StatusCode::SERVICE_UNAVAILABLE;
    assert!(is_fine, "{BROKEN} {method} {path} with {body} failed: {answer:?}");
}
