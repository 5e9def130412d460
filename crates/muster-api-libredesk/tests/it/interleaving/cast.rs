//! Those who work at the desk and those who write to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use muster_core::id::TeamId;
use muster_testkit::dice::Dice;
use muster_testkit::{AgentHandle, Client, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::asker::{Asker, Tally};
use super::picture::Messages;
use crate::support::{Said as _, Wire};

/// An agent, and the lists of all that it may read.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) handle: AgentHandle,
    pub(super) client: Asker,
    pub(super) lists: Vec<String>,
    pub(super) reads_all: bool,
    /// All who are there from the beginning.
    pub(super) colleagues: BTreeSet<i64>,
}

/// A message whose sender was told that it is stored.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) conversation: String,
    pub(super) uuid: String,
    pub(super) echo: String,
}

pub(super) struct Cast<'w> {
    wire: &'w Wire,
    pub(super) agents: Vec<Member>,
    teams: [TeamId; 2],
    /// Inboxes: one of a team, and one of nobody.
    inboxes: [Uuid; 2],
    conversations: Mutex<Vec<String>>,
    visitors: Mutex<Vec<Asker>>,
    sent: Mutex<Vec<Sent>>,
    repeated: AtomicUsize,
    pub(super) tally: Tally,
    echoes: AtomicUsize,
}

const WORK: [&str; 6] = [
    "conversations:read",
    "conversations:update_user_assignee",
    "conversations:update_team_assignee",
    "conversations:update_priority",
    "conversations:update_status",
    "messages:read",
];

impl<'w> Cast<'w> {
    pub(super) async fn new(wire: &'w Wire, admin: &Client) -> Self {
        let desk = &wire.desk;
        for (name, more) in [
            ("Own", &["conversations:read_assigned", "messages:write"][..]),
            ("Team", &["conversations:read_team_inbox", "conversations:read_assigned", "messages:write"]),
            ("Looker", &[]),
        ] {
            let permissions: Vec<&str> = WORK.iter().chain(more).copied().collect();
            admin.post("/api/v1/roles", &json!({"name": name, "permissions": permissions})).await.data();
        }
        let teams = [desk.team("Sales").await, desk.team("Support").await];
        let inboxes = [desk.inbox_of(Some(teams[0])).await.uuid, desk.inbox().await.uuid];
        let (tally, mut agents) = (Tally::default(), Vec::new());
        for (name, role, team) in [
            ("kim", "Agent", Some(teams[0])),
            ("lee", "Agent", None),
            ("mia", "Own", Some(teams[0])),
            ("ned", "Own", Some(teams[1])),
            ("oda", "Team", Some(teams[0])),
            ("pat", "Team", Some(teams[1])),
        ] {
            let builder = desk.agent(name).role(role);
            let builder = if let Some(team) = team { builder.team(team) } else { builder };
            let handle = builder.online().await;
            let client = tally.asker(wire.client(&handle));
            let lists = lists(role, team);
            let (name, reads_all) = (name.to_owned(), role == "Agent");
            agents.push(Member { name, handle, client, lists, reads_all, colleagues: BTreeSet::new() });
        }
        let ids: BTreeSet<i64> = agents.iter().map(|member| member.handle.id.0).collect();
        for member in &mut agents {
            member.colleagues.clone_from(&ids);
        }
        Self {
            wire,
            agents,
            teams,
            inboxes,
            conversations: Mutex::default(),
            visitors: Mutex::default(),
            sent: Mutex::default(),
            repeated: AtomicUsize::new(0),
            tally,
            echoes: AtomicUsize::new(0),
        }
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        lock(&self.sent).clone()
    }

    /// How many requests were sent more than once.
    pub(super) fn repeated(&self) -> usize {
        self.repeated.load(Ordering::Relaxed)
    }

