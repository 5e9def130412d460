//! The one table of refusals: which status, which `error_type` and which text each gets.

use std::borrow::Cow;

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use muster_core::password::DESK_RULE;
use muster_core::second_factor::Hold;
use muster_core::{Busy, Entity, Error, Refusal, Why};
use muster_http::Trouble;
use muster_http::body::{BodyError, DecodeError, FormError};
use muster_http::failure::{log_causes, retry_after};
use muster_http::json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::reply::JSON;

// Wire (observed, 2.7): the texts that clients show.
pub(crate) const SOMETHING_WENT_WRONG: &str = "Something went wrong";
pub(crate) const PERMISSION_DENIED: &str = "Permission denied";
pub(crate) const NOT_FOUND: &str = "Not found";
pub(crate) const BAD_REQUEST: &str = "Bad request";
pub(crate) const PARSING: &str = "Error parsing request";
pub(crate) const INVALID_EMAIL: &str = "Invalid email address";
pub(crate) const ACCOUNT_DISABLED: &str = "Your account is disabled, Please contact administrator";

/// What `error_type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[expect(clippy::enum_variant_names, reason = "the words of the wire")]
pub(crate) enum ErrorType {
    InputException,
    UnauthorizedException,
    PermissionException,
    NotFoundException,
    ConflictException,
    RateLimitException,
    GeneralException,
    /// Ours: a code of the second factor is wanted or wrong, or a second factor has to be set up first.
    SecondFactorException,
    /// Ours: the password has to be changed first.
    PasswordChangeException,
}

/// Every refusal but that of the rate limit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    pub(crate) status: ErrorStatus,
    pub(crate) message: Cow<'static, str>,
    /// What could not be read of a malformed body; what of the second factor is amiss; else null.
    #[schema(required)]
    pub(crate) data: Option<String>,
    pub(crate) error_type: ErrorType,
}

/// The refusal of the rate limit, which has no more than this.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RateLimitBody {
    pub(crate) status: ErrorStatus,
    pub(crate) message: &'static str,
}

/// Always `error`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ErrorStatus {
    Error,
}

/// A refusal on its way to the wire.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    kind: ErrorType,
    message: Cow<'static, str>,
    data: Option<String>,
    retry_after: Option<u64>,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(status: StatusCode, kind: ErrorType, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, kind, message: message.into(), data: None, retry_after: None }
    }

    /// 400 for what the caller sent.
    pub(crate) fn input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorType::InputException, message)
    }

    /// 400 for a field that has to be there, in the wire's wording: `` `email` empty ``.
    pub(crate) fn empty(field: &str) -> Self {
        Self::input(format!("`{field}` empty"))
    }

    /// 400 for a field that holds what it can't.
    pub(crate) fn invalid(field: &str) -> Self {
        Self::input(format!("Invalid `{field}`"))
    }

    pub(crate) fn permission(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, ErrorType::PermissionException, message)
    }

    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorType::NotFoundException, message)
    }

    pub(crate) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, ErrorType::ConflictException, message)
    }

    /// 401. Wire (observed, 2.7): of type `GeneralException`.
    pub(crate) fn unauthenticated(message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, ErrorType::GeneralException, message)
    }

    /// 503: a state of the desk, not of the request.
    pub(crate) fn unavailable(message: &'static str, retry_after: Option<u64>) -> Self {
        let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, ErrorType::GeneralException, message);
        Self { retry_after, ..failure }
    }

    /// Whether it is the desk's failure, not the caller's.
    pub(crate) fn is_server_error(&self) -> bool {
        self.status.is_server_error()
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.status == StatusCode::PAYLOAD_TOO_LARGE
    }

    /// What it says of one thing among many: `error_type` and text.
    pub(crate) fn told(self) -> (ErrorType, String) {
        (self.kind, self.message.into_owned())
    }

    fn general(status: StatusCode, message: &'static str) -> Self {
        Self::new(status, ErrorType::GeneralException, message)
    }

    /// The same with another text, if it refuses what the caller sent.
    pub(crate) fn reworded(self, message: &'static str) -> Self {
        match self.status {
            StatusCode::BAD_REQUEST => Self { message: message.into(), ..self },
            _ => self,
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn with_data(self, data: String) -> Self {
        Self { data: Some(data), ..self }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, kind, message, data, retry_after } = self;
        let body = ErrorBody { status: ErrorStatus::Error, message, data, error_type: kind };
        let mut response = json::response(status, JSON, &body);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Answers what no handler came to see.
pub(crate) fn envelope(trouble: Trouble) -> Response {
    match trouble {
        Trouble::MethodNotAllowed => Failure::general(StatusCode::METHOD_NOT_ALLOWED, "Request method not allowed"),
        Trouble::Panicked => Failure::general(StatusCode::INTERNAL_SERVER_ERROR, SOMETHING_WENT_WRONG),
        Trouble::TimedOut => Failure::unavailable("The request took too long, Please try again", Some(1)),
        Trouble::HostNotAllowed => Failure::input("This desk does not answer to that host"),
        Trouble::Malformed => Failure::input(SOMETHING_WENT_WRONG),
    }
    .into_response()
}

/// Answers paths that nothing is served at.
pub(crate) async fn no_route() -> Response {
    Failure::general(StatusCode::NOT_FOUND, "Route not found").into_response()
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { .. } => Self::general(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large"),
            BodyError::Broken(_) => Self::input(PARSING),
            BodyError::NoRoom => Error::Busy(Busy::QueueFull).into(),
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::input(PARSING).with_data(error.to_string())
    }
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Body(error) => error.into(),
            FormError::Decode(error) => error.into(),
            FormError::Refused(error) => error.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(entity) => absent(entity),
            Error::Invalid { field, why } => invalid(field, &why),
            Error::Unauthenticated => Self::unauthenticated("Invalid or expired session"),
            Error::Denied(_) => Self::permission(PERMISSION_DENIED),
            Error::Refused(refusal) => refused(&refusal),
            Error::Conflict(entity) => taken(entity),
            Error::Busy(busy) => Self::unavailable("The desk is busy, Please try again", Some(retry_after(busy))),
            Error::Internal(cause) => {
                log_causes(&*cause);
                Self::general(StatusCode::INTERNAL_SERVER_ERROR, SOMETHING_WENT_WRONG)
            }
        }
    }
}

