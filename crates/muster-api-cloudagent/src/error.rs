//! The one table of refusals: which status, which envelope and which text each gets.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_core::{Busy, Entity, Error, Why};
use muster_http::Trouble;
use muster_http::body::BodyError;
use muster_http::failure::{log_causes, retry_after};
use serde::Serialize;

use crate::envelope::{
    CredentialRefusal, DeleteRefusal, DeleteRefusalMessagesFirst, ErrorWord, FailWord, FalseText, Faults, Faulty,
    FaultyMessageFirst, Message, Refusal, RefusalMessageFirst, StateRefusal, respond,
};

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

// Wire (documented): texts that several endpoints have.
pub(crate) const AGENT_NOT_FOUND: &str = "Agent not found";
pub(crate) const INVALID_EMAIL: &str = "Invalid email format";
const INTERNAL: &str = "Internal Server Error";
const UNAVAILABLE: &str = "Service temporarily unavailable";

/// A refusal, ready to be answered.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: Body,
    /// In seconds.
    retry_after: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body {
    Credential(CredentialRefusal),
    Refusal(Refusal),
    MessageFirst(RefusalMessageFirst),
    Delete(DeleteRefusal),
    DeleteMessagesFirst(DeleteRefusalMessagesFirst),
    Faulty(Faulty),
    FaultyMessageFirst(FaultyMessageFirst),
    State(StateRefusal),
}

impl Failure {
    const fn new(body: Body) -> Self {
        Self { status: StatusCode::BAD_REQUEST, body, retry_after: None }
    }

    pub(crate) fn credential(message: impl Into<Message>) -> Self {
        let message = message.into();
        Self::new(Body::Credential(CredentialRefusal { status: FalseText::Word, message, data: () }))
    }

    pub(crate) fn refusal(message: impl Into<Message>) -> Self {
        Self::new(Body::Refusal(Refusal { status: ErrorWord::Word, message: message.into() }))
    }

    pub(crate) fn message_first(message: impl Into<Message>) -> Self {
        Self::new(Body::MessageFirst(RefusalMessageFirst { message: message.into(), status: ErrorWord::Word }))
    }

    pub(crate) fn delete(messages: impl Into<Message>) -> Self {
        Self::new(Body::Delete(DeleteRefusal { status: ErrorWord::Word, messages: messages.into() }))
    }

    pub(crate) fn delete_messages_first(messages: impl Into<Message>) -> Self {
        let messages = messages.into();
        Self::new(Body::DeleteMessagesFirst(DeleteRefusalMessagesFirst { messages, status: ErrorWord::Word }))
    }

    pub(crate) fn faulty(faults: Faults) -> Self {
        Self::new(Body::Faulty(Faulty { status: FailWord::Word, message: faults }))
    }

    pub(crate) fn faulty_message_first(faults: Faults) -> Self {
        Self::new(Body::FaultyMessageFirst(FaultyMessageFirst { message: faults, status: FailWord::Word }))
    }

    pub(crate) fn state(message: impl Into<Message>) -> Self {
        Self::new(Body::State(StateRefusal { status: ErrorWord::Word, message: message.into() }))
    }

    /// The refusal of a body that can't be read.
    pub(crate) fn malformed() -> Self {
        Self::credential("Invalid Json Pass Valid Json")
    }

    pub(crate) fn agent_not_found() -> Self {
        Self::refusal(AGENT_NOT_FOUND).with_status(StatusCode::NOT_FOUND)
    }

    /// 503: a state of the desk, not of the request.
    pub(crate) fn unavailable(retry_after: Option<u64>) -> Self {
        let failure = Self::refusal(UNAVAILABLE).with_status(StatusCode::SERVICE_UNAVAILABLE);
        Self { retry_after, ..failure }
    }

    // Wire (chosen): the product's pages name no status but 200.
    pub(crate) fn unauthenticated(self) -> Self {
        self.with_status(StatusCode::UNAUTHORIZED)
    }

