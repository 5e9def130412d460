//! Macros. Wire (observed, 2.7): `user_id` and `team_id` are texts, in both directions.

use muster_app::macros::NamedMacro;
use muster_core::conversation::Priority;
use muster_core::id::{AgentId, StatusId, TeamId};
use muster_core::macros::{self, Action, MacroPatch, Occasion, Visibility};
use muster_http::patch::Patch;
use muster_http::path::number;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use crate::error::{Failure, Result};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Macro {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) name: String,
    pub(crate) actions: Vec<MacroAction>,
    pub(crate) visibility: VisibilityWord,
    pub(crate) visible_when: Vec<OccasionWord>,
    /// HTML.
    pub(crate) message_content: String,
    /// The agent whom it is for; a number as text.
    #[schema(required)]
    pub(crate) user_id: Option<String>,
    /// The team that it is for; a number as text.
    #[schema(required)]
    pub(crate) team_id: Option<String>,
    pub(crate) usage_count: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacroAction {
    r#type: ActionType,
    /// One id, or names of tags.
    value: Vec<String>,
    /// How people call them; a value of something that is gone stands as it is.
    display_value: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionType {
    AssignTeam,
    AssignUser,
    SetStatus,
    SetPriority,
    AddTags,
    SetTags,
    RemoveTags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VisibilityWord {
    All,
    Team,
    User,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OccasionWord {
    Replying,
    StartingConversation,
    AddingPrivateNote,
}

impl From<Occasion> for OccasionWord {
    fn from(occasion: Occasion) -> Self {
        match occasion {
            Occasion::Replying => Self::Replying,
            Occasion::Starting => Self::StartingConversation,
            Occasion::Noting => Self::AddingPrivateNote,
        }
    }
}

impl From<NamedMacro> for Macro {
    fn from(named: NamedMacro) -> Self {
        let NamedMacro { r#macro, labels } = named;
        let macros::Macro {
            id,
            name,
            actions,
            visibility,
            occasions,
            message,
            usage_count,
            created_at,
            updated_at,
            version: _,
        } = r#macro;
        let (word, user_id, team_id) = match visibility {
            Visibility::All => (VisibilityWord::All, None, None),
            Visibility::Team(team) => (VisibilityWord::Team, None, Some(team.to_string())),
            Visibility::Agent(agent) => (VisibilityWord::User, Some(agent.to_string()), None),
        };
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            name,
            actions: actions.into_iter().zip(labels).map(|(action, labels)| MacroAction::new(action, labels)).collect(),
            visibility: word,
            visible_when: occasions.into_iter().map(OccasionWord::from).collect(),
            message_content: message,
            user_id,
            team_id,
            usage_count,
        }
    }
}

impl MacroAction {
    fn new(action: Action, labels: Vec<String>) -> Self {
        let (kind, value) = match action {
            Action::AssignTeam(team) => (ActionType::AssignTeam, vec![team.to_string()]),
            Action::AssignAgent(agent) => (ActionType::AssignUser, vec![agent.to_string()]),
            Action::SetStatus(status) => (ActionType::SetStatus, vec![status.to_string()]),
            Action::SetPriority(priority) => (ActionType::SetPriority, vec![priority.rank().to_string()]),
            Action::AddTags(tags) => (ActionType::AddTags, tags),
            Action::SetTags(tags) => (ActionType::SetTags, tags),
            Action::RemoveTags(tags) => (ActionType::RemoveTags, tags),
        };
        let display_value = if labels.is_empty() { value.clone() } else { labels };
        Self { r#type: kind, value, display_value }
    }
}

/// A macro to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct MacroRequest {
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    /// Each type once.
    pub(crate) actions: Option<Vec<ActionRequest>>,
    /// `all` on creation when absent.
    #[schema(value_type = Option<VisibilityWord>)]
    pub(crate) visibility: Option<String>,
    /// Needed on creation.
    #[schema(value_type = Option<Vec<OccasionWord>>)]
    pub(crate) visible_when: Option<Vec<String>>,
    #[schema(max_length = 5000)]
    pub(crate) message_content: Option<String>,
    /// A number as text; needed with visibility `user`.
    #[serde(default)]
    pub(crate) user_id: Patch<String>,
    /// A number as text; needed with visibility `team`.
    #[serde(default)]
    pub(crate) team_id: Patch<String>,
}

/// Something to be done to a conversation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct ActionRequest {
    #[schema(value_type = ActionType)]
    r#type: String,
    /// One id, or names of tags.
    #[serde(default)]
    value: Vec<String>,
}

/// The actions to be done: a list, or an object that holds it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ApplyRequest {
    List(Vec<ActionRequest>),
    Object { actions: Vec<ActionRequest> },
}

impl ApplyRequest {
    pub(crate) fn into_actions(self) -> Vec<ActionRequest> {
        let (Self::List(actions) | Self::Object { actions }) = self;
        actions
    }
}

/// How far a macro got, in no envelope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MacroApplied {
    /// `Macro applied` or `Macro partially applied`.
    pub(crate) message: &'static str,
}

