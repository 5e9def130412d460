//! Drafts: kept for their agent alone, wherever the agent goes on writing.

use std::sync::Arc;

use muster_core::Result;
use muster_core::access::{self, Scope};
use muster_core::actor::Caller;
use muster_core::draft::{DraftContent, DraftKind};
use muster_store::{conversations, drafts};
use uuid::Uuid;

use crate::App;
use crate::conversations::readable;

pub use muster_store::drafts::PlacedDraft;

/// Drafts that are listed.
const SHOWN: i64 = 500;

impl App {
    /// The caller's latest drafts in conversations that they may read, in order of id; at most 500.
    ///
    /// # Errors
    /// [`muster_core::Error::Unauthenticated`] for others than agents.
    pub async fn drafts(&self, caller: &Caller) -> Result<Vec<PlacedDraft>> {
        let agent = caller.actor.agent()?.id;
        let scope = Arc::new(Scope::of(&caller.actor));
        self.read(move |tx| {
            let scope = Arc::clone(&scope);
            Box::pin(async move { drafts::list_of_agent(tx, agent, &scope, SHOWN).await })
        })
        .await
    }

    /// Keeps a draft of the caller's in a conversation, in place of the earlier one of its kind.
    ///
    /// # Errors
    /// [`muster_core::Error::NotFound`]; [`muster_core::Refusal::NoAccess`]; [`muster_core::Error::Unauthenticated`] for others than agents.
    pub async fn save_draft(&self, caller: &Caller, uuid: Uuid, content: DraftContent) -> Result<PlacedDraft> {
        let agent = caller.actor.agent()?.id;
        let content = Arc::new(content);
        self.write(caller, move |work| {
            let content = Arc::clone(&content);
            Box::pin(async move {
                let id = conversations::brief(work.tx, uuid).await?.id;
                let conversation = conversations::lock(work.tx, id).await?;
                access::check(work.actor(), &conversation.subject())?;
                work.tx.keep_quiet();
                let draft = drafts::put(work.tx, id, agent, &content, work.now).await?;
                Ok(PlacedDraft { draft, conversation_uuid: uuid })
            })
        })
        .await
    }

    /// Deletes the caller's draft of a kind in a conversation, or of every kind. None there is no error.
    ///
    /// # Errors
    /// As [`App::save_draft`].
    pub async fn delete_draft(&self, caller: &Caller, uuid: Uuid, kind: Option<DraftKind>) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                let actor = work.actor().clone();
                let conversation = readable(work.tx, &actor, uuid).await?;
                work.tx.keep_quiet();
                drafts::delete(work.tx, conversation.id, agent, kind).await
            })
        })
        .await
    }
}