    pub(super) async fn work(&self, member: &Member, mut dice: Dice, steps: u64) {
        for _ in 0..steps {
            if dice.below(8) == 0 {
                self.wire.desk.clock.jump(Duration::from_secs(1));
            }
            match self.some_conversation(&mut dice) {
                Some(uuid) => self.step(member, &uuid, &mut dice).await,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    async fn step(&self, member: &Member, uuid: &str, dice: &mut Dice) {
        let other = dice.pick(&self.agents).handle.id.0;
        let team = dice.pick(&self.teams).0;
        let (path, body) = match dice.below(15) {
            0..=4 => return self.write(&member.client, uuid, dice).await,
            5 => ("assignee/user", json!({"assignee_id": member.handle.id.0})),
            6 => ("assignee/user", json!({"assignee_id": other})),
            7 => ("assignee/user/remove", json!({})),
            8 => ("assignee/team", json!({"assignee_id": team})),
            9 => ("assignee/team/remove", json!({})),
            10 => ("status", json!({"status": "Resolved"})),
            11 => ("status", json!({"status": "Open"})),
            12 => ("status", json!({"status": "Snoozed", "snoozed_until": "3s"})),
            13 => ("priority", json!({"priority": dice.pick(&["Low", "Medium", "High"])})),
            _ => ("last-seen", json!({})),
        };
        let path = format!("/api/v1/conversations/{uuid}/{path}");
        self.deliver(&member.client, Method::PUT, &path, &body, dice).await;
    }

    /// A reply, or a note that may call somebody.
    async fn write(&self, client: &Asker, uuid: &str, dice: &mut Dice) {
        let echo = self.echo();
        let private = dice.below(3) == 0;
        let called: Vec<Value> = if private && dice.below(2) == 0 {
            vec![json!({"type": "agent", "id": dice.pick(&self.agents).handle.id.0})]
        } else {
            Vec::new()
        };
        let body = json!({"message": format!("<p>{echo}</p>"), "sender_type": "agent", "private": private,
                          "mentions": called, "echo_id": echo});
        self.send(client, &format!("/api/v1/conversations/{uuid}/messages"), uuid, &echo, body, dice).await;
    }

    /// A visitor: starts conversations and writes into them.
    pub(super) async fn visit(&self, mut dice: Dice, steps: u64) {
        let inbox = dice.pick(&self.inboxes).to_string();
        let widget = self.tally.asker(self.wire.nobody().header("x-libredesk-inbox-id", &inbox));
        let begun = widget.post("/api/v1/widget/chat/conversations/init", &json!({"message": "Hello"})).await.data();
        let token = begun["session_token"].as_str().unwrap();
        let known = widget.header("authorization", &format!("Bearer {token}"));
        lock(&self.visitors).push(known.clone());
        let mut own = vec![self.started(&begun)];
        for _ in 0..steps {
            let uuid = dice.pick(&own).clone();
            match dice.below(8) {
                0 => own.push(self.start(&known, &mut dice).await),
                1 => {
                    let path = format!("/api/v1/widget/chat/conversations/{uuid}/update-last-seen");
                    self.deliver(&known, Method::POST, &path, &json!({}), &mut dice).await;
                }
                _ => {
                    let echo = self.echo();
                    let path = format!("/api/v1/widget/chat/conversations/{uuid}/message");
                    let body = json!({"message": echo, "echo_id": echo});
                    self.send(&known, &path, &uuid, &echo, body, &mut dice).await;
                }
            }
        }
    }

    fn started(&self, chat: &Value) -> String {
        let uuid = chat["conversation"]["uuid"].as_str().unwrap().to_owned();
        let mut conversations = lock(&self.conversations);
        if !conversations.contains(&uuid) {
            conversations.push(uuid.clone());
        }
        uuid
    }

    /// Another conversation of somebody who is known: asked for twice, it is one.
    async fn start(&self, visitor: &Asker, dice: &mut Dice) -> String {
        let echo = self.echo();
        let body = json!({"message": echo, "echo_id": echo});
        let path = "/api/v1/widget/chat/conversations/init";
        let answers = self.deliver(visitor, Method::POST, path, &body, dice).await;
        let uuids: BTreeSet<String> = answers.iter().map(|answer| self.started(&answer.data())).collect();
        assert_eq!(uuids.len(), 1, "{echo} has started more than one conversation");
        uuids.into_iter().next().unwrap()
    }

    async fn send(&self, client: &Asker, path: &str, conversation: &str, echo: &str, body: Value, dice: &mut Dice) {
        let answers = self.deliver(client, Method::POST, path, &body, dice).await;
        let uuids: BTreeSet<String> = answers
            .iter()
            .filter(|answer| answer.status() == 200)
            .map(|answer| answer.data()["uuid"].as_str().unwrap().to_owned())
            .collect();
        assert!(uuids.len() <= 1, "{echo} is more than one message: {uuids:?}");
        let sent =
            uuids.into_iter().map(|uuid| Sent { conversation: conversation.to_owned(), uuid, echo: echo.to_owned() });
        lock(&self.sent).extend(sent);
    }

    /// Sends a request: sometimes so that the answer gets lost on the way, and again; sometimes twice.
    async fn deliver(&self, client: &Asker, method: Method, path: &str, body: &Value, dice: &mut Dice) -> Vec<Reply> {
        let send = || client.ask(method.clone(), path, body);
        let (is_lost, is_doubled) = (dice.below(4) == 0, dice.below(5) == 0);
        if is_lost || is_doubled {
            self.repeated.fetch_add(1, Ordering::Relaxed);
        }
        if is_lost {
            // Whoever hangs up doesn't know what has become of it.
            drop(tokio::time::timeout(Duration::from_micros(500 * dice.below(20)), send()).await);
        }
        let mut answers = vec![send().await];
        if is_doubled {
            answers.push(send().await);
        }
        for answer in &answers {
            assert!(answer.status().as_u16() < 500, "{method} {path}: {}", answer.shown());
        }
        answers
    }

    fn some_conversation(&self, dice: &mut Dice) -> Option<String> {
        let conversations = lock(&self.conversations);
        (!conversations.is_empty()).then(|| dice.pick(&conversations).clone())
    }

    fn echo(&self) -> String {
        format!("echo-{}", self.echoes.fetch_add(1, Ordering::Relaxed))
    }

    /// Contacts are told how many replies they haven't read.
    pub(super) async fn contacts_unread_is_right(&self, messages: &BTreeMap<String, Messages>) {
        let visitors = lock(&self.visitors).clone();
        for visitor in visitors {
            for chat in visitor.get("/api/v1/widget/chat/conversations").await.data().as_array().unwrap() {
                let uuid = chat["uuid"].as_str().unwrap();
                let seen = self.wire.desk.seen_by_contact(Uuid::parse_str(uuid).unwrap()).await;
                let is_unread = |message: &&Value| {
                    message["type"] == "outgoing"
                        && message["private"] == false
                        && message["seq"].as_i64().unwrap() > seen
                };
                let unread = messages[uuid].iter().filter(is_unread).count();
                assert_eq!(chat["unread_message_count"], Value::from(unread), "{uuid}");
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lists of all that somebody of this role may read.
fn lists(role: &str, team: Option<TeamId>) -> Vec<String> {
    let assigned = "/api/v1/conversations/assigned".to_owned();
    match (role, team) {
        ("Agent", _) => vec!["/api/v1/conversations/all".to_owned()],
        ("Team", Some(team)) => vec![assigned, format!("/api/v1/teams/{}/conversations/unassigned", team.0)],
        _ => vec![assigned],
    }
}
