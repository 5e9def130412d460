//! A large desk, written straight into its database: through the API it would take days.
//!
//! Ids are given, not drawn, so this desk is for reading only.

use std::fmt::Write as _;

use anyhow::Result;
use muster_core::Result as Stored;
use muster_store::{Database, Durability, Engine, SqlBuf, Store, StoreOptions, Tx, search};

use crate::out;

/// Messages of each conversation.
const MESSAGES: i64 = 10;
/// Different texts of messages.
const TEXTS: i64 = 100_000;
/// Words of one text.
const WORDS: i64 = 12;
/// Different words; the first are the commonest.
const VOCABULARY: i64 = 5_000;
/// In one text of a hundred, and in one of ten thousand.
pub(super) const WORD: &str = "parcelpost";
pub(super) const RARE_WORD: &str = "umbrella";
/// Above all numbers and ids that the desk has given.
pub(super) const FIRST_NUMBER: i64 = 1_000_000;
/// Conversations of one transaction.
const BATCH: i64 = 20_000;
/// 2026-01-05T09:00:00Z, when the first conversation was started; the next ones 20 s apart.
const BEGIN: i64 = 1_767_603_600_000;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) conversations: i64,
}

pub(super) async fn fill(database: Database, amount: Amount, inbox: i64, agents: &[i64]) -> Result<()> {
    let store = Store::open(StoreOptions { durability: Durability::Off, ..StoreOptions::new(database) }).await?;
    store.write(|tx| Box::pin(texts(tx))).await?;
    let (first_agent, agents) = (agents.first().copied().unwrap_or(1), i64::try_from(agents.len())?);
    let mut done = 0;
    while done < amount.conversations {
        let until = (done + BATCH).min(amount.conversations);
        let batch = Batch { from: done + 1, until, inbox, first_agent, agents };
        store.write(move |tx| Box::pin(batch.write(tx))).await?;
        done = until;
        out::progress(&format!("{done} of {} conversations", amount.conversations));
    }
    out::progress("the index of words");
    store.write(|tx| Box::pin(finish(tx))).await?;
    store.close().await;
    Ok(())
}

/// The texts from which messages take theirs.
async fn texts(tx: &mut Tx) -> Stored<()> {
    let create = SqlBuf::new("CREATE TABLE bench_texts (id BIGINT PRIMARY KEY, text TEXT NOT NULL)");
    tx.execute_buf(&create).await?;
    for first in (0..TEXTS).step_by(500) {
        let mut insert = SqlBuf::new("INSERT INTO bench_texts (id, text) VALUES ");
        for id in first..first + 500 {
            insert.push(if id == first { "(" } else { ", (" }).bind(id).push(", ").bind(text(id)).push(")");
        }
        tx.execute_buf(&insert).await?;
    }
    Ok(())
}

fn text(id: i64) -> String {
    let mut text = String::new();
    // A word's rank grows with the square of a number that is as good as drawn.
    let mut state = id.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    for _ in 0..WORDS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = (state >> 33).rem_euclid(1000);
        let rank = drawn * drawn * VOCABULARY / 1_000_000;
        write!(text, "word{rank} ").expect("writing to a string can't fail");
    }
    if id % 100 == 0 {
        text.push_str(WORD);
    }
    if id % 10_000 == 1 {
        text.push_str(RARE_WORD);
    }
    text
}

/// Conversations by their place, from 1, both included.
#[derive(Debug, Clone, Copy)]
struct Batch {
    from: i64,
    until: i64,
    inbox: i64,
    first_agent: i64,
    agents: i64,
}

impl Batch {
    async fn write(self, tx: &mut Tx) -> Stored<()> {
        tx.execute_buf(&self.contacts()).await?;
        tx.execute_buf(&self.conversations()).await?;
        tx.execute_buf(&self.messages()).await?;
        Ok(())
    }

    /// Rows `n (i)` for each place.
    fn places(&self, insert: &'static str) -> SqlBuf {
        let mut buf = SqlBuf::new("WITH RECURSIVE n (i) AS (SELECT CAST(");
        buf.bind(self.from).push(" AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ").bind(self.until).push(") ");
        buf.push(insert);
        buf
    }

