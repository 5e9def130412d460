//! Forgetting a contact: one transaction, however much they wrote.

use muster_core::actor::Caller;
use muster_core::conversation::{Back, CLOSED, Category, Conversation};
use muster_core::event::Event;
use muster_core::id::{AgentId, ContactId, ConversationId};
use muster_core::message::Author;
use muster_core::permission::Permission;
use muster_core::{Result, agent};
use muster_store::jobs::{self, NewJob};
use muster_store::privacy::erase;
use muster_store::{agents, contacts, lost_race, statuses};

pub use muster_store::contacts::Named;

use super::SCRUB;
use crate::conversations::change::{self, Cause};
use crate::{App, Work, media};

impl App {
    /// Erases a contact: their names and addresses, every word in their conversations, their sessions. Unresolved
    /// conversations are closed. That there were conversations, when, and who answered them stays.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `privacy:manage`; [`muster_core::Error::NotFound`] also for one who was
    /// erased before.
    pub async fn erase_contact(&self, caller: &Caller, id: ContactId) -> Result<()> {
        caller.actor.require(Permission::PrivacyManage)?;
        self.write_in_reserve(caller, move |work| Box::pin(forget(work, id))).await
    }

    /// Everybody who has an address or claims it, in order of id.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `privacy:manage`; [`muster_core::Error::Invalid`] for no address.
    pub async fn contacts_by_email(&self, caller: &Caller, email: &str) -> Result<Vec<Named>> {
        caller.actor.require(Permission::PrivacyManage)?;
        let email = agent::email("email", email)?;
        let found = self.inner.store.scan(move |tx| {
            let email = email.clone();
            Box::pin(async move { contacts::list_by_email(tx, &email).await })
        });
        found.await
    }
}

async fn forget(work: &mut Work<'_>, id: ContactId) -> Result<()> {
    let holders = erase::holders(work.tx, id).await?;
    agents::lock_profiles(work.tx, &holders).await?;
    let mut conversations = erase::lock_conversations(work.tx, id).await?;
    contacts::lock_contact(work.tx, id).await?;
    check_locked(work, id, &holders, &conversations).await?;
    for conversation in &mut conversations {
        close(work, conversation).await?;
    }
    media::drop_of_contact(work, id).await?;
    erase::erase(work.tx, id, work.now).await?;
    for conversation in &conversations {
        work.record(Event::ConversationErased { conversation: conversation.id });
    }
    work.record(Event::ContactErased { contact: id });
    if jobs::hold_waiting(work.tx, SCRUB).await? {
        return Ok(());
    }
    let job = NewJob { name: SCRUB, key: None, payload: serde_json::Value::Null, secret: None, run_at: work.now };
    jobs::insert(work.tx, job, work.now).await.map(drop)
}

/// Begins anew if a conversation was started, or given to another agent, before all locks were taken.
async fn check_locked(
    work: &mut Work<'_>,
    contact: ContactId,
    holders: &[AgentId],
    conversations: &[Conversation],
) -> Result<()> {
    let is_locked = |conversation: &Conversation| {
        conversation.category == Category::Resolved
            || conversation.assignee.is_none_or(|agent| holders.contains(&agent))
    };
    let all: Vec<ConversationId> = conversations.iter().map(|conversation| conversation.id).collect();
    let is_all = erase::conversation_ids(work.tx, contact).await? == all;
    if is_all && conversations.iter().all(is_locked) { Ok(()) } else { Err(lost_race()) }
}

/// Ends the work on a conversation that isn't resolved, for its agent and the queue.
async fn close(work: &mut Work<'_>, conversation: &mut Conversation) -> Result<()> {
    if conversation.category == Category::Resolved {
        return Ok(());
    }
    let closed = statuses::status(work.tx, CLOSED).await?;
    let cause = Cause::of(work.actor());
    let author = Author::from(work.actor().reference());
    let stays = Back { to_assignee: false, still_exists: false, name: "" };
    let effects = conversation.set_status(&closed, None, &cause.by(), &stays, work.now)?;
    change::store(work, conversation, effects, author).await
}
