//! Those who write while the desk is killed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{RwLock, RwLockWriteGuard};

use super::acknowledged::{Acknowledged, Message, What};
use crate::client::{Answer, Client};
use crate::desk::Desk;
use muster_testkit::dice::Dice;

/// The pause before a lost request is repeated.
const PAUSE: Duration = Duration::from_millis(10);

/// What happens to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is killed: it answers rightly or not at all.
    Kills,
    /// Its database server goes away: it may also say that something went wrong.
    Outages,
}

/// What the writers share.
#[derive(Debug)]
pub(super) struct World {
    admin: Client,
    nobody: Client,
    inbox_id: i64,
    inbox: String,
    /// Agents who are given conversations.
    present: Vec<i64>,
    trouble: Trouble,
    acknowledged: Mutex<Vec<Acknowledged>>,
    /// Held by each writer during a step.
    step: RwLock<()>,
    is_over: AtomicBool,
}

impl World {
    pub(super) fn new(desk: &Desk, inbox: &Value, present: Vec<i64>, trouble: Trouble) -> Self {
        Self {
            admin: desk.admin.clone(),
            nobody: desk.nobody.clone(),
            inbox_id: inbox["id"].as_i64().unwrap(),
            inbox: inbox["uuid"].as_str().unwrap().to_owned(),
            present,
            trouble,
            acknowledged: Mutex::default(),
            step: RwLock::default(),
            is_over: AtomicBool::new(false),
        }
    }

    /// Waits until every writer has finished what it is at; they go on when the guard is dropped.
    pub(super) async fn pause(&self) -> RwLockWriteGuard<'_, ()> {
        self.step.write().await
    }

    /// Lets every writer come to its end.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    pub(super) fn acknowledged(&self) -> Vec<Acknowledged> {
        self.acknowledged.lock().unwrap().clone()
    }

    fn note(&self, request: Option<String>, what: What) {
        self.acknowledged.lock().unwrap().push(Acknowledged { request, what });
    }

    /// Whether the answer says nothing about what was done.
    fn is_vague(&self, answer: &Answer) -> bool {
        let status = answer.status;
        status == StatusCode::SERVICE_UNAVAILABLE || (self.trouble == Trouble::Outages && status.is_server_error())
    }
}

/// An agent who belongs to one writer.
#[derive(Debug)]
struct Colleague {
    id: i64,
    email: String,
    revision: u32,
}

/// A conversation that belongs to one writer.
#[derive(Debug)]
struct Thread {
    uuid: String,
    /// Where a visitor began it.
    visitor: Option<Client>,
}

#[derive(Debug)]
pub(super) struct Writer {
    world: Arc<World>,
    number: u64,
    dice: Dice,
    /// Counts what has been written, for names that are used once.
    count: u32,
    colleagues: Vec<Colleague>,
    threads: Vec<Thread>,
}

/// An answer, and whether an earlier one to the same request may have been lost.
struct Answered {
    answer: Answer,
    is_first: bool,
}

impl Answered {
    /// The id of the request, if this is what wrote.
    fn request(&self) -> Option<String> {
        self.is_first.then(|| self.answer.request_id.clone())
    }
}

impl Writer {
    pub(super) fn new(world: Arc<World>, number: u64) -> Self {
        Self { world, number, dice: Dice::new(number), count: 0, colleagues: Vec::new(), threads: Vec::new() }
    }

    pub(super) async fn run(mut self) {
        let world = Arc::clone(&self.world);
        while !world.is_over.load(Ordering::SeqCst) {
            let _step = world.step.read().await;
            self.step().await;
        }
    }

    async fn step(&mut self) {
        self.count += 1;
        match self.dice.below(13) {
            0 => self.create_agent().await,
            1 | 2 if !self.colleagues.is_empty() => self.update_agent().await,
            3 => self.create_conversation().await,
            4 => self.start_chat().await,
            5..=8 if !self.threads.is_empty() => self.say().await,
            9 | 10 if !self.threads.is_empty() => self.finish().await,
            11 if !self.threads.is_empty() => self.hand_over().await,
            12 => self.upload().await,
            _ => {}
        }
    }

    fn name(&self) -> String {
        format!("w{}-{}", self.number, self.count)
    }