    pub(crate) fn not_found(self) -> Self {
        self.with_status(StatusCode::NOT_FOUND)
    }

    pub(crate) fn too_many(self, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..self.with_status(StatusCode::TOO_MANY_REQUESTS) }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = respond(self.status, &self.body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Answers what no handler came to see.
pub(crate) fn envelope(trouble: Trouble) -> Response {
    match trouble {
        Trouble::MethodNotAllowed => Failure::refusal("Method not allowed").with_status(StatusCode::METHOD_NOT_ALLOWED),
        Trouble::Panicked => internal(),
        Trouble::TimedOut => Failure::unavailable(Some(1)),
        Trouble::HostNotAllowed => Failure::refusal("This desk does not answer to that host"),
        Trouble::Malformed => Failure::refusal("The address can not be read"),
    }
    .into_response()
}

/// Answers paths that nothing is served at.
pub(crate) async fn no_route() -> Response {
    Failure::refusal("Resource not found").not_found().into_response()
}

fn internal() -> Failure {
    Failure::refusal(INTERNAL).with_status(StatusCode::INTERNAL_SERVER_ERROR)
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { .. } => {
                Self::refusal("Request body is too large").with_status(StatusCode::PAYLOAD_TOO_LARGE)
            }
            BodyError::Broken(_) => Self::refusal("Request body is incomplete"),
            BodyError::NoRoom => Error::Busy(Busy::QueueFull).into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(entity) => absent(entity),
            Error::Invalid { field, why } => invalid(field, &why),
            Error::Unauthenticated => Self::credential("Invalid User Details").unauthenticated(),
            Error::Denied(_) => Self::refusal("Permission denied").with_status(StatusCode::FORBIDDEN),
            Error::Refused(refusal) => refused(&refusal),
            Error::Conflict(entity) => taken(entity),
            Error::Busy(busy) => Self::unavailable(Some(retry_after(busy))),
            Error::Internal(cause) => {
                log_causes(&*cause);
                internal()
            }
        }
    }
}

fn absent(entity: Entity) -> Failure {
    match entity {
        Entity::Agent => Failure::agent_not_found(),
        Entity::Skill => Failure::refusal("Skill not found").not_found(),
        Entity::Team => Failure::refusal("Agent group not found").not_found(),
        Entity::Role
        | Entity::Attribute
        | Entity::Contact
        | Entity::Inbox
        | Entity::Conversation
        | Entity::Message
        | Entity::Status
        | Entity::Credential
        | Entity::Link
        | Entity::Job
        | Entity::Integration
        | Entity::Tag
        | Entity::View
        | Entity::Macro
        | Entity::Template
        | Entity::BusinessHours
        | Entity::Media
        | Entity::Note
        | Entity::Draft
        | Entity::Notification
        | Entity::Survey
        | Entity::Desk => Failure::refusal("Not found").not_found(),
    }
}

/// What the desk can't accept though the dialect's own rules let it pass.
fn invalid(field: &'static str, why: &Why) -> Failure {
    match field {
        "email" => Failure::message_first(INVALID_EMAIL),
        "login" => fault("agentIdNew", "The agent id must be the email of the agent if it contains @"),
        "pause_reason" => Failure::refusal("pauseReason is Invalid"),
        "phone" => Failure::refusal("phoneNumber is Invalid"),
        other => fault(other, format!("{other} {why}")),
    }
}

fn fault(field: &str, why: impl Into<Message>) -> Failure {
    let mut faults = Faults::default();
    faults.add(field, why);
    Failure::faulty(faults)
}

