//! Conversations, messages, claims and live chat.

mod access;
mod claims;
mod contacts;
mod drafts;
mod filters;
mod inboxes;
mod livechat;
mod macros;
mod mentioned;
mod merge;
mod messages;
mod notifications;
mod release;
mod search;
mod start;
mod states;
mod statuses;
mod surveys;
mod tags;
mod views;

use std::collections::BTreeMap;

use muster_app::agents::{AgentPatch, NewAgent};
use muster_app::auth::Origin;
use muster_app::claim::ClaimOutcome;
use muster_app::inboxes::NewInbox;
use muster_app::livechat::{VisitorStart, VisitorStarted};
use muster_app::roles::NewRole;
use muster_app::skills::NewSkill;
use muster_app::teams::{NewTeam, TeamPatch};
use muster_core::actor::{Actor, AgentActor, Caller, Via};
use muster_core::conversation::Conversation;
use muster_core::id::{AgentId, ConversationId, RoleId, SkillId, TeamId};
use muster_core::inbox::{Inbox, Medium};
use muster_core::permission::Permission;
use muster_core::presence::LeaseKind;
use muster_core::routing::Waiting;
use muster_core::{Error, Result};
use muster_store::{agents, conversations, params, queue, sql};
use muster_testkit::{TestDesk, TestEngine};
use serde_json::{Value, json};
use uuid::Uuid;

/// A desk whose router stands still, with an administrator and a chat.
pub(crate) struct World {
    pub(crate) desk: TestDesk,
    pub(crate) admin: Caller,
    pub(crate) inbox: Inbox,
}

/// Somebody at the chat.
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    pub(crate) token: String,
    /// Their first conversation.
    pub(crate) conversation: Uuid,
}

pub(crate) fn origin() -> Origin {
    Origin { ip: None, user_agent: None, request_id: None, via: Via::Widget }
}

fn caller(actor: Actor) -> Caller {
    Caller { actor, via: Via::Api, request_id: None, ip: None, credential: None }
}

impl World {
    pub(crate) async fn new(engine: TestEngine) -> Self {
        Self::with_config(engine, json!({})).await
    }

    /// With a chat of this configuration.
    pub(crate) async fn with_config(engine: TestEngine, config: Value) -> Self {
        let desk = TestDesk::idle(engine, |_| {}).await;
        desk.app.ensure_built_ins().await.unwrap();
        let operator = Caller::operator();
        let (admin, _) = desk.app.create_admin(&operator, "ada@example.org", "Ada", None).await.unwrap();
        let admin = caller(Actor::Agent(AgentActor::from(&admin)));
        let inbox = desk.app.create_inbox(&admin, chat("Website", config)).await.unwrap();
        Self { desk, admin, inbox }
    }

    pub(crate) fn app(&self) -> &muster_app::App {
        &self.desk.app
    }

    pub(crate) async fn role(&self, key: &str) -> RoleId {
        let roles = self.app().list_roles(&self.admin).await.unwrap();
        roles.into_iter().find(|role| role.key.as_deref() == Some(key)).unwrap().id
    }

    /// An agent with the role of agents, changed by `change` before they are created.
    pub(crate) async fn agent_with(&self, name: &str, change: impl FnOnce(&mut NewAgent)) -> Caller {
        let mut new = NewAgent {
            email: format!("{name}@example.org"),
            first_name: name.to_owned(),
            roles: vec![self.role("agent").await],
            enabled: true,
            ..NewAgent::default()
        };
        change(&mut new);
        let profile = self.app().create_agent(&self.admin, new).await.unwrap();
        caller(Actor::Agent(AgentActor::from(&profile)))
    }

    pub(crate) async fn agent(&self, name: &str) -> Caller {
        self.agent_with(name, |_| {}).await
    }

    /// An agent whose only role grants these.
    pub(crate) async fn agent_who_may(&self, name: &str, permissions: &[Permission], teams: &[TeamId]) -> Caller {
        let role = NewRole {
            name: format!("{name}s"),
            description: String::new(),
            permissions: permissions.iter().copied().collect(),
        };
        let role = self.app().create_role(&self.admin, role).await.unwrap().id;
        let teams = teams.to_vec();
        self.agent_with(name, |new| {
            new.roles = vec![role];
            new.teams = teams;
        })
        .await
    }

    pub(crate) async fn team_with(&self, name: &str, settings: TeamPatch) -> TeamId {
        let new = NewTeam { name: name.to_owned(), settings };
        self.app().create_team(&self.admin, new).await.unwrap().id
    }

    pub(crate) async fn team(&self, name: &str) -> TeamId {
        self.team_with(name, TeamPatch::default()).await
    }

    pub(crate) async fn skill(&self, name: &str) -> SkillId {
        let new = NewSkill { name: name.to_owned(), ..NewSkill::default() };
        self.app().create_skill(&self.admin, new).await.unwrap().id
    }

    pub(crate) async fn patch(&self, agent: &Caller, patch: AgentPatch) {
        self.app().update_agent(&self.admin, id(agent), patch).await.unwrap();
    }

    pub(crate) async fn online(&self, agent: &Caller) {
        self.app().prove_presence(agent, "socket", LeaseKind::Socket, true).await.unwrap();
    }

