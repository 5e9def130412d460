//! How what was refused, or failed, comes out.

use std::time::Duration;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_core::{Busy, Entity, Error, Refusal, Why, text};
use muster_http::Trouble;
use muster_http::body::{BodyError, DecodeError};
use muster_http::failure::{log_causes, retry_after};

use crate::codes::{self, Code};
use crate::envelope::enveloped;
use crate::wire::nothing::Nothing;

// Wire (chosen): why a request is invalid, since the one code doesn't say.
const DETAIL: HeaderName = HeaderName::from_static("x-error-detail");
/// Longest detail, in characters.
const DETAIL_MAX: usize = 200;

/// An outcome that isn't a success, on its way to the wire.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    status: StatusCode,
    detail: Option<String>,
    /// In seconds.
    retry_after: Option<u64>,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self { code, status: code.status, detail: None, retry_after: None }
    }
}

impl Failure {
    /// What was sent can't be accepted, with the reason for people.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..codes::INVALID_REQUEST.into() }
    }

    /// A state of the desk that passes, not a fault of the request.
    pub(crate) fn unavailable(retry_after: Option<u64>) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, retry_after, ..codes::INTERNAL.into() }
    }

    /// The day's calls are used up; it ends after `left`.
    pub(crate) fn limit_exceeded(left: Duration) -> Self {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Self { retry_after: Some(seconds), ..codes::LIMIT_EXCEEDED.into() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { code, status, detail, retry_after } = self;
        let mut response = enveloped(code, status, &Nothing);
        let headers = response.headers_mut();
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(detail) = detail.as_deref().and_then(header_text) {
            headers.insert(DETAIL, detail);
        }
        response
    }
}

/// A text as a header can carry it.
fn header_text(text: &str) -> Option<HeaderValue> {
    let fit = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    let text: String = text.chars().take(DETAIL_MAX).map(fit).collect();
    HeaderValue::try_from(text).ok()
}

/// Answers what no handler came to see.
pub(crate) fn envelope(trouble: Trouble) -> Response {
    match trouble {
        Trouble::MethodNotAllowed => codes::METHOD_NOT_ALLOWED.into(),
        Trouble::Panicked => codes::INTERNAL.into(),
        Trouble::TimedOut => Failure::unavailable(Some(retry_after(Busy::TooSlow))),
        Trouble::HostNotAllowed => Failure::invalid("this desk does not answer to that host"),
        Trouble::Malformed => Failure::invalid("the address is malformed"),
    }
    .into_response()
}

/// Answers paths that nothing is served at.
pub(crate) async fn no_route() -> Response {
    Failure::from(codes::NO_ROUTE).into_response()
}

// Wire (documented, "Update user"): the table has one code for every fault of a body that was sent.
impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { .. } => Self::invalid("the body is too large"),
            BodyError::Broken(_) => Self::invalid("the body ended early"),
            BodyError::NoRoom => Error::Busy(Busy::QueueFull).into(),
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Empty => codes::NO_BODY.into(),
            // The decoder's words may quote what was sent.
            DecodeError::Malformed(_) => Self::invalid("the body is not what this call takes"),
            DecodeError::Unsupported | DecodeError::NotUtf8 | DecodeError::Nul => Self::invalid(error.to_string()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(entity) => absent(entity),
            Error::Invalid { field, why } => invalid(field, &why),
            Error::Unauthenticated => codes::INVALID_TOKEN.into(),
            // What a key may not touch does not exist for it.
            Error::Denied(_) => codes::NO_USER.into(),
            Error::Refused(refusal) => refused(&refusal),
            Error::Conflict(entity) => Self::invalid(format!("the name of this {entity} is taken")),
            Error::Busy(busy) => Self::unavailable(Some(retry_after(busy))),
            Error::Internal(cause) => {
                log_causes(&*cause);
                codes::INTERNAL.into()
            }
        }
    }
}

fn absent(entity: Entity) -> Failure {
    match entity {
        Entity::Agent => codes::NO_USER.into(),
        Entity::Team => codes::NO_TEAM.into(),
        Entity::Integration | Entity::Credential => codes::INVALID_TOKEN.into(),
        Entity::Role
        | Entity::Skill
        | Entity::Attribute
        | Entity::Contact
        | Entity::Inbox
        | Entity::Conversation
        | Entity::Message
        | Entity::Status
        | Entity::Link
        | Entity::Job
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
        | Entity::Desk => Failure::invalid(format!("{entity} not found")),
    }
}