/// Wire (observed, 2.7): some kinds of thing are missing with 400.
fn absent(entity: Entity) -> Failure {
    match entity {
        Entity::Agent => Failure::not_found("User not found"),
        Entity::Role => Failure::not_found("Role not found"),
        Entity::Contact => Failure::not_found("Contact not found"),
        Entity::Conversation => Failure::not_found("Conversation not found"),
        Entity::Message => Failure::not_found("Message not found"),
        Entity::Skill => Failure::not_found("Skill not found"),
        Entity::Team => Failure::input("Team not found"),
        Entity::Inbox => Failure::input("Inbox not found"),
        Entity::Status => Failure::input("Status not found"),
        Entity::Attribute => Failure::input("Custom attribute not found"),
        Entity::Link => Failure::input(LINK_EXPIRED),
        Entity::Integration => Failure::not_found("Integration not found"),
        Entity::Tag => Failure::not_found("Tag not found"),
        Entity::View => Failure::not_found("View not found"),
        Entity::Macro => Failure::not_found("Macro not found"),
        Entity::Template => Failure::not_found("Template not found"),
        Entity::BusinessHours => Failure::not_found("Business hours not found"),
        Entity::Media => Failure::not_found("File not found"),
        Entity::Note => Failure::not_found("Note not found"),
        Entity::Draft => Failure::not_found("Draft not found"),
        Entity::Notification => Failure::not_found("Notification not found"),
        Entity::Survey => Failure::input("CSAT Survey not found"),
        Entity::Credential | Entity::Job | Entity::Desk => Failure::not_found(NOT_FOUND),
    }
}

fn invalid(field: &str, why: &Why) -> Failure {
    let field = wire_name(field);
    match why {
        Why::Empty => Failure::empty(field),
        Why::TooLong { max } => {
            Failure::input(format!("{} is too long, should be at most {max} characters", heading(field)))
        }
        Why::Malformed if field == "email" => Failure::input(INVALID_EMAIL),
        Why::Malformed | Why::Unknown | Why::OutOfRange => Failure::invalid(field),
        Why::UnknownAttribute { .. } | Why::UnfitAttribute { .. } => Failure::invalid(field),
        Why::WeakPassword => Failure::input(DESK_RULE),
    }
}

/// What a domain field is called on the wire.
fn wire_name(field: &str) -> &str {
    match field {
        "phone_country" => "phone_number_country_code",
        "phone_calling_code" => "phone_number_calling_code",
        "attributes" => "custom_attributes",
        "scope" => "applies_to",
        "kind" => "data_type",
        "product" => "kind",
        "options" => "values",
        "fallback_team" => "fallback_team_id",
        "member_cap" => "max_auto_assigned_conversations",
        "sender" => "from",
        "language" => "app.lang",
        "site_name" => "app.site_name",
        "logo_url" => "app.logo_url",
        "favicon_url" => "app.favicon_url",
        "max_upload_mb" => "app.max_file_upload_size",
        "upload_extensions" => "app.allowed_file_upload_extensions",
        "sender_name_template" => "from_name_template",
        other => other,
    }
}

