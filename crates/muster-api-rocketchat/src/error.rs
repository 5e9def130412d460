//! The one table of refusals: which status, which text and which `errorType` each gets.

use std::borrow::Cow;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_core::second_factor::Hold;
use muster_core::{Busy, Entity, Error, Refusal, Why};
use muster_http::Trouble;
use muster_http::body::{BodyError, DecodeError};
use muster_http::failure::{log_causes, retry_after};
use serde::Serialize;
use utoipa::ToSchema;

use crate::reply::{JSON, No};

/// Every refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    success: No,
    /// `error`, where the caller has to sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    error: Cow<'static, str>,
    /// The same as `error`, where the caller has to sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    #[serde(rename = "errorType", skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
    /// Where a code of the second factor is wanted or wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'static SecondFactor>,
}

/// Which codes are taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SecondFactor {
    /// Always `totp`.
    method: &'static str,
    /// Always false: nothing was sent.
    code_generated: bool,
    available_methods: [&'static str; 1],
}

static TOTP: SecondFactor = SecondFactor { method: "totp", code_generated: false, available_methods: ["totp"] };

/// A refusal on its way to the wire.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: ErrorBody,
    retry_after: Option<u64>,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(status: StatusCode, error: impl Into<Cow<'static, str>>) -> Self {
        let body = ErrorBody {
            success: No,
            status: None,
            error: error.into(),
            message: None,
            error_type: None,
            details: None,
        };
        Self { status, body, retry_after: None }
    }

    /// 400 with a text alone.
    pub(crate) fn plain(error: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// 400 with a code and the reason for it: `Department not found [error-department-not-found]`.
    pub(crate) fn coded(reason: &str, code: &'static str) -> Self {
        let blank = if reason.is_empty() { "" } else { " " };
        Self::plain(format!("{reason}{blank}[{code}]")).of_type(code)
    }

    /// 400 for parameters, in the words of the schema that they break.
    pub(crate) fn parameters(text: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(text).of_type(INVALID_PARAMS)
    }

    /// 400 for parameters that a handler looks at itself.
    pub(crate) fn mismatch(text: &str) -> Self {
        Self::plain(format!("Match error: {text}"))
    }

    /// 403: the caller holds none of the permissions that the route asks for.
    pub(crate) fn lacks_permission() -> Self {
        let text = "User does not have the permissions required for this action [error-unauthorized]";
        Self::new(StatusCode::FORBIDDEN, text)
    }

    /// 403: the route admits the caller, but not to this.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "unauthorized")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Resource not found")
    }

    /// 401 for a call without a valid token.
    pub(crate) fn not_signed_in() -> Self {
        Self::unauthenticated("You must be logged in to do this.")
    }

    /// 401 for a name and password that don't fit.
    pub(crate) fn wrong_credentials() -> Self {
        Self::unauthenticated("Unauthorized")
    }

    /// 401 for a second factor's code that is wanted or wrong.
    ///
    /// Wire (documented): the code `totp-required`, and the shape of `details` where routes ask for a code; (inferred):
    /// the same at sign-in, and the text in `message`.
    fn second_factor(code: &'static str, text: &'static str) -> Self {
        let mut failure = Self::unauthenticated(text);
        failure.body.error = code.into();
        failure.body.details = Some(&TOTP);
        failure
    }

    // Wire (documented): the page shows `status` and `message` alone; the product sends all four.
    fn unauthenticated(text: &'static str) -> Self {
        let mut failure = Self::new(StatusCode::UNAUTHORIZED, text);
        failure.body.status = Some("error");
        failure.body.message = Some(text);
        failure
    }

    /// 429, for so many seconds.
    pub(crate) fn too_many(seconds: u64) -> Self {
        let text = format!(
            "Error, too many requests. Please slow down. You must wait {seconds} seconds before trying this endpoint \
             again. [error-too-many-requests]"
        );
        let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, text).of_type("error-too-many-requests");
        Self { retry_after: Some(seconds), ..failure }
    }

    /// 503: a state of the desk, not of the request.
    pub(crate) fn unavailable(retry_after: Option<u64>) -> Self {
        Self { retry_after, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable") }
    }

    fn of_type(mut self, error_type: &'static str) -> Self {
        self.body.error_type = Some(error_type);
        self
    }
}

const INVALID_PARAMS: &str = "invalid-params";

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, body, retry_after } = self;
        let mut response = muster_http::json::response(status, JSON, &body);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Answers what no handler came to see.
pub(crate) fn envelope(trouble: Trouble) -> Response {
    match trouble {
        Trouble::MethodNotAllowed => Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Trouble::Panicked => internal(),
        Trouble::TimedOut => Failure::unavailable(Some(1)),
        Trouble::HostNotAllowed => Failure::plain("This desk does not answer to that host"),
        Trouble::Malformed => Failure::plain("The address can't be read"),
    }
    .into_response()
}

/// Answers paths that nothing is served at.
pub(crate) async fn no_route() -> Response {
    Failure::not_found().into_response()
}

