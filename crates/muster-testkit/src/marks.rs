//! Up to where people have read, and what is kept of the events.

use muster_store::{params, sql};
use uuid::Uuid;

use crate::desk::TestDesk;
use crate::people::AgentHandle;

impl TestDesk {
    /// The number of the last message of the conversation that the agent has seen; 0 for none.
    ///
    /// # Panics
    /// If the store can't be read.
    pub async fn seen_by(&self, agent: &AgentHandle, conversation: Uuid) -> i64 {
        let (select, agent) = (
            sql!(
                "SELECT s.seq FROM last_seen s JOIN conversations c ON c.id = s.conversation_id
                 WHERE c.uuid = $1 AND s.agent_id = $2"
            ),
            agent.id,
        );
        let row = self
            .app
            .store()
            .read(move |tx| Box::pin(async move { tx.query_opt(select, &params![conversation, agent]).await }));
        row.await.expect("the mark is read").map_or(0, |row| row.get("seq").expect("a mark is a number"))
    }

    /// The number of the last message of the conversation that its contact has seen; 0 for none.
    ///
    /// # Panics
    /// If the store can't be read, or there is no such conversation.
    pub async fn seen_by_contact(&self, conversation: Uuid) -> i64 {
        let select = sql!("SELECT contact_seen_seq FROM conversations WHERE uuid = $1");
        let row = self
            .app
            .store()
            .read(move |tx| Box::pin(async move { tx.query_one(select, &params![conversation]).await }));
        row.await.expect("the mark is read").get("contact_seen_seq").expect("a mark is a number")
    }

    /// Forgets all events but the last one, as retention does with those that are old.
    ///
    /// # Panics
    /// If the store can't be written.
    pub async fn forget_events(&self) {
        let delete = sql!(
            sqlite: "DELETE FROM events WHERE id < (SELECT MAX(id) FROM events)",
            postgres: "DELETE FROM events WHERE pos < (SELECT MAX(pos) FROM events)",
        );
        let deleted = self.app.store().write(move |tx| Box::pin(async move { tx.execute(delete, &[]).await }));
        assert!(deleted.await.expect("events are deleted") > 0);
    }
}