/// `first_name` as `First name`, `app.site_name` as `Site name`.
fn heading(field: &str) -> String {
    let name = field.rsplit('.').next().unwrap_or_default();
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

const LINK_EXPIRED: &str = "Token is invalid or expired, Please try again by requesting a new password reset link";

fn refused(refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::LastAdmin => Failure::input("The last administrator must stay enabled and in the role Admin"),
        Refusal::BuiltIn(entity) => built_in(*entity),
        Refusal::Self_ => Failure::input("You cannot delete yourself"),
        Refusal::AccountDisabled => Failure::permission(ACCOUNT_DISABLED),
        Refusal::WrongCredentials => Failure::input("Invalid email or password."),
        Refusal::WrongPassword => Failure::input("The current password is wrong"),
        Refusal::SamePassword => Failure::input("The new password must not be the current one"),
        Refusal::CodeWanted => second_factor("A code of the second factor is wanted", "wanted"),
        Refusal::WrongCode => second_factor("The code is wrong, used or too old", "wrong"),
        Refusal::TooManyAttempts { wait } => too_many_attempts(*wait),
        Refusal::Held(hold) => held(*hold),
        Refusal::SecondFactorIsOn => Failure::conflict("There is a second factor already, Please turn it off first"),
        Refusal::SecondFactorIsOff => Failure::input("There is no second factor, Please begin to set one up"),
        Refusal::LinkExpired => Failure::input(LINK_EXPIRED),
        Refusal::SignedIn => Failure::input("User already logged in"),
        Refusal::AtCapacity(_) => Failure::conflict("Agent has no room for one more conversation"),
        Refusal::NotAssignable(_) => Failure::input("Agent can't be assigned conversations"),
        Refusal::Closed(_) => Failure::input("Conversation is closed"),
        Refusal::ReplyPrevented(_) => Failure::permission("This conversation has been closed"),
        Refusal::StartPrevented => Failure::input("Not allowed."),
        Refusal::SecondConversation => Failure::permission("Multiple conversations are not allowed"),
        Refusal::TooManyConversations => {
            Failure::new(StatusCode::TOO_MANY_REQUESTS, ErrorType::RateLimitException, "Too many requests.")
        }
        Refusal::Blocked => Failure::permission("Access denied"),
        Refusal::InboxDisabled => Failure::input("Inbox is disabled"),
        Refusal::NotMember => {
            Failure::permission("You're not a member of this team, Please refresh the page and try again")
        }
        Refusal::NoAccess => Failure::permission(PERMISSION_DENIED),
        Refusal::AlreadySetUp => Failure::not_found(NOT_FOUND),
        Refusal::TokenExpired => Failure::unauthenticated("Invalid credential"),
        Refusal::TooManyTokens => {
            Failure::new(StatusCode::TOO_MANY_REQUESTS, ErrorType::RateLimitException, "Too many requests.")
        }
        Refusal::NotPresent(_) => Failure::input("Agent is not signed in"),
        Refusal::AlreadyPresent(_) => Failure::input("Agent is signed in already"),
        Refusal::InWrapUp(_) => Failure::input("Agent is writing up the last conversation"),
        Refusal::ModeNotPermitted => Failure::input("Agent may not work in this mode"),
        Refusal::PhoneInUse(_) => Failure::input("Somebody else uses this telephone"),
        Refusal::LoginTaken => Failure::conflict("User with same login already exists"),
        // Wire (observed, 2.7): this text; the status there is 500.
        Refusal::EmailTaken => Failure::conflict("User with same email already exists"),
        Refusal::NotServing(_) => Failure::input("Agent takes no customer work"),
        Refusal::TeamArchived => Failure::input("Team is archived"),
        Refusal::NeededByRule(skill) => {
            Failure::conflict(format!("The rule of skill {skill} needs this attribute, Please change it first"))
        }
        Refusal::NotOwner(entity) => not_owner(*entity),
        Refusal::InUse(Entity::Status) => Failure::input(STATUS_IN_USE),
        Refusal::InUse(Entity::BusinessHours) => {
            Failure::conflict("A team or the desk itself uses these business hours, Please give it others first")
        }
        Refusal::InUse(entity) => Failure::conflict(format!("This {entity} is in use")),
        Refusal::FileTooLarge { max } => {
            let text = format!("File is too large, should be at most {} MB", max / 1_000_000);
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorType::GeneralException, text)
        }
        Refusal::FileEmpty => Failure::input("This file is 0 bytes, so it will not be attached."),
        Refusal::FileType => Failure::input("File type not allowed"),
        Refusal::UploadsOff => Failure::input("File Upload is disabled"),
        Refusal::TagRequired(_) => {
            Failure::input("This team asks for a tag, Please tag the conversation before you resolve it")
        }
    }
}