/// Why an action can't be read.
pub(crate) enum Unreadable {
    /// There is no such type.
    Type(String),
    Value(Failure),
}

impl ActionRequest {
    pub(crate) fn read(self) -> Result<Action, Unreadable> {
        let Self { r#type: kind, value } = self;
        let known = ["assign_team", "assign_user", "set_status", "set_priority", "add_tags", "set_tags", "remove_tags"];
        if !known.contains(&kind.as_str()) {
            return Err(Unreadable::Type(kind));
        }
        if value.iter().all(|value| value.trim().is_empty()) {
            return Err(Unreadable::Value(Failure::input(format!("{kind} empty"))));
        }
        let id = match value.as_slice() {
            [one] => number(one),
            _ => None,
        };
        let action = match (kind.as_str(), id) {
            ("add_tags", _) => Some(Action::AddTags(value)),
            ("set_tags", _) => Some(Action::SetTags(value)),
            ("remove_tags", _) => Some(Action::RemoveTags(value)),
            ("assign_team", Some(id)) => Some(Action::AssignTeam(TeamId(id))),
            ("assign_user", Some(id)) => Some(Action::AssignAgent(AgentId(id))),
            ("set_status", Some(id)) => Some(Action::SetStatus(StatusId(id))),
            ("set_priority", Some(id)) => Priority::from_rank(id).map(Action::SetPriority),
            _ => None,
        };
        action.ok_or_else(|| Unreadable::Value(Failure::invalid(&kind)))
    }
}

impl MacroRequest {
    /// What is said of a macro, with whom it is for from now on; `None`: that stays.
    pub(crate) fn into_patch(self, visibility: Option<Visibility>) -> Result<MacroPatch> {
        let Self { name, actions, visible_when, message_content, .. } = self;
        let occasion = |word: String| match word.as_str() {
            "replying" => Ok(Occasion::Replying),
            "starting_conversation" => Ok(Occasion::Starting),
            "adding_private_note" => Ok(Occasion::Noting),
            _ => Err(Failure::invalid("visible_when")),
        };
        let action = |action: ActionRequest| {
            action.read().map_err(|why| match why {
                Unreadable::Type(kind) => Failure::input(format!("{kind} action not allowed")),
                Unreadable::Value(failure) => failure,
            })
        };
        Ok(MacroPatch {
            name,
            actions: actions.map(|actions| actions.into_iter().map(action).collect::<Result<_>>()).transpose()?,
            visibility,
            occasions: visible_when.map(|words| words.into_iter().map(occasion).collect::<Result<_>>()).transpose()?,
            message: message_content,
        })
    }

    /// Whether anything is said of whom it is for.
    pub(crate) fn names_visibility(&self) -> bool {
        self.visibility.is_some() || !self.user_id.is_absent() || !self.team_id.is_absent()
    }

    /// Whom a macro is for that was for `present`; `None`: a new one.
    pub(crate) fn visibility(&self, present: Option<Visibility>) -> Result<Visibility> {
        let present_word = match present {
            None | Some(Visibility::All) => "all",
            Some(Visibility::Team(_)) => "team",
            Some(Visibility::Agent(_)) => "user",
        };
        let (agent, team) = match present {
            Some(Visibility::Agent(agent)) => (Some(agent.0), None),
            Some(Visibility::Team(team)) => (None, Some(team.0)),
            Some(Visibility::All) | None => (None, None),
        };
        match self.visibility.as_deref().unwrap_or(present_word) {
            "all" => Ok(Visibility::All),
            "team" => named("team_id", &self.team_id, team).map(|id| Visibility::Team(TeamId(id))),
            "user" => named("user_id", &self.user_id, agent).map(|id| Visibility::Agent(AgentId(id))),
            _ => Err(Failure::invalid("visibility")),
        }
    }
}

/// The id that a text names; the present one if it isn't there.
fn named(field: &str, sent: &Patch<String>, present: Option<i64>) -> Result<i64> {
    match sent {
        Patch::Absent => present.ok_or_else(|| Failure::empty(field)),
        Patch::Null => Err(Failure::empty(field)),
        Patch::Value(text) if text.is_empty() => Err(Failure::empty(field)),
        Patch::Value(text) => number(text).ok_or_else(|| Failure::invalid(field)),
    }
}
