//! What the desk holds of a contact as one JSON document, written part by part: it may be larger than memory.

use futures_util::Stream;
use futures_util::stream::try_unfold;
use muster_app::App;
use muster_app::privacy::Notes;
use muster_core::actor::Caller;
use muster_core::id::{ContactId, ConversationId};
use muster_core::{Entity, Error, Result};
use serde::Serialize;

use crate::wire::privacy::{ConversationOpening, ExportedEvent, ExportedMessage, Opening};

/// The document about a contact, as texts to be written one behind the other. Where one fails, the document can't be
/// completed.
///
/// # Errors
/// Those of [`App::export_contact`], before anything is written.
pub async fn contact_document(
    app: App,
    caller: Caller,
    contact: ContactId,
    notes: Notes,
) -> Result<impl Stream<Item = Result<String>> + Send + 'static> {
    let held = app.export_contact(&caller, contact, notes).await?;
    let opening = format!("{},\"conversations\":[", opened(&Opening::from(held))?);
    let document = Document { app, caller, contact, notes, next: Part::Opening(opening) };
    Ok(try_unfold(document, |mut document| async move {
        let text = document.part().await?;
        Ok(text.map(|text| (text, document)))
    }))
}

struct Document {
    app: App,
    caller: Caller,
    contact: ContactId,
    notes: Notes,
    next: Part,
}

/// What is written next.
enum Part {
    Opening(String),
    /// The conversation behind this one.
    Conversation(ConversationId),
    /// Messages of a conversation behind this number.
    Messages(ConversationId, i64),
    /// Events about the contact, or about a conversation of theirs, behind the one of this id.
    Events(Option<ConversationId>, i64),
    Audit(Option<ConversationId>, i64),
    Nothing,
}

impl Document {
    async fn part(&mut self) -> Result<Option<String>> {
        let (text, next) = match std::mem::replace(&mut self.next, Part::Nothing) {
            Part::Opening(text) => (text, Part::Conversation(ConversationId(0))),
            Part::Conversation(after) => self.conversation(after).await?,
            Part::Messages(of, after) => self.messages(of, after).await?,
            Part::Events(of, after) => self.events(of, after).await?,
            Part::Audit(of, after) => self.audit(of, after).await?,
            Part::Nothing => return Ok(None),
        };
        self.next = next;
        Ok(Some(text))
    }

    async fn conversation(&self, after: ConversationId) -> Result<(String, Part)> {
        let Some(held) = self.app.export_conversation(&self.caller, self.contact, after, self.notes).await? else {
            return Ok(("],\"events\":[".to_owned(), Part::Events(None, 0)));
        };
        let id = held.conversation.id;
        let opening = opened(&ConversationOpening::from(held))?;
        Ok((format!("{}{opening},\"messages\":[", comma(after.0)), Part::Messages(id, 0)))
    }

    async fn messages(&self, of: ConversationId, after: i64) -> Result<(String, Part)> {
        let messages = self.app.export_messages(&self.caller, of, after, self.notes).await?;
        let Some(last) = messages.last().map(|view| view.message.seq) else {
            return Ok(("],\"events\":[".to_owned(), Part::Events(Some(of), 0)));
        };
        Ok((items(after, messages.into_iter().map(ExportedMessage::from))?, Part::Messages(of, last)))
    }

    async fn events(&self, of: Option<ConversationId>, after: i64) -> Result<(String, Part)> {
        let facts = self.app.export_facts(&self.caller, self.about(of), after).await?;
        let Some(last) = facts.last().map(|fact| fact.id) else {
            return Ok(("],\"audit\":[".to_owned(), Part::Audit(of, 0)));
        };
        Ok((items(after, facts.into_iter().map(ExportedEvent::from))?, Part::Events(of, last)))
    }

    async fn audit(&self, of: Option<ConversationId>, after: i64) -> Result<(String, Part)> {
        let entries = self.app.export_audit(&self.caller, self.about(of), after).await?;
        let Some(last) = entries.last().map(|entry| entry.id) else {
            return Ok(("]}".to_owned(), of.map_or(Part::Nothing, Part::Conversation)));
        };
        Ok((items(after, entries.into_iter().map(ExportedEvent::from))?, Part::Audit(of, last)))
    }

    fn about(&self, of: Option<ConversationId>) -> (Entity, i64) {
        of.map_or((Entity::Contact, self.contact.0), |conversation| (Entity::Conversation, conversation.0))
    }
}

/// An object whose last brace is still to come.
fn opened(value: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string(value).map_err(Error::internal)?;
    text.pop();
    Ok(text)
}

/// Further items of a list, of which some stand already unless `after` is 0.
fn items(after: i64, values: impl Iterator<Item = impl Serialize>) -> Result<String> {
    let texts: Vec<String> =
        values.map(|value| serde_json::to_string(&value)).collect::<Result<_, _>>().map_err(Error::internal)?;
    Ok(format!("{}{}", comma(after), texts.join(",")))
}

const fn comma(after: i64) -> &'static str {
    if after == 0 { "" } else { "," }
}
