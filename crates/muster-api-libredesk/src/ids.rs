//! Ids on the wire. Conversations and messages go by their UUID, everything else by the domain's own number.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use muster_core::id::{
    AgentId, AttributeId, BusinessHoursId, ContactId, InboxId, IntegrationId, JobId, MacroId, NoteId, NotificationId,
    RoleId, SkillId, StatusId, TagId, TeamId, TemplateId, ViewId,
};
use muster_http::path::number;
use uuid::Uuid;

use crate::error::{Failure, Result, SOMETHING_WENT_WRONG};
use crate::extract::PathId;

macro_rules! path_ids {
    ($($name:ident -> $id:ident),+ $(,)?) => {$(
        /// The id in the path, or 400.
        pub(crate) fn $name(path: PathId) -> Result<$id> {
            path.get().map($id)
        }
    )+};
}

path_ids! {
    agent -> AgentId,
    team -> TeamId,
    role -> RoleId,
    skill -> SkillId,
    inbox -> InboxId,
    integration -> IntegrationId,
    job -> JobId,
    attribute -> AttributeId,
    contact -> ContactId,
    view -> ViewId,
    notification -> NotificationId,
    business_hours -> BusinessHoursId,
    template -> TemplateId,
    status -> StatusId,
    tag -> TagId,
    macro_id -> MacroId,
}

/// The conversation in the path. Wire: 500 for what is no UUID upstream; 400 here, as for numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConversationUuid(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for ConversationUuid {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.as_ref().and_then(|Path(text)| uuid(text)).map(Self).ok_or_else(malformed)
    }
}

/// The survey in the path. Wire (observed, 2.7): this text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SurveyUuid(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for SurveyUuid {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.as_ref().and_then(|Path(text)| uuid(text)).map(Self).ok_or_else(|| Failure::input("Invalid UUID"))
    }
}

/// The conversation in the path, and the message behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MessageUuids {
    pub(crate) conversation: Uuid,
    pub(crate) message: Uuid,
}

impl<S: Send + Sync> FromRequestParts<S> for MessageUuids {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let uuids = texts.and_then(|Path((conversation, message))| Some((uuid(&conversation)?, uuid(&message)?)));
        uuids.map(|(conversation, message)| Self { conversation, message }).ok_or_else(malformed)
    }
}

/// The contact in the path, and the note behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContactNoteIds {
    pub(crate) contact: ContactId,
    pub(crate) note: NoteId,
}

impl<S: Send + Sync> FromRequestParts<S> for ContactNoteIds {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let numbers = texts.and_then(|Path((contact, note))| Some((number(&contact)?, number(&note)?)));
        numbers.map(|(contact, note)| Self { contact: ContactId(contact), note: NoteId(note) }).ok_or_else(malformed)
    }
}

/// The conversation in the path, and the macro behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConversationMacro {
    pub(crate) conversation: Uuid,
    pub(crate) r#macro: MacroId,
}

impl<S: Send + Sync> FromRequestParts<S> for ConversationMacro {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let named = texts.and_then(|Path((conversation, id))| Some((uuid(&conversation)?, number(&id)?)));
        named.map(|(conversation, id)| Self { conversation, r#macro: MacroId(id) }).ok_or_else(malformed)
    }
}

/// The name of a session in the path.
#[derive(Debug, Clone)]
pub(crate) struct SessionId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for SessionId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.map(|Path(text)| Self(text)).ok_or_else(malformed)
    }
}

/// The agent in the path, and the name of the session behind it.
#[derive(Debug, Clone)]
pub(crate) struct AgentSession {
    pub(crate) agent: AgentId,
    pub(crate) session: String,
}

impl<S: Send + Sync> FromRequestParts<S> for AgentSession {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let named = texts.and_then(|Path((agent, session))| Some((number(&agent)?, session)));
        named.map(|(agent, session)| Self { agent: AgentId(agent), session }).ok_or_else(malformed)
    }
}

/// The usual form only.
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|_| text.len() == 36)
}

fn malformed() -> Failure {
    Failure::input(SOMETHING_WENT_WRONG)
}
