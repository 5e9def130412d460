//! Macros: answers and actions that agents have prepared.

use std::mem::discriminant;

use serde::{Deserialize, Serialize};

use crate::conversation::{CLOSED, Priority};
use crate::id::{AgentId, MacroId, StatusId, TeamId};
use crate::permission::Permission;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why, message, tag, text};

pub const NAME_MAX: usize = 140;
/// Characters of a macro's message, in HTML.
pub const MESSAGE_MAX: usize = 5000;

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
        if tags.is_empty() {
            return Err(Error::invalid("tags", Why::OutOfRange));
        }
        tag::check_named(tags)?;
        tags.iter().try_for_each(|name| text::bounded("tags", name, 1, tag::NAME_MAX).map(drop))
    }

    /// Where it stands among those that are done together. Tags come first, as a team may ask for one before work is
    /// resolved; then the status, which may open what was closed; then who has it, the team before the agent, as with another
    /// team it loses its agent. Closing comes last, as what is closed can be given to nobody.
    fn turn(&self) -> u8 {
        match self {
            Self::AddTags(_) | Self::SetTags(_) | Self::RemoveTags(_) => 0,
            Self::SetStatus(status) if *status == CLOSED => 5,
            Self::SetStatus(_) => 1,
            Self::SetPriority(_) => 2,
            Self::AssignTeam(_) => 3,
            Self::AssignAgent(_) => 4,
        }
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

/// Actions in the order in which they hinder each other least; those of which that is the same stay as they stand.
#[must_use]
pub fn in_turn(actions: &[Action]) -> Vec<&Action> {
    let mut sorted: Vec<&Action> = actions.iter().collect();
    sorted.sort_by_key(|action| action.turn());
    sorted
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
    fn actions_take_turns_so_that_none_hinders_another() {
        use crate::conversation::{OPEN, RESOLVED};
        let tags = || Action::AddTags(vec!["a".to_owned()]);
        let untag = || Action::RemoveTags(vec!["b".to_owned()]);
        let (agent, team) = (Action::AssignAgent(AgentId(1)), Action::AssignTeam(TeamId(2)));
        let priority = Action::SetPriority(Priority::from_rank(1).unwrap());
        let of = |actions: &[Action]| in_turn(actions).into_iter().cloned().collect::<Vec<_>>();
        let resolve = Action::SetStatus(RESOLVED);
        assert_eq!(of(&[resolve.clone(), tags()]), [tags(), resolve.clone()]);
        assert_eq!(
            of(&[agent.clone(), untag(), team.clone(), resolve.clone(), tags()]),
            [untag(), tags(), resolve, team, agent.clone()]
        );
        let close = Action::SetStatus(CLOSED);
        assert_eq!(
            of(&[close.clone(), agent.clone(), priority.clone()]),
            [priority.clone(), agent, close],
            "what is closed can't be assigned"
        );
        let open = Action::SetStatus(OPEN);
        assert_eq!(of(&[priority.clone(), open.clone()]), [open, priority], "what is closed has to be opened first");
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