/// Wire (documented, "Update user"): two attributes have codes of their own.
fn invalid(field: &str, why: &Why) -> Failure {
    match why {
        Why::UnknownAttribute { key } | Why::UnfitAttribute { key } if field == "attributes" => {
            own_code(key).map_or_else(|| Failure::invalid(format!("custom_attributes {why}")), Failure::from)
        }
        Why::UnknownAttribute { .. }
        | Why::UnfitAttribute { .. }
        | Why::Empty
        | Why::TooLong { .. }
        | Why::Malformed
        | Why::Unknown
        | Why::OutOfRange
        | Why::WeakPassword => Failure::invalid(format!("{} {why}", wire_name(field))),
    }
}

/// The code for a bad value of this custom attribute, if it has one.
pub(crate) fn own_code(key: &str) -> Option<Code> {
    match text::key(key).as_str() {
        "business" => Some(codes::INVALID_BUSINESS),
        "location" => Some(codes::INVALID_LOCATION),
        _ => None,
    }
}

/// What a domain field is called on the wire.
fn wire_name(field: &str) -> &str {
    match field {
        "login" => "login_id",
        "email" => "email_id",
        "attributes" => "custom_attributes",
        other => other,
    }
}

fn refused(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::TokenExpired => codes::TOKEN_EXPIRED.into(),
        Refusal::TooManyTokens => codes::LIMIT_EXCEEDED.into(),
        // Whoever administers the desk is out of a key's reach, and so is the desk's own account.
        Refusal::LastAdmin | Refusal::BuiltIn(_) => codes::NO_USER.into(),
        Refusal::LoginTaken | Refusal::EmailTaken => Failure::invalid("login_id or email_id is taken"),
        Refusal::Self_
        | Refusal::AccountDisabled
        | Refusal::WrongCredentials
        | Refusal::WrongPassword
        | Refusal::SamePassword
        | Refusal::CodeWanted
        | Refusal::WrongCode
        | Refusal::TooManyAttempts { .. }
        | Refusal::Held(_)
        | Refusal::SecondFactorIsOn
        | Refusal::SecondFactorIsOff
        | Refusal::LinkExpired
        | Refusal::SignedIn
        | Refusal::AtCapacity(_)
        | Refusal::NotAssignable(_)
        | Refusal::Closed(_)
        | Refusal::ReplyPrevented(_)
        | Refusal::StartPrevented
        | Refusal::SecondConversation
        | Refusal::TooManyConversations
        | Refusal::Blocked
        | Refusal::InboxDisabled
        | Refusal::NotMember
        | Refusal::NoAccess
        | Refusal::AlreadySetUp
        | Refusal::NotPresent(_)
        | Refusal::AlreadyPresent(_)
        | Refusal::InWrapUp(_)
        | Refusal::ModeNotPermitted
        | Refusal::PhoneInUse(_)
        | Refusal::NotServing(_)
        | Refusal::TeamArchived
        | Refusal::NotOwner(_)
        | Refusal::InUse(_)
        | Refusal::FileTooLarge { .. }
        | Refusal::FileEmpty
        | Refusal::FileType
        | Refusal::UploadsOff
        | Refusal::TagRequired(_)
        | Refusal::NeededByRule(_) => Failure::invalid(refusal.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_custom_attributes_have_codes_of_their_own_and_skill_attributes_have_none() {
        let unfit = |field, key: &str| invalid(field, &Why::UnfitAttribute { key: key.to_owned() }).code;
        assert_eq!(unfit("attributes", "business"), codes::INVALID_BUSINESS);
        assert_eq!(unfit("attributes", " Location"), codes::INVALID_LOCATION);
        assert_eq!(unfit("attributes", "other"), codes::INVALID_REQUEST);
        assert_eq!(unfit("skill_attributes", "business"), codes::INVALID_REQUEST);
    }

    #[test]
    fn an_inner_failure_is_never_shown() {
        let failure = Failure::from(Error::internal("disk on fire"));
        assert_eq!((failure.code, failure.detail), (codes::INTERNAL, None));
    }

    #[test]
    fn a_detail_is_cut_to_what_a_header_carries() {
        let text = header_text(&format!("é\r\n{}", "x".repeat(DETAIL_MAX))).unwrap();
        assert_eq!(text.to_str().unwrap(), format!("???{}", "x".repeat(DETAIL_MAX - 3)));
    }
}
