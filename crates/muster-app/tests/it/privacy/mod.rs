//! Forgetting a contact, and letting go of what was kept long enough.

mod erase;
mod race;
mod retention;

use muster_core::actor::Actor;
use muster_core::id::ContactId;
use muster_store::{SqlBuf, params, sql};

use crate::conversations::{Visitor, World};

fn contact_of(visitor: &Visitor) -> ContactId {
    match visitor.caller.actor {
        Actor::Visitor { contact, .. } => contact,
        _ => panic!("not a visitor"),
    }
}

/// How many rows hold words of a contact: messages, conversations (or are still in work), sessions.
async fn words_of(world: &World, contact: ContactId) -> [i64; 3] {
    let read = world.app().store().read(move |tx| {
        Box::pin(async move {
            let messages = sql!(
                "SELECT COUNT(*) AS count FROM messages m JOIN conversations c ON c.id = m.conversation_id
                 WHERE c.contact_id = $1 AND (m.text <> '' OR m.content <> '' OR m.client_ref IS NOT NULL)"
            );
            let conversations = sql!(
                "SELECT COUNT(*) AS count FROM conversations WHERE contact_id = $1
                 AND (erased_at IS NULL OR last_message IS NOT NULL OR category <> 'resolved')"
            );
            let sessions = sql!("SELECT COUNT(*) AS count FROM visitor_sessions WHERE contact_id = $1");
            let mut counts = [0; 3];
            for (at, select) in [messages, conversations, sessions].into_iter().enumerate() {
                counts[at] = tx.query_one(select, &params![contact]).await?.get("count")?;
            }
            Ok(counts)
        })
    });
    read.await.unwrap()
}

/// The `count` of a statement.
async fn count(world: &World, select: &'static str) -> i64 {
    let read = world.app().store().read(move |tx| {
        Box::pin(async move {
            let rows = tx.query_buf(&SqlBuf::new(select)).await?;
            rows[0].get("count")
        })
    });
    read.await.unwrap()
}