// Wire (observed, 2.7).
const STATUS_IN_USE: &str =
    "Cannot delete status as it is in use, Please remove this status from all conversations before deleting";

/// Wire (observed, 2.7): a note of somebody else's is refused with this text and type.
fn not_owner(entity: Entity) -> Failure {
    match entity {
        Entity::Note => {
            Failure::new(StatusCode::FORBIDDEN, ErrorType::InputException, "You can only delete your own note")
        }
        Entity::View => Failure::permission("You do not have access to this view"),
        _ => Failure::permission(PERMISSION_DENIED),
    }
}

/// Ours: the product has no second factor.
fn second_factor(message: &'static str, data: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, ErrorType::SecondFactorException, message).with_data(data.to_owned())
}

fn held(hold: Hold) -> Failure {
    let (kind, data, message) = match hold {
        Hold::ChangePassword => {
            (ErrorType::PasswordChangeException, "change_password", "Please change your password first")
        }
        Hold::SetUpSecondFactor => {
            (ErrorType::SecondFactorException, "set_up", "This desk asks for a second factor, Please set one up first")
        }
    };
    Failure::new(StatusCode::FORBIDDEN, kind, message).with_data(data.to_owned())
}

fn too_many_attempts(wait: u64) -> Failure {
    let message = "Too many wrong passwords or codes, Please try again later";
    let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, ErrorType::RateLimitException, message);
    Failure { retry_after: Some(wait), ..failure }
}

fn built_in(entity: Entity) -> Failure {
    match entity {
        Entity::Role => Failure::input("Cannot modify admin role, Please create a new role."),
        Entity::Status => Failure::input("Cannot update default conversation status"),
        Entity::Agent => Failure::input("Cannot modify system user"),
        Entity::Template => Failure::permission("Cannot delete built-in template"),
        Entity::Team
        | Entity::Skill
        | Entity::Attribute
        | Entity::Contact
        | Entity::Inbox
        | Entity::Conversation
        | Entity::Message
        | Entity::Credential
        | Entity::Link
        | Entity::Job
        | Entity::Integration
        | Entity::Tag
        | Entity::View
        | Entity::Macro
        | Entity::BusinessHours
        | Entity::Media
        | Entity::Note
        | Entity::Draft
        | Entity::Notification
        | Entity::Survey
        | Entity::Desk => Failure::input(BAD_REQUEST),
    }
}

/// A name that is taken, or something that changed in between.
fn taken(entity: Entity) -> Failure {
    match entity {
        Entity::Team => Failure::conflict("Team already exists"),
        Entity::Role => Failure::conflict("Role already exists"),
        Entity::Skill => Failure::conflict("Skill already exists"),
        // Wire (observed, 2.7): with 400.
        Entity::Attribute => Failure::input("Custom attribute already exists"),
        Entity::Contact => Failure::conflict("Contact already exists"),
        Entity::Inbox => Failure::conflict("Inbox was changed by someone else, Please try again"),
        Entity::Status => Failure::conflict("Status already exists"),
        Entity::Conversation => Failure::conflict("Conversation was changed by someone else"),
        Entity::Integration => Failure::conflict("Integration already exists"),
        Entity::Tag => Failure::conflict("Tag already exists"),
        // Wire (observed, 2.7): with 400.
        Entity::Template => Failure::input("Default template already exists"),
        Entity::Survey => Failure::input("CSAT already submitted"),
        Entity::Agent
        | Entity::Message
        | Entity::Credential
        | Entity::Link
        | Entity::Job
        | Entity::View
        | Entity::Macro
        | Entity::BusinessHours
        | Entity::Media
        | Entity::Note
        | Entity::Draft
        | Entity::Notification
        | Entity::Desk => Failure::conflict("Changed by someone else, Please try again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_the_wire_names_them() {
        let text = |why| invalid("first_name", &why).message;
        assert_eq!(text(Why::Empty), "`first_name` empty");
        assert_eq!(text(Why::TooLong { max: 140 }), "First name is too long, should be at most 140 characters");
        assert_eq!(text(Why::Unknown), "Invalid `first_name`");
        assert_eq!(invalid("email", &Why::Malformed).message, "Invalid email address");
    }

    #[test]
    fn an_inner_failure_is_never_shown() {
        let failure = Failure::from(Error::internal("disk on fire"));
        assert_eq!((failure.status.as_u16(), failure.message.as_ref()), (500, SOMETHING_WENT_WRONG));
        assert_eq!(failure.data, None);
    }
}
