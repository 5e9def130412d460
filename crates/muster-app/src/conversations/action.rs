//! What can be done to a conversation by its name, to one or to many.

use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::conversation::Priority;
use muster_core::id::{AgentId, TeamId};
use muster_core::macros;
use muster_core::tag::{self, TagChange};
use muster_core::{Error, Result, Why};
use uuid::Uuid;

use super::StatusRef;
use super::status::named;
use crate::App;

/// How many conversations one call may name.
pub const MANY_MAX: usize = 100;

/// Something to be done to a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    AssignAgent(AgentId),
    UnassignAgent,
    AssignTeam(Option<TeamId>),
    /// With how long it is parked for, as [`App::set_status`] takes it.
    SetStatus(StatusRef, Option<Duration>),
    SetPriority(Priority),
    /// Tags by name.
    ChangeTags(TagChange, Vec<String>),
    MarkSeen,
    MarkUnread,
}

impl From<&macros::Action> for Action {
    fn from(action: &macros::Action) -> Self {
        match action {
            macros::Action::AssignTeam(team) => Self::AssignTeam(Some(*team)),
            macros::Action::AssignAgent(agent) => Self::AssignAgent(*agent),
            macros::Action::SetStatus(status) => Self::SetStatus(StatusRef::Id(*status), None),
            macros::Action::SetPriority(priority) => Self::SetPriority(*priority),
            macros::Action::AddTags(tags) => Self::ChangeTags(TagChange::Add, tags.clone()),
            macros::Action::SetTags(tags) => Self::ChangeTags(TagChange::Set, tags.clone()),
            macros::Action::RemoveTags(tags) => Self::ChangeTags(TagChange::Remove, tags.clone()),
        }
    }
}

impl App {
    /// Does one thing to many conversations, each once, by itself and in its own transaction, as the use case of its own
    /// does it. `told` hears what came of each as soon as it is known, in the order asked for.
    ///
    /// # Errors
    /// Before anything is done, for what could be done to none of them: [`Error::Invalid`] `uuids` for none or more than
    /// [`MANY_MAX`], `status` for one that isn't known, `snoozed_until`, `tags`.
    pub async fn do_to_many(
        &self,
        caller: &Caller,
        uuids: &[Uuid],
        action: &Action,
        mut told: impl FnMut(Uuid, Result<()>) + Send,
    ) -> Result<()> {
        if uuids.is_empty() {
            return Err(Error::invalid("uuids", Why::Empty));
        }
        if uuids.len() > MANY_MAX {
            return Err(Error::invalid("uuids", Why::OutOfRange));
        }
        self.check_sense(action).await?;
        for (at, uuid) in uuids.iter().enumerate() {
            if !uuids[..at].contains(uuid) {
                told(*uuid, self.perform(caller, *uuid, action).await);
            }
        }
        Ok(())
    }

    async fn check_sense(&self, action: &Action) -> Result<()> {
        match action {
            Action::SetStatus(status, length) => {
                let (status, length) = (Arc::new(status.clone()), *length);
                self.read(move |tx| {
                    let status = Arc::clone(&status);
                    Box::pin(async move { named(tx, &status, length).await.map(drop) })
                })
                .await
            }
            Action::ChangeTags(_, names) => tag::check_named(names),
            Action::AssignAgent(_)
            | Action::UnassignAgent
            | Action::AssignTeam(_)
            | Action::SetPriority(_)
            | Action::MarkSeen
            | Action::MarkUnread => Ok(()),
        }
    }

    /// Does something to a conversation as the use case of its own does it.
    ///
    /// # Errors
    /// Those of that use case.
    pub(crate) async fn perform(&self, caller: &Caller, uuid: Uuid, action: &Action) -> Result<()> {
        match action {
            Action::AssignAgent(to) => self.assign_agent(caller, uuid, *to, None).await,
            Action::UnassignAgent => self.unassign_agent(caller, uuid).await,
            Action::AssignTeam(team) => self.assign_team(caller, uuid, *team).await,
            Action::SetStatus(status, length) => self.set_status(caller, uuid, status.clone(), *length).await,
            Action::SetPriority(priority) => self.set_priority(caller, uuid, Some(*priority)).await,
            Action::ChangeTags(change, names) => self.change_tags(caller, uuid, *change, names.clone()).await,
            Action::MarkSeen => self.mark_seen(caller, uuid).await,
            Action::MarkUnread => self.mark_unread(caller, uuid).await,
        }
    }
}
