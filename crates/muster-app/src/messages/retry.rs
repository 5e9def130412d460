//! Sending a reply again that couldn't be sent.

use muster_core::access;
use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::message::{Author, MessageKind, MessageState};
use muster_core::permission::Permission;
use muster_core::{Error, Refusal, Result, Why};
use muster_store::{conversations, messages};
use uuid::Uuid;

use super::{enabled_inbox, note_reply};
use crate::conversations::change;
use crate::{App, Work};

impl App {
    /// Sends a reply of the caller's again that couldn't be sent.
    ///
    /// # Errors
    /// [`Error::Denied`] without `messages:write`; [`Error::NotFound`] for the conversation;
    /// [`Refusal::NoAccess`]; [`Error::Invalid`] `message` for whatever is no failed reply of the caller's in this
    /// conversation; [`Refusal::Closed`] for a conversation merged into another; [`Refusal::InboxDisabled`].
    pub async fn retry_message(&self, caller: &Caller, conversation: Uuid, message: Uuid) -> Result<()> {
        caller.actor.require(Permission::MessagesWrite)?;
        self.write(caller, move |work| Box::pin(retry(work, conversation, message))).await
    }
}

async fn retry(work: &mut Work<'_>, conversation: Uuid, message: Uuid) -> Result<()> {
    let id = conversations::brief(work.tx, conversation).await?.id;
    let mut conversation = conversations::lock(work.tx, id).await?;
    access::check(work.actor(), &conversation.subject())?;
    let author = Author::from(work.actor().reference());
    let found = messages::find_by_uuid(work.tx, message).await?;
    let failed = found.filter(|message| message.conversation == id && message.has_failed_for(author));
    let message = failed.ok_or(Error::invalid("message", Why::Unknown))?.id;
    if conversation.merged_into.is_some() {
        return Err(Refusal::Closed(id).into());
    }
    enabled_inbox(work, &conversation).await?;
    let state = MessageState::first(MessageKind::Outgoing, conversation.medium);
    messages::save_state(work.tx, message, state, work.now).await?;
    let event = match state {
        MessageState::Pending => Event::MessageQueued { conversation: id, message },
        MessageState::Received | MessageState::Sent | MessageState::Failed => {
            Event::MessageSent { conversation: id, message }
        }
    };
    note_reply(&mut conversation, author, work.now);
    change::save(work, &mut conversation).await?;
    work.record(event);
    Ok(())
}
