//! The audit log: who changed accounts, rights and configuration, written in the transaction of the change.

use muster_core::activity::{ActivityEntry, ActivityField, ActivityFilter, ActivityTest};
use muster_core::actor::{ActorRef, Via};
use muster_core::time::Zone;
use muster_core::view::{Page, PageRequest};
use muster_core::{Entity, Error, Result, Timestamp};
use serde_json::Value;

use crate::conditions;
use crate::db::{Row, SqlBuf, Tx};

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

/// One page of the log: the entries that a filter lets through, without names. Equal ones go by their place in it, the
/// latest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn page(
    tx: &mut Tx,
    filter: &ActivityFilter,
    (by, descending): (ActivityField, bool),
    zone: &Zone,
    request: PageRequest,
) -> Result<Page<ActivityEntry>> {
    let mut count = SqlBuf::new("SELECT COUNT(*) AS count FROM audit");
    condition(&mut count, filter, zone);
    let total = match tx.query_buf(&count).await?.first() {
        Some(row) => row.get("count")?,
        None => 0,
    };
    let mut select = SqlBuf::new("SELECT * FROM audit");
    condition(&mut select, filter, zone);
    // Entries are written in order of time.
    let column = match by {
        ActivityField::Action => "action",
        ActivityField::Actor => "actor",
        ActivityField::Ip => "ip",
        ActivityField::At => "id",
    };
    select.push(" ORDER BY ").push(column).push(if descending { " DESC" } else { " ASC" });
    if by != ActivityField::At {
        select.push(if descending { " NULLS LAST, id DESC" } else { " NULLS FIRST, id DESC" });
    }
    select.push(" LIMIT ").bind(request.size).push(" OFFSET ").bind(request.offset());
    let items = tx.query_buf(&select).await?.iter().map(entry).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

fn condition(buf: &mut SqlBuf, filter: &ActivityFilter, zone: &Zone) {
    for (at, test) in filter.tests.iter().enumerate() {
        buf.push(match (at, filter.any) {
            (0, _) => " WHERE ",
            (_, true) => " OR ",
            (_, false) => " AND ",
        });
        match test {
            ActivityTest::Action(names) if names.is_empty() => drop(buf.push("1 = 0")),
            ActivityTest::Action(names) => drop(buf.push("action IN ").bind_list(names.iter().copied())),
            ActivityTest::Actor { ids, is_one } => {
                let actors = ids.iter().flat_map(|id| [format!("agent:{id}"), format!("contact:{id}")]);
                buf.push(if *is_one { "actor IN " } else { "actor NOT IN " }).bind_list(actors);
            }
            ActivityTest::Ip(test) => conditions::text(buf, "ip", test),
            ActivityTest::At(test) => conditions::time(buf, "at", test.range(zone)),
        }
    }
}

fn entry(row: &Row) -> Result<ActivityEntry> {
    let json = |column: &str| match row.get::<Option<String>>(column)? {
        Some(text) => serde_json::from_str(&text).map(Some).map_err(Error::internal),
        None => Ok(None),
    };
    Ok(ActivityEntry {
        id: row.get("id")?,
        at: row.get("at")?,
        actor: row.get_word("actor", ActorRef::parse)?,
        actor_name: None,
        via: row.get_word("via", Via::parse)?,
        ip: row.get("ip")?,
        credential: row.get("credential")?,
        action: row.get("action")?,
        target: (row.get_word("entity_kind", Entity::parse)?, row.get("entity_id")?),
        target_name: None,
        before: json("before")?,
        after: json("after")?,
    })
}