fn internal() -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "request entity too large"),
            BodyError::Broken(_) => Self::parameters("The body can't be read"),
            BodyError::NoRoom => Error::Busy(Busy::QueueFull).into(),
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::parameters(format!("The body can't be read: {error}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(entity) => absent(entity),
            Error::Invalid { field, why } => invalid(field, &why),
            Error::Unauthenticated => Self::not_signed_in(),
            Error::Denied(_) => Self::forbidden(),
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

/// Wire (documented): missing things are 400 with a code of their own.
fn absent(entity: Entity) -> Failure {
    match entity {
        Entity::Agent => Failure::coded(NO_SUCH_USER, "error-invalid-user"),
        Entity::Team => Failure::coded("Department not found", "error-department-not-found"),
        Entity::Role => Failure::coded("The field Roles consist invalid role id", "error-action-not-allowed"),
        Entity::Attribute => Failure::coded("Custom field not found", "error-invalid-custom-field"),
        Entity::Conversation => Failure::plain("error-invalid-room"),
        Entity::Skill
        | Entity::Contact
        | Entity::Inbox
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
        | Entity::Desk => Failure::not_found(),
    }
}

const NO_SUCH_USER: &str = r#"The required "userId" or "username" param provided does not match any users"#;

fn invalid(field: &str, why: &Why) -> Failure {
    match (field, why) {
        (_, Why::UnknownAttribute { key } | Why::UnfitAttribute { key }) => {
            Failure::coded(&format!("Invalid custom field {key}"), "error-invalid-custom-field")
        }
        (_, Why::WeakPassword) => {
            Failure::coded("The password does not meet the server's policy", "error-password-policy-not-met")
        }
        ("email", _) => Failure::coded("Invalid email", "error-invalid-email"),
        ("login", _) => Failure::coded("Invalid username", "error-invalid-username"),
        ("fallback_team", _) => Failure::coded("", "error-fallback-department-circular"),
        (_, Why::Empty | Why::Malformed | Why::Unknown | Why::OutOfRange | Why::TooLong { .. }) => {
            let reason = format!("{} {why}", wire_name(field));
            Failure::coded(&reason, "error-invalid-params")
        }
    }
}

/// What a domain field is called on the wire.
fn wire_name(field: &str) -> &str {
    match field {
        "first_name" | "last_name" | "full_name" => "name",
        "member_cap" | "capacity" => "maxNumberSimultaneousChat",
        "closing_tags" => "chatClosingTags",
        "note" => "message",
        "forward_to" => "departmentsAllowedToForward",
        "extras" => "department",
        other => other,
    }
}

const NOT_ALLOWED: &str = "error-action-not-allowed";

fn refused(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::LastAdmin => Failure::coded("Leaving the app without admins is not allowed", NOT_ALLOWED),
        Refusal::BuiltIn(_) => Failure::coded("This can't be changed", NOT_ALLOWED),
        Refusal::Self_ => Failure::coded("You can't delete yourself", NOT_ALLOWED),
        Refusal::AccountDisabled => Failure::plain("error-user-deactivated"),
        Refusal::WrongCredentials => Failure::wrong_credentials(),
        Refusal::CodeWanted => Failure::second_factor("totp-required", "TOTP Required"),
        Refusal::WrongCode => Failure::second_factor("totp-invalid", "TOTP Invalid"),
        Refusal::TooManyAttempts { wait } => Failure::too_many(*wait),
        Refusal::Held(hold) => held(*hold),
        Refusal::TokenExpired => Failure::not_signed_in(),
        Refusal::NotServing(_) => Failure::new(StatusCode::NOT_FOUND, "Agent not found"),
        Refusal::TeamArchived => Failure::coded("", "error-archived-department-cant-be-enabled"),
        Refusal::AtCapacity(_) => Failure::plain("error-max-number-simultaneous-chats-reached"),
        Refusal::Closed(_) => Failure::plain("room-closed"),
        Refusal::NotMember | Refusal::NoAccess | Refusal::Blocked => Failure::forbidden(),
        Refusal::AlreadySetUp => Failure::not_found(),
        Refusal::LoginTaken => field_unavailable("Username"),
        Refusal::EmailTaken => field_unavailable("Email"),
        Refusal::TooManyTokens | Refusal::TooManyConversations => {
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests")
        }
        Refusal::NotAssignable(_)
        | Refusal::WrongPassword
        | Refusal::SamePassword
        | Refusal::SecondFactorIsOn
        | Refusal::SecondFactorIsOff
        | Refusal::LinkExpired
        | Refusal::SignedIn
        | Refusal::ReplyPrevented(_)
        | Refusal::StartPrevented
        | Refusal::SecondConversation
        | Refusal::InboxDisabled
        | Refusal::NotPresent(_)
        | Refusal::AlreadyPresent(_)
        | Refusal::InWrapUp(_)
        | Refusal::ModeNotPermitted
        | Refusal::PhoneInUse(_)
        | Refusal::NotOwner(_)
        | Refusal::InUse(_)
        | Refusal::FileTooLarge { .. }
        | Refusal::FileEmpty
        | Refusal::FileType
        | Refusal::UploadsOff
        | Refusal::TagRequired(_)
        | Refusal::NeededByRule(_) => Failure::coded(&refusal.to_string(), NOT_ALLOWED),
    }
}

/// Ours: the product lets such a token pass, and leaves it to its pages to ask.
fn held(hold: Hold) -> Failure {
    let (text, code) = match hold {
        Hold::ChangePassword => ("Please change your password first", "error-password-change-required"),
        Hold::SetUpSecondFactor => ("Please set up a second factor first", "error-second-factor-required"),
    };
    Failure::new(StatusCode::FORBIDDEN, format!("{text} [{code}]")).of_type(code)
}

/// A name that is taken, or something that changed in between.
fn taken(entity: Entity) -> Failure {
    match entity {
        Entity::Team => field_unavailable("Department name"),
        Entity::Agent
        | Entity::Role
        | Entity::Skill
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
        | Entity::Desk => Failure::coded("Changed by someone else", NOT_ALLOWED),
    }
}

/// What is unique and another's already.
fn field_unavailable(what: &str) -> Failure {
    Failure::coded(&format!("{what} is already in use"), "error-field-unavailable")
}
