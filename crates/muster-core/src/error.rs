//! The one error type of the domain. Small and closed: a new kind is a decision, because every
//! dialect has to answer it.

use std::fmt;

use crate::id::{AgentId, ConversationId, TeamId};
use crate::permission::Permission;
use crate::second_factor::Hold;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in the domain's own words. Dialects turn it into status, code and text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} not found")]
    NotFound(Entity),
    /// Input that can't be accepted, whatever the state of the desk.
    #[error("{field}: {why}")]
    Invalid { field: &'static str, why: Why },
    #[error("not signed in")]
    Unauthenticated,
    #[error("missing permission {0}")]
    Denied(Permission),
    /// A business rule said no.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// A unique name is taken, or the caller's expectation (`If-Match`, expected assignee) is stale.
    #[error("{0} was changed by someone else or its name is taken")]
    Conflict(Entity),
    #[error("temporarily unavailable: {0}")]
    Busy(Busy),
    /// The cause chain is logged once at the outer border and never shown.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    #[must_use]
    pub const fn invalid(field: &'static str, why: Why) -> Self {
        Self::Invalid { field, why }
    }

    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Why the desk can't take a request right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// Too much is waiting to be written or read.
    QueueFull,
    /// Too many password checks are waiting.
    Passwords,
    /// The store can't serve: unreachable, or its files can't be used.
    Store,
    /// The store takes no writes for now, because its disk is full or its server doesn't let it; it can be read.
    ReadOnly,
    /// A read took longer than it may.
    TooSlow,
    ShuttingDown,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "too much is waiting",
            Self::Passwords => "too many password checks are waiting",
            Self::Store => "the store can't serve",
            Self::ReadOnly => "the store takes no writes: its disk is full, or it is read-only",
            Self::TooSlow => "the read took too long",
            Self::ShuttingDown => "the desk is shutting down",
        })
    }
}

/// The kinds of thing an error or an event can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    Agent,
    Team,
    Role,
    Skill,
    Attribute,
    Contact,
    Inbox,
    Conversation,
    Message,
    Status,
    Credential,
    Link,
    Job,
    Integration,
    Tag,
    View,
    Macro,
    Template,
    BusinessHours,
    /// An uploaded file.
    Media,
    /// A note on a contact.
    Note,
    Draft,
    Notification,
    /// A question to a customer how it was.
    Survey,
    Desk,
}

impl Entity {
    pub const ALL: [Self; 25] = [
        Self::Agent,
        Self::Team,
        Self::Role,
        Self::Skill,
        Self::Attribute,
        Self::Contact,
        Self::Inbox,
        Self::Conversation,
        Self::Message,
        Self::Status,
        Self::Credential,
        Self::Link,
        Self::Job,
        Self::Integration,
        Self::Tag,
        Self::View,
        Self::Macro,
        Self::Template,
        Self::BusinessHours,
        Self::Media,
        Self::Note,
        Self::Draft,
        Self::Notification,
        Self::Survey,
        Self::Desk,
    ];

    /// The word kept in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Team => "team",
            Self::Role => "role",
            Self::Skill => "skill",
            Self::Attribute => "attribute",
            Self::Contact => "contact",
            Self::Inbox => "inbox",
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Status => "status",
            Self::Credential => "credential",
            Self::Link => "link",
            Self::Job => "job",
            Self::Integration => "integration",
            Self::Tag => "tag",
            Self::View => "view",
            Self::Macro => "macro",
            Self::Template => "template",
            Self::BusinessHours => "business_hours",
            Self::Media => "media",
            Self::Note => "note",
            Self::Draft => "draft",
            Self::Notification => "notification",
            Self::Survey => "survey",
            Self::Desk => "desk",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.as_str() == word)
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    Empty,
    TooLong {
        max: usize,
    },
    Malformed,
    /// Not one of the words this field knows.
    Unknown,
    OutOfRange,
    /// There is no attribute of this key.
    UnknownAttribute {
        key: String,
    },
    /// The value doesn't fit the attribute of this key.
    UnfitAttribute {
        key: String,
    },
    /// The password doesn't meet the desk's rule ([`crate::password::DESK_RULE`]).
    WeakPassword,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { max } => write!(f, "is longer than {max} characters"),
            Self::Malformed => f.write_str("is malformed"),
            Self::Unknown => f.write_str("is not a known value"),
            Self::OutOfRange => f.write_str("is out of range"),
            Self::UnknownAttribute { key } => write!(f, "has no attribute {key}"),
            Self::UnfitAttribute { key } => write!(f, "has a value that does not fit attribute {key}"),
            Self::WeakPassword => f.write_str("is not strong enough"),
        }
    }
}