    fn contacts(&self) -> SqlBuf {
        let mut buf = self.places(
            "INSERT INTO contacts (id, public_id, kind, first_name, last_name, email, blocked, attributes, created_at,
               updated_at, version)
             SELECT 1000000 + i, 'contact-' || CAST(i AS TEXT), 'contact', 'Customer', CAST(i AS TEXT),
               'customer-' || CAST(i AS TEXT) || '@example.com', FALSE, '{}', ",
        );
        buf.bind(BEGIN).push(", ").bind(BEGIN).push(", 1 FROM n");
        buf
    }

    /// One of twenty is open and assigned, one of fifty resolved and nobody's, the others resolved or closed.
    fn conversations(&self) -> SqlBuf {
        let mut buf = self.places(
            "INSERT INTO conversations (id, uuid, public_id, queue_public_id, number, contact_id, inbox_id, channel,
               status_id, category, is_closed, assignee_id, priority, subject, reopened_count, last_message,
               last_message_at, last_message_sender, last_interaction, last_interaction_at, last_interaction_sender,
               last_seq, contact_seen_seq, sort_at, required_skills, attributes, source, created_at, updated_at, version)
             SELECT 1000000 + i, ",
        );
        uuid(&mut buf, 'c');
        buf.push(", 'conversation-' || CAST(i AS TEXT), 'queued-' || CAST(i AS TEXT), CAST(1000000 + i AS TEXT), 1000000 + i, ");
        buf.bind(self.inbox).push(", 'chat', CASE WHEN i % 20 = 0 THEN 1 WHEN i % 5 = 0 THEN 4 ELSE 3 END, ");
        buf.push("CASE WHEN i % 20 = 0 THEN 'open' ELSE 'resolved' END, i % 20 <> 0 AND i % 5 = 0, CASE WHEN i % 50 = 1 THEN NULL ELSE ").bind(self.first_agent).push(" + i % ").bind(self.agents);
        buf.push(" END, CASE WHEN i % 3 = 0 THEN 1 + i % 5 END, 'Order ' || CAST(i AS TEXT), 0, 'Thank you', ");
        for column in
            [", 'contact', 'Thank you', ", ", 'contact', 10, 10, ", ", '[]', '{}', '{}', ", ", ", ", 1 FROM n"]
        {
            time(&mut buf);
            buf.push(column);
        }
        buf
    }

    /// The customer and an agent in turns; one of the agent's answers has more than paragraphs.
    fn messages(&self) -> SqlBuf {
        let mut buf = self.places(
            "INSERT INTO messages (id, uuid, public_id, conversation_id, seq, kind, author_kind, author_id, content,
               content_type, text, state, created_at, updated_at, meta)
             SELECT i * 10 + k.id, ",
        );
        uuid(&mut buf, 'd');
        buf.push(
            " || CAST(k.id AS TEXT), 'message-' || CAST(i * 10 + k.id AS TEXT), 1000000 + i, k.id + 1,
               CASE WHEN k.id % 2 = 0 THEN 'incoming' ELSE 'outgoing' END,
               CASE WHEN k.id % 2 = 0 THEN 'contact' ELSE 'agent' END,
               CASE WHEN k.id % 2 = 0 THEN 1000000 + i ELSE ",
        );
        buf.bind(self.first_agent).push(" + i % ").bind(self.agents);
        buf.push(
            " END,
               CASE WHEN k.id % 2 = 0 THEN t.text
                 WHEN k.id = 5 THEN '<p>' || t.text || '</p><ul><li><b>when</b></li><li>where</li></ul>'
                 ELSE '<p>' || t.text || '</p>' END,
               CASE WHEN k.id % 2 = 0 THEN 'text' ELSE 'html' END, t.text,
               CASE WHEN k.id % 2 = 0 THEN 'received' ELSE 'sent' END, ",
        );
        time(&mut buf);
        buf.push(", ");
        time(&mut buf);
        buf.push(", '{}' FROM n CROSS JOIN bench_texts k JOIN bench_texts t ON t.id = ((i * 10 + k.id) * 7919) % ");
        buf.bind(TEXTS).push(" WHERE k.id < ").bind(MESSAGES).push(" ORDER BY 1");
        buf
    }
}

/// A UUID made of the place; that of messages lacks its last digit.
fn uuid(buf: &mut SqlBuf, kind: char) {
    let (sqlite, postgres) = match kind {
        'c' => (
            "'00000000-0000-4000-8000-' || printf('%012x', i)",
            "'00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0')",
        ),
        _ => (
            "'00000000-0000-4000-8001-' || printf('%011x', i)",
            "'00000000-0000-4000-8001-' || lpad(to_hex(i), 11, '0')",
        ),
    };
    buf.by_engine(Engine::Sqlite, sqlite).by_engine(Engine::Postgres, postgres);
}

/// When the conversation was started.
fn time(buf: &mut SqlBuf) {
    buf.bind(BEGIN).push(" + i * 20000");
}

async fn finish(tx: &mut Tx) -> Stored<()> {
    search::rebuild(tx).await?;
    tx.execute_buf(&SqlBuf::new("DROP TABLE bench_texts")).await?;
    if tx.engine() == Engine::Postgres {
        for table in ["ANALYZE contacts", "ANALYZE conversations", "ANALYZE messages", "ANALYZE message_search"] {
            tx.execute_buf(&SqlBuf::new(table)).await?;
        }
    }
    Ok(())
}
