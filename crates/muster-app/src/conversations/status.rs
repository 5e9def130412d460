//! The state of a conversation: its status, and its priority.

use std::sync::Arc;
use std::time::Duration;

use muster_core::access;
use muster_core::actor::Caller;
use muster_core::conversation::{Back, By, Category, Conversation, OPEN, Priority, SNOOZED, Status, comes_back_to};
use muster_core::id::{ConversationId, StatusId};
use muster_core::message::Author;
use muster_core::permission::Permission;
use muster_core::{Error, Result, Timestamp, Why, text};
use muster_store::db::Tx;
use muster_store::{conversations, statuses, tags, teams};
use uuid::Uuid;

use super::change::{self, Cause, Locked};
use crate::presence::begin_wrap_up;
use crate::{App, Work};

/// A status by id or by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusRef {
    Id(StatusId),
    /// Case, width and outer blanks don't matter.
    Name(String),
}

impl App {
    /// Sets a named status: opens, parks, resolves or closes. A status of a parked conversation may come
    /// with the time after which it opens by itself; [`SNOOZED`] has to.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`Error::Invalid`] `status` for one that isn't known, `snoozed_until` for
    /// [`SNOOZED`] without a time;
    /// [`muster_core::Refusal::NoAccess`]; [`muster_core::Refusal::TagRequired`]; [`muster_core::Refusal::Closed`] for
    /// one merged into another.
    pub async fn set_status(
        &self,
        caller: &Caller,
        uuid: Uuid,
        status: StatusRef,
        snoozed_for: Option<Duration>,
    ) -> Result<()> {
        caller.actor.require(Permission::ConversationsUpdateStatus)?;
        let status = Arc::new(status);
        self.write_in_reserve(caller, move |work| {
            let status = Arc::clone(&status);
            Box::pin(async move { set_status(work, uuid, &status, snoozed_for).await })
        })
        .await
    }

    /// Sets or clears the priority.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`muster_core::Refusal::NoAccess`], `Closed`.
    pub async fn set_priority(&self, caller: &Caller, uuid: Uuid, priority: Option<Priority>) -> Result<()> {
        caller.actor.require(Permission::ConversationsUpdatePriority)?;
        self.write(caller, move |work| Box::pin(set_priority(work, uuid, priority))).await
    }
}

async fn set_status(work: &mut Work<'_>, uuid: Uuid, status: &StatusRef, snoozed_for: Option<Duration>) -> Result<()> {
    let status = named(work.tx, status, snoozed_for).await?;
    let brief = conversations::brief(work.tx, uuid).await?;
    let mut locked = change::lock(work, brief, None).await?;
    access::check(work.actor(), &locked.conversation.subject())?;
    let status = hold(work.tx, status).await?;
    check_tagged(work.tx, &locked.conversation, &status).await?;
    let until = snoozed_for.map(|length| work.now + length);
    let author = Author::from(work.actor().reference());
    let cause = Cause::of(work.actor());
    move_to(work, &mut locked, &status, until, &cause.by(), author).await
}

/// The status that is meant, if it can be set with this time, or without one.
pub(super) async fn named(tx: &mut Tx, status: &StatusRef, snoozed_for: Option<Duration>) -> Result<Status> {
    let found = match status {
        StatusRef::Id(id) => statuses::list_statuses(tx).await?.into_iter().find(|status| status.id == *id),
        StatusRef::Name(name) => statuses::find_by_name(tx, &text::key(name)).await?,
    };
    let status = found.ok_or(Error::invalid("status", Why::Unknown))?;
    if status.id == SNOOZED && snoozed_for.is_none() {
        return Err(Error::invalid("snoozed_until", Why::Empty));
    }
    Ok(status)
}

/// The status as it stays until the end of the transaction. The built-in ones always do.
async fn hold(tx: &mut Tx, status: Status) -> Result<Status> {
    if status.built_in {
        return Ok(status);
    }
    statuses::hold(tx, status.id).await?.ok_or(Error::invalid("status", Why::Unknown))
}

/// Refuses to resolve a conversation whose team asks for a tag, if it has none.
async fn check_tagged(tx: &mut Tx, conversation: &Conversation, to: &Status) -> Result<()> {
    let Some(team) = conversation.team else { return Ok(()) };
    let team = teams::team(tx, team).await?;
    let has_tags = team.tag_required && tags::has_tags(tx, conversation.id).await?;
    conversation.check_tagged(to, &team, has_tags)
}

async fn move_to(
    work: &mut Work<'_>,
    locked: &mut Locked,
    status: &Status,
    until: Option<Timestamp>,
    by: &By<'_>,
    author: Author,
) -> Result<()> {
    let name = locked.assignee_name(work).await?;
    let back = back(locked, &name, work.now);
    let was_in_hand = locked.conversation.is_open();
    let effects = locked.conversation.set_status(status, until, by, &back, work.now)?;
    change::store(work, &mut locked.conversation, effects, author).await?;
    match locked.assignee().cloned() {
        Some(mut agent) if was_in_hand && locked.conversation.category == Category::Resolved => {
            begin_wrap_up(work, &mut agent, locked.conversation.team).await
        }
        _ => Ok(()),
    }
}

/// What becomes of the assignee should the conversation open again. `name` is theirs.
pub(crate) fn back<'n>(locked: &Locked, name: &'n str, now: Timestamp) -> Back<'n> {
    let profile = locked.assignee();
    Back {
        to_assignee: profile.is_some_and(|profile| comes_back_to(profile, locked.conversation.medium, now)),
        still_exists: profile.is_some(),
        name,
    }
}

async fn set_priority(work: &mut Work<'_>, uuid: Uuid, priority: Option<Priority>) -> Result<()> {
    let id = conversations::brief(work.tx, uuid).await?.id;
    let mut conversation = conversations::lock(work.tx, id).await?;
    access::check(work.actor(), &conversation.subject())?;
    let cause = Cause::of(work.actor());
    let effects = conversation.set_priority(priority, &cause.by())?;
    let author = Author::from(work.actor().reference());
    change::store(work, &mut conversation, effects, author).await
}

/// Opens a parked conversation whose time has come. Does nothing to any other.
pub(crate) async fn wake(work: &mut Work<'_>, id: ConversationId) -> Result<()> {
    let brief = conversations::brief_by_id(work.tx, id).await?;
    let mut locked = change::lock(work, brief, None).await?;
    let is_due = locked.conversation.snoozed_until.is_some_and(|until| until <= work.now);
    if locked.conversation.category != Category::Waiting || !is_due {
        return Ok(());
    }
    let open = statuses::status(work.tx, OPEN).await?;
    move_to(work, &mut locked, &open, None, &By::SYSTEM, Author::System).await
}
