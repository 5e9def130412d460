//! Builders for those who work at a test desk and those who write to it.

use std::collections::BTreeMap;
use std::future::IntoFuture;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit as _, Mac as _};
use muster_app::agents::{AgentExtension, MembershipPatch, NewAgent};
use muster_app::auth::Origin;
use muster_app::inboxes::NewInbox;
use muster_app::livechat::VisitorStart;
use muster_app::skills::NewSkill;
use muster_app::teams::NewTeam;
use muster_core::actor::{Actor, AgentActor, Caller, Via};
use muster_core::agent::{MembershipRole, Profile};
use muster_core::id::{AgentId, ContactId, RoleId, SkillId, TeamId};
use muster_core::inbox::{Inbox, Medium};
use muster_core::presence::LeaseKind;
use muster_store::{params, sql};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use crate::desk::TestDesk;

/// The password of every agent that is made with one.
pub const PASSWORD: &str = "Correct-horse-7";

/// An agent of the test desk. The address is `<name>@example.org`.
#[derive(Debug, Clone)]
pub struct AgentHandle {
    pub id: AgentId,
    pub email: String,
    /// The API key named `default`: its public half and its secret.
    pub key: (String, String),
    actor: AgentActor,
}

impl AgentHandle {
    /// The agent as somebody who asks for something, with the rights it had when it was made: see
    /// [`TestDesk::caller`] for those of now.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.as_caller(self.actor.clone())
    }

    fn as_caller(&self, actor: AgentActor) -> Caller {
        Caller {
            actor: Actor::Agent(actor),
            via: Via::Api,
            request_id: None,
            ip: None,
            credential: Some(format!("api_key:{}", self.key.0)),
        }
    }
}

/// A visitor of the test desk in a conversation of theirs.
#[derive(Debug, Clone)]
pub struct VisitorHandle {
    pub contact: ContactId,
    pub inbox: Uuid,
    pub token: String,
    pub conversation: Uuid,
    actor: Actor,
}

impl VisitorHandle {
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller { actor: self.actor.clone(), via: Via::Widget, request_id: None, ip: None, credential: None }
    }
}

/// An agent to be made: awaited, it is.
#[derive(Debug)]
#[must_use = "an agent is made when this is awaited"]
pub struct AgentBuilder<'d> {
    desk: &'d TestDesk,
    new: NewAgent,
    roles: Vec<String>,
    memberships: Vec<MembershipPatch>,
    skills: Vec<(SkillId, u8)>,
    online: bool,
}

impl AgentBuilder<'_> {
    /// Holds a role of this name, in place of `Agent`; several calls give several roles.
    pub fn role(mut self, name: &str) -> Self {
        self.roles.push(name.to_owned());
        self
    }

    pub fn team(self, team: TeamId) -> Self {
        self.member(team, MembershipRole::Agent)
    }

    pub fn member(mut self, team: TeamId, role: MembershipRole) -> Self {
        self.new.teams.push(team);
        self.memberships.push(MembershipPatch { team, role: Some(role), capacity: None, order: None });
        self
    }

    /// Holds a skill explicitly, at a level of 1 to 100.
    pub fn skill(mut self, skill: SkillId, level: u8) -> Self {
        self.skills.push((skill, level));
        self
    }

    pub fn capacity(mut self, capacity: u16) -> Self {
        self.new.extension.capacity = Some(Some(capacity));
        self
    }

    /// Can sign in with [`PASSWORD`].
    pub fn password(mut self) -> Self {
        self.new.password = Some(PASSWORD.to_owned());
        self
    }

    /// Is there and ready, for the next twelve hours.
    pub fn online(mut self) -> Self {
        self.online = true;
        self
    }

    async fn make(mut self) -> AgentHandle {
        if self.roles.is_empty() {
            self.roles.push("Agent".to_owned());
        }
        for name in &self.roles {
            self.new.roles.push(self.desk.role(name).await);
        }
        self.new.extension.memberships = Some(self.memberships);
        self.new.extension.skills = Some(self.skills);
        let made = self.desk.app.create_agent(&Caller::operator(), self.new).await;
        let agent = self.desk.handle(&made.expect("the agent is made")).await;
        if self.online {
            self.desk.goes_online(&agent).await;
        }
        agent
    }
}

impl<'d> IntoFuture for AgentBuilder<'d> {
    type Output = AgentHandle;
    type IntoFuture = BoxFuture<'d, AgentHandle>;

    fn into_future(self) -> Self::IntoFuture {
        self.make().boxed()
    }
}

impl TestDesk {
    /// The desk's first administrator, `ada@example.org`, who can sign in with [`PASSWORD`]. Once for each desk.
    ///
    /// # Panics
    /// If the desk refuses, as for everything in this file.
    pub async fn admin(&self) -> AgentHandle {
        let operator = Caller::operator();
        let made = self.app.create_admin(&operator, "ada@example.org", "Ada", Some(PASSWORD.to_owned())).await;
        self.handle(&made.expect("the administrator is made").0).await
    }

