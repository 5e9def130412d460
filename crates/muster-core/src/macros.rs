//! Macros: answers and actions that agents have prepared.

use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use crate::conversation::Priority;
use crate::id::{AgentId, MacroId, StatusId, TeamId};
use crate::permission::Permission;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why, message, text};

pub const NAME_MAX: usize = 140;
/// Characters of a macro's message, in HTML.
pub const MESSAGE_MAX: usize = 5000;
/// How many tags an action may name, and how long their names may be.
const TAGS_MAX: usize = 100;
const TAG_MAX: usize = 140;

words! {
    /// What an agent is about to do when a macro is offered.
    pub enum Occasion {
        Replying = "replying",
        Starting = "starting",
        Noting = "noting",
    }
}

/// Who may use a macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    All,
    Team(TeamId),
    Agent(AgentId),
}

impl Visibility {
    /// Whether an agent who is in these teams may use it.
    #[must_use]
    pub fn admits(self, agent: AgentId, is_member: impl FnOnce(TeamId) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::Team(team) => is_member(team),
            Self::Agent(owner) => owner == agent,
        }
    }
}

/// What a macro does to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", content = "what", rename_all = "snake_case")]
pub enum Action {
    AssignTeam(TeamId),
    AssignAgent(AgentId),
    SetStatus(StatusId),
    SetPriority(Priority),
    AddTags(Vec<String>),
    SetTags(Vec<String>),
    RemoveTags(Vec<String>),
}

impl Action {
    /// What whoever does it has to hold.
    #[must_use]
    pub const fn permission(&self) -> Permission {
        match self {
            Self::AssignTeam(_) => Permission::ConversationsUpdateTeamAssignee,
            Self::AssignAgent(_) => Permission::ConversationsUpdateUserAssignee,
            Self::SetStatus(_) => Permission::ConversationsUpdateStatus,
            Self::SetPriority(_) => Permission::ConversationsUpdatePriority,
            Self::AddTags(_) | Self::SetTags(_) | Self::RemoveTags(_) => Permission::ConversationsUpdateTags,
        }
    }

    fn check(&self) -> Result<()> {
        let (Self::AddTags(tags) | Self::SetTags(tags) | Self::RemoveTags(tags)) = self else { return Ok(()) };
        if tags.is_empty() || tags.len() > TAGS_MAX {
            return Err(Error::invalid("tags", Why::OutOfRange));
        }
        tags.iter().try_for_each(|tag| text::bounded("tags", tag, 1, TAG_MAX).map(drop))
    }
}

/// Checks what is to be done together: each kind of action once.
///
/// # Errors
/// [`Error::Invalid`] `actions` for two of a kind, `tags` for names that no tag can have.
pub fn check_actions(actions: &[Action]) -> Result<()> {
    for (at, action) in actions.iter().enumerate() {
        action.check()?;
        if actions[..at].iter().any(|earlier| discriminant(earlier) == discriminant(action)) {
            return Err(Error::invalid("actions", Why::OutOfRange));
        }
    }
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    pub id: MacroId,
    pub name: String,
    pub actions: Vec<Action>,
    pub visibility: Visibility,
    /// At least one, each once.
    pub occasions: Vec<Occasion>,
    /// Sanitised HTML; may be empty.
    pub message: String,
    pub usage_count: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// What is said of a macro; on a change `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MacroPatch {
    pub name: Option<String>,
    pub actions: Option<Vec<Action>>,
    pub visibility: Option<Visibility>,
    pub occasions: Option<Vec<Occasion>>,
    /// HTML.
    pub message: Option<String>,
}

impl Macro {
    /// A macro that nobody has named yet, which does nothing.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            id: MacroId(0),
            name: String::new(),
            actions: Vec::new(),
            visibility: Visibility::All,
            occasions: Vec::new(),
            message: String::new(),
            usage_count: 0,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// # Errors
    /// [`Error::Invalid`], also if the macro would have no name or no occasion.
    pub fn patched(&self, patch: &MacroPatch) -> Result<Self> {
        let mut after = self.clone();
        after.name = text::bounded("name", patch.name.as_deref().unwrap_or(&self.name), 1, NAME_MAX)?;
        if let Some(occasions) = &patch.occasions {
            after.occasions.clone_from(occasions);
            after.occasions.sort_unstable();
            after.occasions.dedup();
        }
        if after.occasions.is_empty() {
            return Err(Error::invalid("occasions", Why::Empty));
        }
        if let Some(actions) = &patch.actions {
            check_actions(actions)?;
            after.actions.clone_from(actions);
        }
        if let Some(html) = &patch.message {
            after.message = message::sanitized(&text::bounded("message", html, 0, MESSAGE_MAX)?);
        }
        after.visibility = patch.visibility.unwrap_or(after.visibility);
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(patch: MacroPatch) -> Result<Macro> {
        let blank = Macro::new(Timestamp::from_millis(0));
        let occasions = patch.occasions.or(Some(vec![Occasion::Replying]));
        blank.patched(&MacroPatch { name: Some("Close".to_owned()), occasions, ..patch })
    }

    #[test]
    fn a_macro_has_a_name_and_an_occasion() {
        let blank = Macro::new(Timestamp::from_millis(0));
        let occasions = Some(vec![Occasion::Noting, Occasion::Replying, Occasion::Noting]);
        assert!(blank.patched(&MacroPatch { occasions: occasions.clone(), ..MacroPatch::default() }).is_err());
        assert!(named(MacroPatch { occasions: Some(Vec::new()), ..MacroPatch::default() }).is_err());
        let made = named(MacroPatch { occasions, ..MacroPatch::default() }).unwrap();
        assert_eq!(made.occasions, [Occasion::Replying, Occasion::Noting]);
    }

    #[test]
    fn each_kind_of_action_comes_once() {
        let tag = |name: &str| vec![name.to_owned()];
        assert!(check_actions(&[Action::AddTags(tag("a")), Action::RemoveTags(tag("b"))]).is_ok());
        assert!(check_actions(&[Action::AddTags(tag("a")), Action::AddTags(tag("b"))]).is_err());
        assert!(check_actions(&[Action::AddTags(Vec::new())]).is_err());
        assert!(check_actions(&[Action::SetTags(tag(" "))]).is_err());
        assert!(check_actions(&[]).is_ok());
    }

    #[test]
    fn a_message_is_made_harmless() {
        let message = Some("<p>Hi <script>alert(1)</script></p>".to_owned());
        assert_eq!(named(MacroPatch { message, ..MacroPatch::default() }).unwrap().message, "<p>Hi </p>");
        let message = Some("x".repeat(MESSAGE_MAX + 1));
        assert!(named(MacroPatch { message, ..MacroPatch::default() }).is_err());
    }

    #[test]
    fn a_macro_is_for_all_for_a_team_or_for_one_agent() {
        let (kim, team) = (AgentId(1), TeamId(2));
        assert!(Visibility::All.admits(kim, |_| false));
        assert!(Visibility::Team(team).admits(kim, |of| of == team) && !Visibility::Team(team).admits(kim, |_| false));
        assert!(Visibility::Agent(kim).admits(kim, |_| false) && !Visibility::Agent(AgentId(3)).admits(kim, |_| true));
    }
}
