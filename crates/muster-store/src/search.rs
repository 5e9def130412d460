//! Finding conversations and messages, and the index of messages' words.
//!
//! The index holds what `muster_core::search::words` makes of a message's text: on SQLite in an FTS5 table that keeps no
//! texts, on PostgreSQL as `tsvector`. It is written and emptied in the transactions that write and empty messages. To
//! take words out of SQLite's, they have to be said: before the message's text is gone.

use muster_core::access::Scope;
use muster_core::id::{ContactId, ConversationId, MessageId};
use muster_core::message::MessageKind;
use muster_core::search::{SEARCHED, WordQuery, words};
use muster_core::view::{FoundConversation, FoundMessage};
use muster_core::{Result, Timestamp};

use crate::conversations::within;
use crate::db::{Engine, Row, SqlBuf, Tx};
use crate::{params, sql};

/// The table of the index, which no dump holds.
pub(crate) const INDEX: &str = "message_search";
/// The migration that made it, by number and name.
pub(crate) const SINCE: i64 = 2;
pub(crate) const MIGRATION: &str = "0002_desk_work";
/// Messages looked at in one go.
const PAGE: i64 = 100;

/// Puts the words of a message that was just stored into the index, if it is one that people search.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn add(tx: &mut Tx, message: MessageId, kind: MessageKind, text: &str) -> Result<()> {
    if !SEARCHED.contains(&kind) {
        return Ok(());
    }
    let words = words(text);
    if words.is_empty() {
        return Ok(());
    }
    let insert = sql!(
        sqlite: "INSERT INTO message_search (rowid, words) VALUES ($1, $2)",
        postgres: "INSERT INTO message_search (message_id, words) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))",
    );
    tx.execute(insert, &params![message, words.join(" ")]).await.map(drop)
}

/// Takes a message's words out of the index, before its text changes or goes.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn remove(tx: &mut Tx, message: MessageId) -> Result<()> {
    remove_where(tx, |buf| {
        buf.push("id = ").bind(message);
    })
    .await
}

/// [`remove`] for all messages of a contact's conversations.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn remove_of_contact(tx: &mut Tx, contact: ContactId) -> Result<()> {
    remove_where(tx, |buf| {
        buf.push("conversation_id IN (SELECT id FROM conversations WHERE contact_id = ").bind(contact).push(")");
    })
    .await
}

/// [`remove`] for all messages of these conversations.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn remove_of_conversations(tx: &mut Tx, conversations: &[ConversationId]) -> Result<()> {
    if conversations.is_empty() {
        return Ok(());
    }
    remove_where(tx, |buf| {
        buf.push("conversation_id IN ").bind_list(conversations.iter().copied());
    })
    .await
}

async fn remove_where(tx: &mut Tx, condition: impl Fn(&mut SqlBuf)) -> Result<()> {
    if tx.engine() == Engine::Postgres {
        let mut delete = SqlBuf::new("DELETE FROM message_search WHERE message_id IN (SELECT id FROM messages WHERE ");
        condition(&mut delete);
        return tx.execute_buf(delete.push(")")).await.map(drop);
    }
    let mut after = MessageId(0);
    loop {
        let page = searched_after(tx, after, &condition).await?;
        for (id, text) in &page {
            let words = words(text);
            if !words.is_empty() {
                let delete =
                    sql!(sqlite: "INSERT INTO message_search (message_search, rowid, words) VALUES ('delete', $1, $2)");
                tx.execute(delete, &params![*id, words.join(" ")]).await?;
            }
        }
        match page.last() {
            Some((last, _)) => after = *last,
            None => return Ok(()),
        }
    }
}

/// Builds the index anew of all messages.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn rebuild(tx: &mut Tx) -> Result<()> {
    let clear = sql!(
        sqlite: "INSERT INTO message_search (message_search) VALUES ('delete-all')",
        postgres: "DELETE FROM message_search",
    );
    tx.execute(clear, &[]).await?;
    let mut after = MessageId(0);
    loop {
        let page = searched_after(tx, after, &|buf| {
            buf.push("1 = 1");
        })
        .await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        add_all(tx, &page).await?;
    }
}

async fn add_all(tx: &mut Tx, messages: &[(MessageId, String)]) -> Result<()> {
    let mut insert = SqlBuf::new("INSERT INTO message_search (");
    insert.by_engine(Engine::Sqlite, "rowid").by_engine(Engine::Postgres, "message_id").push(", words) VALUES ");
    let mut lead = "(";
    for (id, text) in messages {
        let words = words(text);
        if !words.is_empty() {
            insert.push(std::mem::replace(&mut lead, ", (")).bind(*id).push(", ");
            insert.by_engine(Engine::Postgres, "array_to_tsvector(string_to_array(").bind(words.join(" "));
            insert.by_engine(Engine::Postgres, ", ' '))").push(")");
        }
    }
    if lead == "(" { Ok(()) } else { tx.execute_buf(&insert).await.map(drop) }
}