    /// An agent to be made: `desk.agent("kim").team(team).online().await`. The first name is the name with a capital.
    pub fn agent(&self, name: &str) -> AgentBuilder<'_> {
        let first = name.chars().take(1).flat_map(char::to_uppercase);
        let new = NewAgent {
            email: format!("{name}@example.org"),
            first_name: first.chain(name.chars().skip(1)).collect(),
            enabled: true,
            extension: AgentExtension::default(),
            ..NewAgent::default()
        };
        AgentBuilder { desk: self, new, roles: Vec::new(), memberships: Vec::new(), skills: Vec::new(), online: false }
    }

    /// A handle for an agent that was made in another way; makes an API key.
    pub async fn handle(&self, profile: &Profile) -> AgentHandle {
        let id = profile.agent.id;
        let key = self.app.create_api_key(&Caller::operator(), id, Some("default")).await.expect("a key is made");
        AgentHandle {
            id,
            email: profile.agent.email.clone().unwrap_or_default(),
            key: (key.key_id, key.secret),
            actor: AgentActor::from(profile),
        }
    }

    /// The agent with all that is known now.
    pub async fn profile(&self, agent: &AgentHandle) -> Profile {
        self.app.agent(&Caller::operator(), agent.id).await.expect("the agent is there")
    }

    /// The agent as somebody who asks for something, with the rights of now.
    pub async fn caller(&self, agent: &AgentHandle) -> Caller {
        agent.as_caller(AgentActor::from(&self.profile(agent).await))
    }

    /// Proves that the agent is there, for the next twelve hours.
    pub async fn goes_online(&self, agent: &AgentHandle) {
        let proved = self.app.prove_presence(&agent.caller(), "test", LeaseKind::DeskApi, true).await;
        proved.expect("presence is proven");
    }

    /// The id of the role of this name.
    pub async fn role(&self, name: &str) -> RoleId {
        let roles = self.app.list_roles(&Caller::operator()).await.expect("roles are listed");
        roles.iter().find(|role| role.name == name).unwrap_or_else(|| panic!("there is no role {name}")).id
    }

    pub async fn team(&self, name: &str) -> TeamId {
        let new = NewTeam { name: name.to_owned(), ..NewTeam::default() };
        self.app.create_team(&Caller::operator(), new).await.expect("the team is made").id
    }

    pub async fn skill(&self, name: &str) -> SkillId {
        let new = NewSkill { name: name.to_owned(), ..NewSkill::default() };
        self.app.create_skill(&Caller::operator(), new).await.expect("the skill is made").id
    }

    /// A chat inbox that lets anybody start conversations and asks nothing before.
    pub async fn inbox(&self) -> Inbox {
        self.inbox_of(None).await
    }

    /// The same, whose conversations go to a team.
    pub async fn inbox_of(&self, default_team: Option<TeamId>) -> Inbox {
        let new = NewInbox {
            name: "Chat".to_owned(),
            medium: Medium::Chat,
            enabled: true,
            csat_enabled: false,
            prompt_tags_on_reply: false,
            sender: String::new(),
            sender_name_template: String::new(),
            config: serde_json::json!({}),
            secret: None,
            default_team,
            linked_email_inbox: None,
            retention_days: None,
        };
        self.app.create_inbox(&Caller::operator(), new).await.expect("the inbox is made")
    }

    /// Somebody new who writes into a chat.
    pub async fn visitor(&self, inbox: &Inbox, message: &str) -> VisitorHandle {
        let origin = Origin { ip: None, user_agent: None, request_id: None, via: Via::Widget };
        let (form, message) = (BTreeMap::new(), message.to_owned());
        let start = VisitorStart { inbox: inbox.uuid, token: None, message, client_ref: None, form };
        let started = self.app.visitor_start(&origin, start).await.expect("the visitor starts a conversation");
        let token = started.token.expect("a new visitor gets a token");
        let contact = started.contact.id;
        let actor = Actor::Visitor { contact, inbox: inbox.id };
        VisitorHandle { contact, inbox: inbox.uuid, token, conversation: started.view.uuid, actor }
    }

    /// A token with these claims, signed as the owner of the inbox's page signs.
    pub async fn vouch(&self, inbox: &Inbox, claims: &Value) -> String {
        let secret = self.app.inbox_secret(&Caller::operator(), inbox.id).await;
        signed_token(&secret.expect("the inbox is there").expect("a chat has a secret"), claims)
    }

    /// Makes a reply one that couldn't be sent.
    pub async fn fails_to_send(&self, message: Uuid) {
        let fail = sql!("UPDATE messages SET state = 'failed' WHERE uuid = $1 AND kind = 'outgoing'");
        let failed =
            self.app.store().write(move |tx| Box::pin(async move { tx.execute(fail, &params![message]).await }));
        assert_eq!(failed.await.expect("the reply has failed"), 1);
    }

    /// Blocks a visitor.
    pub async fn block(&self, visitor: &VisitorHandle) {
        self.block_contact(visitor.contact).await;
    }

    pub async fn block_contact(&self, contact: ContactId) {
        let block = sql!("UPDATE contacts SET blocked = TRUE WHERE id = $1");
        let blocked =
            self.app.store().write(move |tx| Box::pin(async move { tx.execute(block, &params![contact]).await }));
        assert_eq!(blocked.await.expect("the contact is blocked"), 1);
    }
}

/// A JSON Web Token (HS256) with these claims.
#[must_use]
pub fn signed_token(secret: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