/// A business rule that said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Would leave the desk without an enabled, unlocked administrator.
    LastAdmin,
    /// Built-in roles and the system agent can't be changed in this way.
    BuiltIn(Entity),
    /// An agent can't delete the own account.
    Self_,
    /// Sign-in with the right password to an account that is disabled or locked.
    AccountDisabled,
    /// Unknown name or wrong password; never says which.
    WrongCredentials,
    /// Not the password of the agent who asks.
    WrongPassword,
    /// The password is right, and a code of the second factor is asked for as well.
    CodeWanted,
    /// The new password is the present one.
    SamePassword,
    /// A code of the second factor that is wrong, used or too old.
    WrongCode,
    /// Too many wrong passwords or codes for one account; to be tried again after so many seconds.
    TooManyAttempts {
        wait: u64,
    },
    /// The session reaches the own account alone.
    Held(Hold),
    /// The agent has a second factor already.
    SecondFactorIsOn,
    /// The agent has no second factor, or none that waits for its first code.
    SecondFactorIsOff,
    /// A one-time link that is unknown, used or expired.
    LinkExpired,
    /// Only callers who are not signed in may do this.
    SignedIn,
    /// The agent has no room for one more conversation.
    AtCapacity(AgentId),
    /// The agent may not be given conversations: absent from the desk, disabled, locked or without the right to reply.
    NotAssignable(AgentId),
    /// The conversation is closed, or merged into another.
    Closed(ConversationId),
    /// The customer may not write into it any more.
    ReplyPrevented(ConversationId),
    /// The customer may not start a conversation here, or not another one.
    StartPrevented,
    SecondConversation,
    /// More conversations started than one contact may in a day.
    TooManyConversations,
    /// The contact is blocked.
    Blocked,
    InboxDisabled,
    /// The agent is not a member of the team.
    NotMember,
    /// The agent may not see or touch this conversation.
    NoAccess,
    /// Set-up has been done already.
    AlreadySetUp,
    /// A token that was good once.
    TokenExpired,
    /// More tokens than an integration may have made in an hour.
    TooManyTokens,
    /// The agent has no proven presence that could be changed or ended.
    NotPresent(AgentId),
    /// The agent is at a desk program already.
    AlreadyPresent(AgentId),
    /// The agent is writing up the last conversation.
    InWrapUp(AgentId),
    /// The agent may not work in this mode.
    ModeNotPermitted,
    /// Somebody else is reached at this telephone: the login.
    PhoneInUse(String),
    /// Somebody else signs in by this login.
    LoginTaken,
    /// Somebody else signs in by this e-mail address.
    EmailTaken,
    /// The agent doesn't take customer work.
    NotServing(AgentId),
    /// The team is archived and was to stay so.
    TeamArchived,
    /// The rule of this skill asks for the attribute.
    NeededByRule(String),
    /// It is somebody else's.
    NotOwner(Entity),
    /// Something refers to it.
    InUse(Entity),
    /// A file of more bytes than are taken.
    FileTooLarge {
        max: u64,
    },
    FileEmpty,
    /// The desk doesn't take files of this type.
    FileType,
    /// The inbox takes no files.
    UploadsOff,
    /// The team asks for a tag before a conversation is resolved.
    TagRequired(TeamId),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastAdmin => f.write_str("the last administrator must stay"),
            Self::BuiltIn(entity) => write!(f, "a built-in {entity} can't be changed"),
            Self::Self_ => f.write_str("you can't do this to your own account"),
            Self::AccountDisabled => f.write_str("the account is disabled"),
            Self::WrongCredentials => f.write_str("unknown name or wrong password"),
            Self::WrongPassword => f.write_str("the password is wrong"),
            Self::SamePassword => f.write_str("the new password is the present one"),
            Self::CodeWanted => f.write_str("a code of the second factor is wanted"),
            Self::WrongCode => f.write_str("the code is wrong, used or too old"),
            Self::TooManyAttempts { wait } => write!(f, "too many wrong passwords or codes: try again in {wait} s"),
            Self::Held(hold) => hold.fmt(f),
            Self::SecondFactorIsOn => f.write_str("there is a second factor already"),
            Self::SecondFactorIsOff => f.write_str("there is no second factor"),
            Self::LinkExpired => f.write_str("the link is used or expired"),
            Self::SignedIn => f.write_str("already signed in"),
            Self::AtCapacity(agent) => write!(f, "agent {agent} has no room"),
            Self::NotAssignable(agent) => write!(f, "agent {agent} can't be given conversations"),
            Self::Closed(conversation) => write!(f, "conversation {conversation} is closed"),
            Self::ReplyPrevented(conversation) => write!(f, "conversation {conversation} takes no more replies"),
            Self::StartPrevented => f.write_str("conversations can't be started here"),
            Self::SecondConversation => f.write_str("only one conversation at a time"),
            Self::TooManyConversations => f.write_str("too many conversations today"),
            Self::Blocked => f.write_str("the contact is blocked"),
            Self::InboxDisabled => f.write_str("the inbox is disabled"),
            Self::NotMember => f.write_str("not a member of the team"),
            Self::NoAccess => f.write_str("no access to this conversation"),
            Self::AlreadySetUp => f.write_str("the desk is set up already"),
            Self::TokenExpired => f.write_str("the token has expired"),
            Self::TooManyTokens => f.write_str("too many tokens in an hour"),
            Self::NotPresent(agent) => write!(f, "agent {agent} is not signed in"),
            Self::AlreadyPresent(agent) => write!(f, "agent {agent} is signed in already"),
            Self::InWrapUp(agent) => write!(f, "agent {agent} is in wrap-up"),
            Self::ModeNotPermitted => f.write_str("the agent may not work in this mode"),
            Self::PhoneInUse(login) => write!(f, "{login} uses this telephone"),
            Self::LoginTaken => f.write_str("the login is somebody else's"),
            Self::EmailTaken => f.write_str("the e-mail address is somebody else's"),
            Self::NotServing(agent) => write!(f, "agent {agent} takes no customer work"),
            Self::TeamArchived => f.write_str("the team is archived"),
            Self::NeededByRule(skill) => write!(f, "the rule of skill {skill} needs it"),
            Self::NotOwner(entity) => write!(f, "the {entity} is somebody else's"),
            Self::InUse(entity) => write!(f, "the {entity} is in use"),
            Self::FileTooLarge { max } => write!(f, "the file has more than {max} bytes"),
            Self::FileEmpty => f.write_str("the file is empty"),
            Self::FileType => f.write_str("files of this type are not taken"),
            Self::UploadsOff => f.write_str("files are not taken here"),
            Self::TagRequired(team) => write!(f, "team {team} asks for a tag before a conversation is resolved"),
        }
    }
}
