//! The audit log: who changed accounts, rights and configuration, written in the transaction of the change.

use muster_core::actor::{ActorRef, Via};
use muster_core::{Entity, Result, Timestamp};
use serde_json::Value;

use crate::db::{SqlBuf, Tx};

/// Rows of one statement: few enough for the parameters that either engine takes.
const CHUNK: usize = 64;

/// One entry of the log. Never holds secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    pub at: Timestamp,
    pub actor: ActorRef,
    pub via: Via,
    /// The client's address.
    pub ip: Option<String>,
    /// A name for the credential that was used.
    pub credential: Option<String>,
    /// The event's name.
    pub action: &'static str,
    pub entity: (Entity, i64),
    /// The values that changed, as they were and as they became.
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Appends entries.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn append(tx: &mut Tx, entries: &[AuditEntry]) -> Result<()> {
    for chunk in entries.chunks(CHUNK) {
        let mut insert = SqlBuf::new(
            "INSERT INTO audit (at, actor, via, ip, credential, action, entity_kind, entity_id, before, after) VALUES ",
        );
        for (at, entry) in chunk.iter().enumerate() {
            if at > 0 {
                insert.push(", ");
            }
            bind(&mut insert, entry);
        }
        tx.execute_buf(&insert).await?;
    }
    Ok(())
}

fn bind(insert: &mut SqlBuf, entry: &AuditEntry) {
    let (entity, id) = entry.entity;
    insert.push("(").bind(entry.at);
    insert.push(", ").bind(entry.actor.to_string());
    insert.push(", ").bind(entry.via.as_str());
    insert.push(", ").bind(entry.ip.as_ref());
    insert.push(", ").bind(entry.credential.as_ref());
    insert.push(", ").bind(entry.action);
    insert.push(", ").bind(entity.as_str());
    insert.push(", ").bind(id);
    insert.push(", ").bind(entry.before.as_ref().map(Value::to_string));
    insert.push(", ").bind(entry.after.as_ref().map(Value::to_string));
    insert.push(")");
}