    /// Somebody who writes for the first time.
    pub(crate) async fn visitor(&self, message: &str) -> Visitor {
        let VisitorStarted { token, contact, view, .. } = self.start(None, message).await.unwrap();
        let actor = Actor::Visitor { contact: contact.id, inbox: self.inbox.id };
        Visitor { caller: caller(actor), token: token.unwrap(), conversation: view.uuid }
    }

    pub(crate) async fn start(&self, token: Option<&str>, message: &str) -> Result<VisitorStarted> {
        let start = VisitorStart {
            inbox: self.inbox.uuid,
            token: token.map(str::to_owned),
            message: message.to_owned(),
            client_ref: None,
            form: BTreeMap::new(),
        };
        self.app().visitor_start(&origin(), start).await
    }

    pub(crate) async fn conversation(&self, uuid: Uuid) -> Conversation {
        let found = self.app().store().read(move |tx| Box::pin(conversations::find_by_uuid(tx, uuid)));
        found.await.unwrap().unwrap()
    }

    pub(crate) async fn waiting(&self, uuid: Uuid) -> Option<Waiting> {
        let id = self.conversation(uuid).await.id;
        self.app().store().read(move |tx| Box::pin(queue::entry(tx, id))).await.unwrap()
    }

    pub(crate) async fn load(&self, agent: &Caller) -> u16 {
        self.app().agent(&self.admin, id(agent)).await.unwrap().state.load
    }

    /// Has the router's claim made for a conversation, as decided now.
    pub(crate) async fn claim(&self, uuid: Uuid, agent: &Caller) -> Result<ClaimOutcome> {
        let epoch = self.app().agent(&self.admin, id(agent)).await.unwrap().state.epoch;
        self.claim_at(uuid, agent, epoch).await
    }

    pub(crate) async fn claim_at(&self, uuid: Uuid, agent: &Caller, epoch: i64) -> Result<ClaimOutcome> {
        let conversation = self.conversation(uuid).await.id;
        self.app().claim(conversation, id(agent), epoch, json!({ "why": "test" }), 1).await
    }

    /// What the entries of an action in the audit log say of before and after.
    pub(crate) async fn audited(&self, action: &'static str) -> Vec<(Value, Value)> {
        let read = self.app().store().read(move |tx| {
            Box::pin(async move {
                let select = sql!("SELECT before, after FROM audit WHERE action = $1 ORDER BY id");
                let rows = tx.query(select, &params![action]).await?;
                rows.iter().map(|row| Ok((row.get_json("before")?, row.get_json("after")?))).collect()
            })
        });
        read.await.unwrap()
    }

    /// Names of all events about a conversation, in order.
    pub(crate) async fn events(&self, uuid: Uuid) -> Vec<String> {
        let conversation = self.conversation(uuid).await.id;
        let names = self.app().store().read(move |tx| {
            Box::pin(async move {
                let select = sql!(
                    "SELECT name FROM events WHERE aggregate_kind = 'conversation' AND aggregate_id = $1 ORDER BY id"
                );
                let rows = tx.query(select, &params![conversation]).await?;
                rows.iter().map(|row| row.get("name")).collect::<Result<Vec<String>>>()
            })
        });
        names.await.unwrap()
    }

    /// What loads and the queue must equal at any time: a recount.
    pub(crate) async fn assert_books(&self) {
        self.app().store().read(|tx| Box::pin(books(tx))).await.unwrap();
    }
}

async fn books(tx: &mut muster_store::Tx) -> Result<()> {
    let ids = agents::live_ids(tx).await?;
    for profile in agents::profiles_by_ids(tx, &ids).await? {
        let agent = profile.agent.id;
        let held = conversations::count_open_of_agent(tx, agent, None).await?;
        assert_eq!(profile.state.load, held, "load of agent {agent}");
        for team in &profile.teams {
            let held = conversations::count_open_of_agent(tx, agent, Some(team.id)).await?;
            assert_eq!(team.membership.load, held, "load of agent {agent} in team {}", team.id);
        }
    }
    let open = sql!("SELECT id FROM conversations WHERE category = 'open' AND assignee_id IS NULL ORDER BY id");
    let open: Vec<ConversationId> =
        tx.query(open, &params![]).await?.iter().map(|row| row.get("id")).collect::<Result<_>>()?;
    let mut queued: Vec<_> = queue::all(tx).await?.into_iter().map(|waiting| waiting.conversation).collect();
    queued.sort_unstable();
    assert_eq!(queued, open, "the queue holds what is open and nobody's");
    Ok(())
}

pub(crate) fn id(agent: &Caller) -> AgentId {
    agent.actor.agent().unwrap().id
}

pub(crate) fn chat(name: &str, config: Value) -> NewInbox {
    NewInbox {
        name: name.to_owned(),
        medium: Medium::Chat,
        enabled: true,
        csat_enabled: false,
        prompt_tags_on_reply: false,
        sender: String::new(),
        sender_name_template: String::new(),
        config,
        secret: None,
        default_team: None,
        linked_email_inbox: None,
        retention_days: None,
    }
}

/// The business rule that said no.
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> muster_core::Refusal {
    match outcome {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("no refusal: {other:?}"),
    }
}
