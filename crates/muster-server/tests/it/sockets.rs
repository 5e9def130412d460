//! Agents and visitors write to each other while their sockets are dropped, answers are lost and repeated, and the
//! desk is ended and served again under them. At the end both hold what the store holds: nothing is missing, nothing is
//! there twice.

mod end;
mod view;

use std::sync::Arc;
use std::time::Duration;

use muster_testkit::both_engines;
use muster_testkit::effort::rounds;
use muster_testkit::postgres::TestEngine;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use end::{End, Side};
use view::View;

use crate::books;
use crate::client::Client;
use crate::desk::Desk;
use crate::program::Place;
use muster_testkit::dice::Dice;

const PAIRS: u64 = 6;
const PASSWORD: &str = "Correct-horse-7";

async fn both_ends_hold_what_the_store_holds(engine: TestEngine) {
    let desk = Desk::new(Place::new(engine).await, &[]);
    let mut talk = Talk::begin(desk).await;
    restart_again_and_again(&mut talk.desk).await;
    talk.end().await;
}

both_engines!(both_ends_hold_what_the_store_holds);

/// Ends the desk in turns as an operator and as a crash does, and serves it again.
async fn restart_again_and_again(desk: &mut Desk) {
    let mut dice = Dice::new(3);
    for round in 0..rounds(12, 200) {
        tokio::time::sleep(Duration::from_millis(dice.below(600))).await;
        if round % 2 == 0 {
            desk.kill();
        } else {
            desk.terminate();
        }
        desk.start();
    }
    tokio::time::sleep(Duration::from_millis(dice.below(600))).await;
}

/// Pairs who write to each other.
pub(crate) struct Talk {
    pub(crate) desk: Desk,
    pairs: Vec<Pair>,
    calm: CancellationToken,
    over: CancellationToken,
    listeners: JoinSet<()>,
    writers: JoinSet<()>,
}

impl Talk {
    pub(crate) async fn begin(desk: Desk) -> Self {
        let inbox =
            json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"brand_name": "Example"}});
        let inbox =
            desk.admin.post("/api/v1/inboxes", &inbox).await.unwrap().data()["uuid"].as_str().unwrap().to_owned();
        let mut pairs = Vec::new();
        for number in 0..PAIRS {
            pairs.push(Pair::meet(&desk, &inbox, number).await);
        }
        let (calm, over) = (CancellationToken::new(), CancellationToken::new());
        let (mut listeners, mut writers) = (JoinSet::new(), JoinSet::new());
        for end in pairs.iter().flat_map(|pair| [&pair.agent, &pair.visitor]) {
            listeners.spawn(Arc::clone(end).listen(calm.clone(), over.clone()));
            writers.spawn(Arc::clone(end).write(calm.clone()));
        }
        Self { desk, pairs, calm, over, listeners, writers }
    }

    /// Lets everybody finish, and answers with the desk once both ends of each pair hold what the store holds.
    pub(crate) async fn end(mut self) -> Desk {
        self.calm.cancel();
        while let Some(ended) = self.writers.join_next().await {
            ended.unwrap();
        }
        for pair in &self.pairs {
            pair.agree(&self.desk.admin).await;
        }
        self.over.cancel();
        while let Some(ended) = self.listeners.join_next().await {
            ended.unwrap();
        }
        let store = self.desk.books().await;
        books::check(&store).await;
        store.close().await;
        self.desk
    }

    /// How many messages were acknowledged to those who wrote them.
    pub(crate) fn acknowledged(&self) -> u32 {
        self.pairs.iter().flat_map(|pair| [&pair.agent, &pair.visitor]).map(|end| end.written()).sum()
    }

    /// A path that shows one of the conversations to the administrator.
    pub(crate) fn conversation(&self) -> String {
        format!("/api/v1/conversations/{}", self.pairs[0].conversation)
    }
}

/// An agent and a visitor in one conversation.
struct Pair {
    conversation: String,
    agent: Arc<End>,
    visitor: Arc<End>,
}

impl Pair {
    async fn meet(desk: &Desk, inbox: &str, number: u64) -> Self {
        let (id, agent) = agent(desk, number).await;
        let started = desk.nobody.visitor(inbox, None);
        let chat = started.post("/api/v1/widget/chat/conversations/init", &json!({"message": "Hello"})).await.unwrap();
        let conversation = chat.data()["conversation"]["uuid"].as_str().unwrap().to_owned();
        let token = chat.data()["session_token"].as_str().unwrap();
        let path = format!("/api/v1/conversations/{conversation}/assignee/user");
        desk.admin.put(&path, &json!({"assignee_id": id})).await.unwrap().data();
        let visitor = desk.nobody.visitor(inbox, Some(token));
        Self {
            agent: Arc::new(End::new(Side::Agent, agent, &conversation, 2 * number)),
            visitor: Arc::new(End::new(Side::Visitor, visitor, &conversation, 2 * number + 1)),
            conversation,
        }
    }

    /// Waits until both ends hold what the store holds.
    async fn agree(&self, admin: &Client) {
        let path = format!("/api/v1/conversations/{}/messages?page_size=500", self.conversation);
        let stored = admin.get(&path).await.unwrap().data()["results"].as_array().unwrap().clone();
        assert!(stored.len() < 400, "more messages than a visitor is shown at once");
        let is_public = |message: &&Value| message["private"] == false && message["type"] != "activity";
        let all = View::of(&stored);
        all.assert_gapless();
        self.agent.agree(&all).await;
        self.visitor.agree(&View::of(stored.iter().filter(is_public))).await;
        for end in [&self.agent, &self.visitor] {
            end.assert_written_once(&stored);
        }
    }
}

/// Makes an agent who signs in; answers with the id too.
async fn agent(desk: &Desk, number: u64) -> (i64, Client) {
    let email = format!("agent-{number}@example.org");
    let agent = json!({"first_name": "Agent", "email": email, "roles": ["Agent"], "send_welcome_email": false});
    let id = desk.admin.post("/api/v1/agents", &agent).await.unwrap().data()["id"].as_i64().unwrap();
    let password = json!({"first_name": "Agent", "email": email, "roles": ["Agent"], "new_password": PASSWORD});
    desk.admin.put(&format!("/api/v1/agents/{id}"), &password).await.unwrap().data();
    (id, desk.nobody.sign_in(&email, PASSWORD).await)
}
