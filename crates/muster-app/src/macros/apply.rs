//! Doing what a macro says, or what the agent made of it, to a conversation.

use std::sync::Arc;

use muster_core::access;
use muster_core::actor::{Actor, Caller};
use muster_core::id::{MacroId, TeamId};
use muster_core::macros::{Action, check_actions, in_turn};
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::macros;
use uuid::Uuid;

use super::may_use;
use crate::App;
use crate::conversations::readable;

/// How far a macro got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    Whole,
    /// Some of its actions could not be done.
    Partly,
}

impl App {
    /// Does these actions to a conversation, one after the other in the order of [`in_turn`], each as the use case of its
    /// own does it and in its own transaction, and counts a use of the macro they came from. No actions are done at
    /// once: only the macro's text was used.
    ///
    /// # Errors
    /// Before anything is done: [`Error::Unauthenticated`] for others than agents; [`Error::NotFound`] for conversation
    /// or macro; [`Refusal::NoAccess`]; [`Refusal::NotOwner`] for a macro that isn't for the caller;
    /// [`Error::Invalid`] as [`check_actions`]; [`Error::Denied`] without the right to one of the actions.
    /// If none could be done: what the first of them was refused with.
    pub async fn apply_macro(&self, caller: &Caller, uuid: Uuid, id: MacroId, actions: &[Action]) -> Result<Applied> {
        caller.actor.agent()?;
        let team = self.usable(caller, uuid, id).await?;
        check_actions(actions)?;
        actions.iter().try_for_each(|action| check_right(&caller.actor, action, team))?;
        let applied = self.perform_all(caller, uuid, actions).await?;
        self.write(caller, move |work| {
            Box::pin(async move {
                work.tx.keep_quiet();
                macros::count_use(work.tx, id).await
            })
        })
        .await?;
        Ok(applied)
    }

    /// The conversation may be read and the macro used by the caller; answers the conversation's team.
    async fn usable(&self, caller: &Caller, uuid: Uuid, id: MacroId) -> Result<Option<TeamId>> {
        let actor = Arc::new(caller.actor.clone());
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                let found = macros::find(tx, id).await?;
                let may = may_use(&actor, &found);
                if may { Ok(conversation.team) } else { Err(Refusal::NotOwner(Entity::Macro).into()) }
            })
        })
        .await
    }

    async fn perform_all(&self, caller: &Caller, uuid: Uuid, actions: &[Action]) -> Result<Applied> {
        let (mut done, mut first) = (0, None);
        for action in in_turn(actions) {
            match self.perform(caller, uuid, &action.into()).await {
                Ok(()) => done += 1,
                Err(error) => {
                    if let Error::Internal(cause) = &error {
                        tracing::error!(cause = &**cause, "an action of a macro failed");
                    }
                    first = first.or(Some(error));
                }
            }
        }
        match first {
            None => Ok(Applied::Whole),
            Some(_) if done > 0 => Ok(Applied::Partly),
            Some(error) => Err(error),
        }
    }
}

/// As the action's own use case asks for it.
fn check_right(actor: &Actor, action: &Action, team: Option<TeamId>) -> Result<()> {
    match action {
        Action::AssignTeam(_) | Action::AssignAgent(_) => access::require_in(actor, action.permission(), team),
        _ => actor.require(action.permission()),
    }
}