// Wire (documented) where an endpoint's page has the text; handlers add whom it is about.
fn refused(refusal: &muster_core::Refusal) -> Failure {
    use muster_core::Refusal as R;
    match refusal {
        // Administrators and the desk's own account are out of an account's reach.
        R::LastAdmin | R::BuiltIn(_) => Failure::agent_not_found(),
        R::WrongCredentials | R::AccountDisabled => Failure::refusal("Invalid Authentication").unauthenticated(),
        R::NotPresent(_) => Failure::refusal("Agent is not Logged In"),
        R::AlreadyPresent(_) => Failure::refusal("Agent has already logged in"),
        R::InWrapUp(_) => Failure::state("Agent is in ACW state. You cant change to Pause state"),
        R::ModeNotPermitted => Failure::refusal("Agent mode is Invalid"),
        R::PhoneInUse(login) => Failure::refusal(format!("{login} logged in with the number")),
        R::NotServing(_) => Failure::refusal("Agent takes no customer work"),
        R::TokenExpired => Failure::credential("Token Expired").unauthenticated(),
        // Wire (documented, on an older page).
        R::LoginTaken => Failure::refusal("Agent Already Exists"),
        // Wire (chosen).
        R::EmailTaken => Failure::message_first("Email already exists"),
        R::TooManyAttempts { wait } => Failure::refusal("Max limit exceeded").too_many(*wait),
        R::TooManyTokens => Failure::refusal("Max limit exceeded").too_many(TOKENS_AGAIN),
        R::Self_
        | R::WrongPassword
        | R::SamePassword
        | R::CodeWanted
        | R::WrongCode
        | R::Held(_)
        | R::SecondFactorIsOn
        | R::SecondFactorIsOff
        | R::LinkExpired
        | R::SignedIn
        | R::AtCapacity(_)
        | R::NotAssignable(_)
        | R::Closed(_)
        | R::ReplyPrevented(_)
        | R::StartPrevented
        | R::SecondConversation
        | R::TooManyConversations
        | R::Blocked
        | R::InboxDisabled
        | R::NotMember
        | R::NoAccess
        | R::AlreadySetUp
        | R::TeamArchived
        | R::NotOwner(_)
        | R::InUse(_)
        | R::FileTooLarge { .. }
        | R::FileEmpty
        | R::FileType
        | R::UploadsOff
        | R::TagRequired(_)
        | R::NeededByRule(_) => Failure::refusal("Not allowed"),
    }
}

/// Seconds after which an account may have made a token again for sure.
const TOKENS_AGAIN: u64 = 3600;

/// A name that is taken, or something that changed in between.
fn taken(entity: Entity) -> Failure {
    match entity {
        Entity::Agent
        | Entity::Skill
        | Entity::Team
        | Entity::Role
        | Entity::Attribute
        | Entity::Contact
        | Entity::Inbox
        | Entity::Status
        | Entity::Conversation
        | Entity::Message
        | Entity::Credential
        | Entity::Link
        | Entity::Job
        | Entity::Integration
        | Entity::Tag
        | Entity::View
        | Entity::Macro
        | Entity::Template
        | Entity::BusinessHours
        | Entity::Media
        | Entity::Note
        | Entity::Draft
        | Entity::Notification
        | Entity::Survey
        | Entity::Desk => Failure::refusal("Changed by someone else"),
    }
}

#[cfg(test)]
mod tests {
    use muster_core::Busy;

    use super::*;

    fn told(failure: Failure) -> (u16, Option<u64>, serde_json::Value) {
        (failure.status.as_u16(), failure.retry_after, serde_json::to_value(failure.body).unwrap())
    }

    #[test]
    fn a_busy_desk_says_when_to_come_again() {
        let body = serde_json::json!({"status": "error", "message": UNAVAILABLE});
        assert_eq!(told(Error::Busy(Busy::QueueFull).into()), (503, Some(1), body.clone()));
        assert_eq!(told(Error::Busy(Busy::Store).into()), (503, Some(5), body));
    }

    #[test]
    fn an_inner_failure_is_never_shown() {
        let body = serde_json::json!({"status": "error", "message": INTERNAL});
        assert_eq!(told(Error::internal("disk on fire").into()), (500, None, body));
    }
}