    /// Asks until there is an answer.
    async fn insist(&self, client: &Client, method: Method, path: &str, body: &Value) -> Answered {
        let mut is_first = true;
        loop {
            match client.call(method.clone(), path, Some(body)).await {
                Ok(answer) if !self.world.is_vague(&answer) => return Answered { answer, is_first },
                Ok(_) | Err(_) => is_first = false,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks once; for what would be done twice if it were repeated.
    async fn ask(&self, client: &Client, method: Method, path: &str, body: &Value) -> Option<Answer> {
        let answer = client.call(method, path, Some(body)).await.ok().filter(|answer| !self.world.is_vague(answer));
        if answer.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
        answer
    }

    async fn create_agent(&mut self) {
        let email = format!("{}@example.org", self.name());
        let agent = json!({
            "first_name": self.name(), "email": email, "roles": ["Agent"], "send_welcome_email": false, "enabled": true,
        });
        let made = self.insist(&self.world.admin, Method::POST, "/api/v1/agents", &agent).await;
        if !made.is_first && made.answer.status == StatusCode::CONFLICT {
            // The answer that was lost had said yes.
            return;
        }
        let id = made.answer.data()["id"].as_i64().unwrap();
        self.world.note(made.request(), What::Agent { id, email: email.clone() });
        self.colleagues.push(Colleague { id, email, revision: 0 });
    }

    async fn update_agent(&mut self) {
        let at = usize::try_from(self.dice.below(u64::try_from(self.colleagues.len()).unwrap())).unwrap();
        let colleague = &mut self.colleagues[at];
        colleague.revision += 1;
        let (id, revision) = (colleague.id, colleague.revision);
        let agent = json!({
            "first_name": "Changed", "email": colleague.email, "roles": ["Agent"],
            "muster": {"job_description": format!("revision {revision}")},
        });
        if let Some(answer) = self.ask(&self.world.admin, Method::PUT, &format!("/api/v1/agents/{id}"), &agent).await {
            answer.data();
            self.world.note(Some(answer.request_id), What::Revision { id, revision });
        }
    }

    async fn upload(&mut self) {
        let text = format!("Words {}", self.name());
        let bytes = Value::from(text.as_str()).to_string().into_bytes();
        let asked = self.world.admin.upload("/api/v1/media", "words.json", bytes).await.ok();
        if let Some(answer) = asked.filter(|answer| !self.world.is_vague(answer)) {
            let uuid = answer.data()["uuid"].as_str().unwrap().to_owned();
            // Files have no events: nobody hears of one before it is sent with something.
            self.world.note(None, What::File { uuid, text });
        }
    }

    async fn create_conversation(&mut self) {
        let conversation = json!({
            "inbox_id": self.world.inbox_id, "contact_email": format!("{}@example.com", self.name()),
            "first_name": "Robin", "content": "<p>Hello</p>", "initiator": "contact",
        });
        let asked = self.ask(&self.world.admin, Method::POST, "/api/v1/conversations", &conversation).await;
        if let Some(answer) = asked {
            let uuid = answer.data()["uuid"].as_str().unwrap().to_owned();
            self.world.note(Some(answer.request_id), What::Conversation { uuid: uuid.clone() });
            self.threads.push(Thread { uuid, visitor: None });
        }
    }

    async fn start_chat(&mut self) {
        let visitor = self.world.nobody.visitor(&self.world.inbox, None);
        let chat = json!({"message": "Hello"});
        let asked = self.ask(&visitor, Method::POST, "/api/v1/widget/chat/conversations/init", &chat).await;
        if let Some(answer) = asked {
            let uuid = answer.data()["conversation"]["uuid"].as_str().unwrap().to_owned();
            let token = answer.data()["session_token"].as_str().unwrap();
            let visitor = self.world.nobody.visitor(&self.world.inbox, Some(token));
            self.world.note(Some(answer.request_id), What::Chat { uuid: uuid.clone(), visitor: visitor.clone() });
            self.threads.push(Thread { uuid, visitor: Some(visitor) });
        }
    }

    /// The agent or the visitor writes; the same message again until it is acknowledged.
    async fn say(&mut self) {
        let (echo_id, text) = (self.name(), format!("Words {}", self.name()));
        let by_visitor = self.dice.below(2) == 0;
        let Thread { uuid, visitor } = self.dice.pick(&self.threads);
        let said = match visitor.as_ref().filter(|_| by_visitor) {
            Some(visitor) => {
                let path = format!("/api/v1/widget/chat/conversations/{uuid}/message");
                self.insist(visitor, Method::POST, &path, &json!({"message": text, "echo_id": echo_id})).await
            }
            None => {
                let path = format!("/api/v1/conversations/{uuid}/messages");
                let reply = json!({"message": text, "sender_type": "agent", "private": false, "echo_id": echo_id});
                self.insist(&self.world.admin, Method::POST, &path, &reply).await
            }
        };
        let message = said.answer.data()["uuid"].as_str().unwrap().to_owned();
        let by_visitor = by_visitor && visitor.is_some();
        let message = Message { conversation: uuid.clone(), uuid: message, echo_id, text };
        self.world.note(said.request(), if by_visitor { What::FromVisitor(message) } else { What::Reply(message) });
    }

    /// Resolves a conversation, which makes room for another, or opens it again.
    async fn finish(&mut self) {
        let status = if self.dice.below(4) == 0 { "Open" } else { "Resolved" };
        let path = format!("/api/v1/conversations/{}/status", self.dice.pick(&self.threads).uuid);
        let asked = self.ask(&self.world.admin, Method::PUT, &path, &json!({"status": status})).await;
        if let Some(answer) = asked {
            answer.data();
        }
    }

    /// Gives a conversation to an agent, unless there is no room.
    async fn hand_over(&mut self) {
        let path = format!("/api/v1/conversations/{}/assignee/user", self.dice.pick(&self.threads).uuid);
        let to = json!({"assignee_id": self.dice.pick(&self.world.present)});
        let asked = self.ask(&self.world.admin, Method::PUT, &path, &to).await;
        if let Some(answer) = asked.filter(|answer| answer.status != StatusCode::CONFLICT) {
            answer.data();
        }
    }
}