/// The next messages that have words in the index, with their texts, in order of id.
async fn searched_after(
    tx: &mut Tx,
    after: MessageId,
    condition: &impl Fn(&mut SqlBuf),
) -> Result<Vec<(MessageId, String)>> {
    let mut select = SqlBuf::new("SELECT id, text FROM messages WHERE id > ");
    select.bind(after).push(" AND kind IN ").bind_list(SEARCHED.map(MessageKind::as_str)).push(" AND ");
    condition(&mut select);
    select.push(" ORDER BY id LIMIT ").bind(PAGE);
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("id")?, row.get("text")?))).collect()
}

/// Up to `limit` messages with these words in conversations within `scope`, the latest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn messages(tx: &mut Tx, query: &WordQuery, scope: &Scope, limit: i64) -> Result<Vec<FoundMessage>> {
    let select = reading(query, scope, limit, tx.engine());
    let found = |row: &Row| {
        let (text, created_at): (String, Timestamp) = (row.get("text")?, row.get("written_at")?);
        Ok(FoundMessage { text, created_at, conversation: found_conversation(row)? })
    };
    tx.query_buf(&select).await?.iter().map(found).collect()
}

/// The statement of [`messages`].
#[must_use]
pub fn reading(query: &WordQuery, scope: &Scope, limit: i64, engine: Engine) -> SqlBuf {
    let mut select = SqlBuf::new(
        "SELECT m.text, m.created_at AS written_at, c.uuid, c.number, c.subject, c.created_at, st.name AS status_name FROM ",
    );
    // The index goes first, in the order in which messages are wanted: it stops as soon as there are enough.
    select.by_engine(Engine::Sqlite, "message_search CROSS JOIN messages m ON m.id = message_search.rowid");
    select.by_engine(Engine::Postgres, "message_search s JOIN messages m ON m.id = s.message_id");
    select.by_engine(Engine::Sqlite, " CROSS").push(" JOIN conversations c ON c.id = m.conversation_id");
    select.push(" JOIN statuses st ON st.id = c.status_id WHERE ");
    select.by_engine(Engine::Sqlite, "message_search MATCH ");
    select.by_engine(Engine::Postgres, "s.words @@ CAST(CAST(").bind(matching(query, engine));
    select.by_engine(Engine::Postgres, " AS TEXT) AS tsquery)").push(" AND ");
    within(&mut select, scope);
    select.push(" ORDER BY ").by_engine(Engine::Sqlite, "message_search.rowid");
    select.by_engine(Engine::Postgres, "s.message_id").push(" DESC LIMIT ").bind(limit);
    select
}

/// The query in the engine's words. Words hold letters and digits alone, so quotes hold them.
fn matching(query: &WordQuery, engine: Engine) -> String {
    let WordQuery { whole, prefix } = query;
    let mut text = String::new();
    for word in whole {
        text.push_str(&match engine {
            Engine::Sqlite => format!("\"{word}\" AND "),
            Engine::Postgres => format!("'{word}' & "),
        });
    }
    text.push_str(&match engine {
        Engine::Sqlite => format!("\"{prefix}\" *"),
        Engine::Postgres => format!("'{prefix}':*"),
    });
    text
}

/// The conversation of this number, if it lies within `scope`.
///
/// # Errors
/// As [`Tx::query`].
pub async fn conversation_by_number(tx: &mut Tx, number: &str, scope: &Scope) -> Result<Option<FoundConversation>> {
    let mut select = found_columns();
    select.push(" WHERE c.number = ").bind(number).push(" AND ");
    within(&mut select, scope);
    tx.query_buf(&select).await?.first().map(found_conversation).transpose()
}

/// Up to `limit` conversations within `scope` of contacts with `part` in their e-mail address, the latest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn conversations_by_email(
    tx: &mut Tx,
    part: &str,
    scope: &Scope,
    limit: i64,
) -> Result<Vec<FoundConversation>> {
    let mut select = found_columns();
    select.push(" WHERE c.contact_id IN (SELECT id FROM contacts WHERE email IS NOT NULL AND ");
    select.contains("email", part).push(") AND ");
    within(&mut select, scope);
    select.push(" ORDER BY c.sort_at DESC, c.id DESC LIMIT ").bind(limit);
    tx.query_buf(&select).await?.iter().map(found_conversation).collect()
}

fn found_columns() -> SqlBuf {
    SqlBuf::new(
        "SELECT c.uuid, c.number, c.subject, c.created_at, st.name AS status_name
         FROM conversations c JOIN statuses st ON st.id = c.status_id",
    )
}

fn found_conversation(row: &Row) -> Result<FoundConversation> {
    Ok(FoundConversation {
        uuid: row.get("uuid")?,
        number: row.get("number")?,
        subject: row.get("subject")?,
        status_name: row.get("status_name")?,
        created_at: row.get("created_at")?,
    })
}
