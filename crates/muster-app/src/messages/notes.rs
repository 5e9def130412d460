//! Taking a note back.

use muster_core::access;
use muster_core::actor::Caller;
use muster_core::conversation::Conversation;
use muster_core::event::Event;
use muster_core::media::Owner;
use muster_core::message::Message;
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result};
use muster_store::{conversations, mentions, messages, notifications, search};
use uuid::Uuid;

use crate::conversations::change;
use crate::{App, Work, media};

impl App {
    /// Takes a note back, whoever wrote it: its words are gone, that it was stays.
    ///
    /// # Errors
    /// [`Error::Denied`] without `messages:write`; [`Error::NotFound`] also for what is no note of this conversation or
    /// was taken back before; [`muster_core::Refusal::NoAccess`].
    pub async fn delete_note(&self, caller: &Caller, conversation: Uuid, note: Uuid) -> Result<()> {
        caller.actor.require(Permission::MessagesWrite)?;
        self.write(caller, move |work| Box::pin(delete_note(work, conversation, note))).await
    }
}

async fn delete_note(work: &mut Work<'_>, conversation: Uuid, note: Uuid) -> Result<()> {
    let id = conversations::brief(work.tx, conversation).await?.id;
    let mut conversation = conversations::lock(work.tx, id).await?;
    access::check(work.actor(), &conversation.subject())?;
    let found = messages::find_by_uuid(work.tx, note).await?;
    let note = found.filter(|note| note.conversation == id && note.is_standing_note());
    forget(work, &mut conversation, note.ok_or(Error::NotFound(Entity::Message))?).await
}

/// Empties a note everywhere its words stand.
async fn forget(work: &mut Work<'_>, conversation: &mut Conversation, note: Message) -> Result<()> {
    search::remove(work.tx, note.id).await?;
    notifications::delete_of_message(work.tx, note.id).await?;
    mentions::delete_of_message(work.tx, note.id).await?;
    media::drop_of(work, Owner::Message(note.id)).await?;
    messages::take_back(work.tx, note.id, work.now).await?;
    let left = messages::last_shown(work.tx, conversation.id).await?;
    conversation.note_taken_back(&note, left.as_ref());
    change::save(work, conversation).await?;
    work.record(Event::MessageDeleted { conversation: conversation.id, message: note.id });
    Ok(())
}
