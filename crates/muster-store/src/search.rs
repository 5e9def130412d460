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
use muster_core::{Error, Result, Timestamp};

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
/// The latest messages, which are searched themselves: thirty of them have what one of sixteen has.
const LATEST: usize = 500;

/// What is read of a message that was found, of its conversation `c` and of the status `st`.
const FOUND_MESSAGE: &str = "SELECT m.text, m.created_at AS written_at, c.uuid, c.number, c.subject, c.created_at, st.name AS status_name FROM ";

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
/// To find what words begin with, both engines gather all messages with such words before they give one: seconds for a
/// common beginning among ten million messages. So the latest messages are read themselves, where there are enough of
/// those, and the index is asked for the beginnings only that are rarer.
///
/// # Errors
/// As [`Tx::query`].
pub async fn messages(tx: &mut Tx, query: &WordQuery, scope: &Scope, limit: u16) -> Result<Vec<FoundMessage>> {
    let most = usize::from(limit);
    let latest = latest(tx, query).await?;
    let hits: Vec<MessageId> = latest.iter().filter(|(_, text)| query.is_found_in(text)).map(|(id, _)| *id).collect();
    let mut found = Vec::new();
    for some in hits.chunks(most) {
        found.extend(among(tx, some, scope).await?);
        if found.len() >= most {
            break;
        }
    }
    if found.len() < most
        && let Some((before, _)) = latest.get(LATEST - 1)
    {
        let select = reading(query, scope, *before, limit, tx.engine());
        let older: Vec<_> = tx.query_buf(&select).await?.iter().map(found_message).collect::<Result<_>>()?;
        found.extend(older);
    }
    found.truncate(most);
    Ok(found)
}

/// The [`LATEST`] messages with the query's whole words, or of all, with their texts, the latest first.
async fn latest(tx: &mut Tx, query: &WordQuery) -> Result<Vec<(MessageId, String)>> {
    let mut select = SqlBuf::new("SELECT m.id, m.text FROM ");
    if query.whole.is_empty() {
        select.push("messages m WHERE m.kind IN ").bind_list(SEARCHED.map(MessageKind::as_str)).push(" ORDER BY m.id");
    } else {
        from_index(&mut select).push(" WHERE ");
        with_words(&mut select, &query.whole, None, tx.engine()).push(" ORDER BY ");
        id(&mut select);
    }
    select.push(" DESC LIMIT ").bind(i64::try_from(LATEST).map_err(Error::internal)?);
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("id")?, row.get("text")?))).collect()
}

/// Those of these messages that lie within `scope`, the latest first.
async fn among(tx: &mut Tx, messages: &[MessageId], scope: &Scope) -> Result<Vec<FoundMessage>> {
    let mut select = SqlBuf::new(FOUND_MESSAGE);
    select.push("messages m JOIN conversations c ON c.id = m.conversation_id JOIN statuses st ON st.id = c.status_id");
    select.push(" WHERE m.id IN ").bind_list(messages.iter().copied()).push(" AND ");
    within(&mut select, scope);
    select.push(" ORDER BY m.id DESC");
    tx.query_buf(&select).await?.iter().map(found_message).collect()
}

/// The statement that finds messages by the index alone: up to `limit` older than `before`, the latest first.
#[must_use]
pub fn reading(query: &WordQuery, scope: &Scope, before: MessageId, limit: u16, engine: Engine) -> SqlBuf {
    let mut select = SqlBuf::new(FOUND_MESSAGE);
    from_index(&mut select)
        .by_engine(Engine::Sqlite, " CROSS")
        .push(" JOIN conversations c ON c.id = m.conversation_id");
    select.push(" JOIN statuses st ON st.id = c.status_id WHERE ");
    with_words(&mut select, &query.whole, Some(&query.prefix), engine).push(" AND ");
    // PostgreSQL is not to take the messages' own index for this: nearly all of them are older.
    select.by_engine(Engine::Sqlite, "message_search.rowid").by_engine(Engine::Postgres, "m.id + 0");
    select.push(" < ").bind(before).push(" AND ");
    within(&mut select, scope);
    select.push(" ORDER BY ");
    id(&mut select).push(" DESC LIMIT ").bind(i64::from(limit));
    select
}

/// Whether the index has these words of a message, and one that begins with `prefix`. Words hold letters and digits alone,
/// so quotes hold them.
fn with_words<'a>(select: &'a mut SqlBuf, whole: &[String], prefix: Option<&str>, engine: Engine) -> &'a mut SqlBuf {
    let quoted = |word: &String| match engine {
        Engine::Sqlite => format!("\"{word}\""),
        Engine::Postgres => format!("'{word}'"),
    };
    let begun = prefix.map(|prefix| match engine {
        Engine::Sqlite => format!("\"{prefix}\" *"),
        Engine::Postgres => format!("'{prefix}':*"),
    });
    let and = match engine {
        Engine::Sqlite => " AND ",
        Engine::Postgres => " & ",
    };
    let wanted = whole.iter().map(quoted).chain(begun).collect::<Vec<_>>().join(and);
    select.by_engine(Engine::Sqlite, "message_search MATCH ");
    select.by_engine(Engine::Postgres, "message_search.words @@ CAST(CAST(").bind(wanted);
    select.by_engine(Engine::Postgres, " AS TEXT) AS tsquery)")
}

/// The index and its messages `m`. The index goes first, in the order in which messages are wanted: it stops as soon as
/// there are enough.
fn from_index(select: &mut SqlBuf) -> &mut SqlBuf {
    select.by_engine(Engine::Sqlite, "message_search CROSS JOIN messages m ON m.id = message_search.rowid");
    select.by_engine(Engine::Postgres, "message_search JOIN messages m ON m.id = message_search.message_id")
}

/// The index's name for a message's id.
fn id(select: &mut SqlBuf) -> &mut SqlBuf {
    select.by_engine(Engine::Sqlite, "message_search.rowid").by_engine(Engine::Postgres, "message_search.message_id")
}

fn found_message(row: &Row) -> Result<FoundMessage> {
    let (text, created_at): (String, Timestamp) = (row.get("text")?, row.get("written_at")?);
    Ok(FoundMessage { text, created_at, conversation: found_conversation(row)? })
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
