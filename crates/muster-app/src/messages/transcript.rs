//! A conversation as its customer knows it, to be read as one text.

use std::sync::Arc;

use muster_core::Result;
use muster_core::actor::Caller;
use muster_core::message::MessageKind;
use muster_core::permission::Permission;
use muster_core::view::MessageView;
use muster_store::privacy::export;
use muster_store::{contacts, messages};
use uuid::Uuid;

use crate::App;
use crate::conversations::readable;

/// Messages of one part.
const PART: i64 = 200;

/// What stands above the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptHead {
    pub number: String,
    pub subject: Option<String>,
    pub contact_name: String,
    pub started_at: muster_core::Timestamp,
}

impl App {
    /// Begins a transcript.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `messages:read`; [`muster_core::Error::NotFound`];
    /// [`muster_core::Refusal::NoAccess`].
    pub async fn transcript(&self, caller: &Caller, uuid: Uuid) -> Result<TranscriptHead> {
        caller.actor.require(Permission::MessagesRead)?;
        let actor = Arc::new(caller.actor.clone());
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                Ok(TranscriptHead {
                    contact_name: contacts::contact_or_erased(tx, conversation.contact).await?.name(),
                    number: conversation.number,
                    subject: conversation.subject,
                    started_at: conversation.created_at,
                })
            })
        })
        .await
    }

    /// The next messages that the customer sees behind number `after`, in order; none at the end.
    ///
    /// # Errors
    /// As [`App::transcript`].
    pub async fn transcript_part(&self, caller: &Caller, uuid: Uuid, after: i64) -> Result<Vec<MessageView>> {
        caller.actor.require(Permission::MessagesRead)?;
        let (actor, now) = (Arc::new(caller.actor.clone()), self.now());
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                let kinds = [MessageKind::Incoming, MessageKind::Outgoing];
                let rows = export::messages_after(tx, conversation.id, after, &kinds, PART).await?;
                messages::views(tx, rows, now).await
            })
        })
        .await
    }
}
