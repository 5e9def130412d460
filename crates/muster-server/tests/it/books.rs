//! Whether the books of a desk balance: what the tables must agree on in every snapshot, read beside the running desk.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use muster_core::event::Event;
use muster_core::id::{AgentId, ConversationId};
use muster_store::db::{Database, Process, Store, StoreOptions, Tx};
use muster_store::{Sql, outbox, sql};

/// What must not be found: the ids of rows that don't fit together.
const FAULTS: &[(&str, Sql)] = &[
    (
        "conversations whose messages aren't numbered 1, 2, 3 … up to last_seq",
        sql!(
            "SELECT c.id FROM conversations c
             LEFT JOIN (
                 SELECT conversation_id, COUNT(*) AS n, MIN(seq) AS low, MAX(seq) AS high
                 FROM messages GROUP BY conversation_id
             ) m ON m.conversation_id = c.id
             WHERE m.n IS NULL OR m.low <> 1 OR m.high <> m.n OR c.last_seq <> m.n"
        ),
    ),
    (
        "agents whose load isn't the number of their open conversations",
        sql!(
            "SELECT s.agent_id AS id FROM agent_state s
             LEFT JOIN (
                 SELECT assignee_id, COUNT(*) AS n FROM conversations WHERE category = 'open' GROUP BY assignee_id
             ) c ON c.assignee_id = s.agent_id
             WHERE s.load <> COALESCE(c.n, 0)"
        ),
    ),
    (
        "members whose load isn't the number of their open conversations of the team",
        sql!(
            "SELECT m.agent_id AS id FROM memberships m
             LEFT JOIN (
                 SELECT assignee_id, team_id, COUNT(*) AS n FROM conversations WHERE category = 'open'
                 GROUP BY assignee_id, team_id
             ) c ON c.assignee_id = m.agent_id AND c.team_id = m.team_id
             WHERE m.load <> COALESCE(c.n, 0)"
        ),
    ),
    (
        "conversations that are open without an agent and not in the queue, or in it and not that",
        sql!(
            "SELECT c.id FROM conversations c LEFT JOIN queue_entries q ON q.conversation_id = c.id
             WHERE (q.conversation_id IS NOT NULL) <> (c.category = 'open' AND c.assignee_id IS NULL)"
        ),
    ),
    (
        "conversations queued for another team than theirs",
        sql!(
            "SELECT c.id FROM conversations c JOIN queue_entries q ON q.conversation_id = c.id
             WHERE COALESCE(q.team_id, 0) <> COALESCE(c.team_id, 0)"
        ),
    ),
    (
        "messages without an event, or with several",
        sql!(
            "SELECT m.id FROM messages m
             LEFT JOIN (
                 SELECT aggregate_id, seq, COUNT(*) AS n FROM events
                 WHERE aggregate_kind = 'conversation' AND seq IS NOT NULL GROUP BY aggregate_id, seq
             ) e ON e.aggregate_id = m.conversation_id AND e.seq = m.seq
             WHERE COALESCE(e.n, 0) <> 1"
        ),
    ),
    (
        "events of messages that aren't there",
        sql!(
            "SELECT e.id FROM events e
             LEFT JOIN messages m ON m.conversation_id = e.aggregate_id AND m.seq = e.seq
             WHERE e.seq IS NOT NULL AND m.id IS NULL"
        ),
    ),
    (
        "conversations whose beginning isn't told once",
        sql!(
            "SELECT c.id FROM conversations c
             LEFT JOIN (
                 SELECT aggregate_id, COUNT(*) AS n FROM events WHERE name = 'conversation.created'
                 GROUP BY aggregate_id
             ) e ON e.aggregate_id = c.id
             WHERE COALESCE(e.n, 0) <> 1"
        ),
    ),
    (
        "agents whose making isn't told once",
        sql!(
            "SELECT a.id FROM agents a
             LEFT JOIN (
                 SELECT aggregate_id, COUNT(*) AS n FROM events WHERE name = 'agent.created' GROUP BY aggregate_id
             ) e ON e.aggregate_id = a.id
             WHERE a.kind <> 'system' AND COALESCE(e.n, 0) <> 1"
        ),
    ),
    (
        "agents with more or fewer audit entries than events",
        sql!(
            "SELECT a.id FROM agents a
             LEFT JOIN (
                 SELECT aggregate_id, COUNT(*) AS n FROM events
                 WHERE aggregate_kind = 'agent' AND name <> 'presence.changed' GROUP BY aggregate_id
             ) e ON e.aggregate_id = a.id
             LEFT JOIN (
                 SELECT entity_id, COUNT(*) AS n FROM audit WHERE entity_kind = 'agent' GROUP BY entity_id
             ) x ON x.entity_id = a.id
             WHERE COALESCE(e.n, 0) <> COALESCE(x.n, 0)"
        ),
    ),
    (
        "agents without a state, a name to sign in with, or a role",
        sql!(
            "SELECT a.id FROM agents a
             WHERE a.kind = 'human' AND a.deleted_at IS NULL AND NOT (
                 EXISTS (SELECT 1 FROM agent_state s WHERE s.agent_id = a.id)
                 AND EXISTS (SELECT 1 FROM sign_in_names n WHERE n.agent_id = a.id)
                 AND EXISTS (SELECT 1 FROM agent_roles r WHERE r.agent_id = a.id)
             )"
        ),
    ),
    (
        "contacts whose making isn't told once",
        sql!(
            "SELECT c.id FROM contacts c
             LEFT JOIN (
                 SELECT aggregate_id, COUNT(*) AS n FROM events WHERE name = 'contact.created' GROUP BY aggregate_id
             ) e ON e.aggregate_id = c.id
             WHERE COALESCE(e.n, 0) <> 1"
        ),
    ),
    (
        "visitors without a session or a conversation",
        sql!(
            "SELECT c.id FROM contacts c
             WHERE c.kind = 'visitor' AND c.deleted_at IS NULL AND NOT (
                 EXISTS (SELECT 1 FROM visitor_sessions s WHERE s.contact_id = c.id)
                 AND EXISTS (SELECT 1 FROM conversations v WHERE v.contact_id = c.id)
             )"
        ),
    ),
];

/// How long a look may take. Generous: other tests run beside this one.
const DEADLINE: Duration = Duration::from_secs(300);

/// Opens the desk's database beside the process that serves it.
pub(crate) async fn open(database: Database) -> Store {
    let options =
        StoreOptions { process: Process::Command, pool: 2, deadline: DEADLINE, ..StoreOptions::new(database) };
    Store::open(options).await.unwrap()
}

/// Finds every fault in one snapshot.
///
/// # Panics
/// With the faults, if there are any.
pub(crate) async fn check(store: &Store) {
    let faults = store.scan(|tx| Box::pin(faults(tx))).await.unwrap();
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn faults(tx: &mut Tx) -> muster_core::Result<Vec<String>> {
    let mut found = Vec::new();
    for (what, select) in FAULTS {
        let rows = tx.query(*select, &[]).await?;
        if !rows.is_empty() {
            let ids: Vec<i64> = rows.iter().take(10).map(|row| row.get("id")).collect::<Result<_, _>>()?;
            found.push(format!("{} {what}, such as {ids:?}", rows.len()));
        }
    }
    let (count, last) = positions(tx).await?;
    if count != last {
        found.push(format!("{count} events have positions up to {last}"));
    }
    Ok(found)
}

/// How many events have positions, and the last one.
async fn positions(tx: &mut Tx) -> muster_core::Result<(i64, i64)> {
    let select = sql!(
        sqlite: "SELECT COUNT(*) AS count, COALESCE(MAX(id), 0) AS last FROM events",
        postgres: "SELECT COUNT(pos) AS count, COALESCE(MAX(pos), 0) AS last FROM events",
    );
    let row = tx.query_one(select, &[]).await?;
    Ok((row.get("count")?, row.get("last")?))
}

/// Whether every event has its position.
pub(crate) async fn is_positioned(store: &Store) -> bool {
    store.read(|tx| Box::pin(outbox::all_positioned(tx))).await.unwrap()
}

/// Plays all events in their order.
///
/// # Panics
/// If a conversation is given to somebody while somebody has it, or taken from somebody who hasn't, or if at the end it
/// stands with somebody else than the events say. Nobody may write meanwhile.
pub(crate) async fn check_assignments(store: &Store) {
    let mut assigned = BTreeMap::<ConversationId, AgentId>::new();
    let mut position = 0;
    loop {
        let batch = store.read(move |tx| Box::pin(outbox::events_after(tx, position, 1000))).await.unwrap();
        let Some(last) = batch.last() else { break };
        position = last.position;
        for record in batch {
            play(&mut assigned, &record.event);
        }
    }
    let stand = store.scan(|tx| Box::pin(stand(tx))).await.unwrap();
    assert_eq!(stand, assigned);
}

fn play(assigned: &mut BTreeMap<ConversationId, AgentId>, event: &Event) {
    match event {
        Event::ConversationAssigned { conversation, agent, .. } => {
            let before = assigned.insert(*conversation, *agent);
            assert_eq!(before, None, "{event:?}");
        }
        Event::ConversationUnassigned { conversation, agent, .. } => {
            let before = assigned.remove(conversation);
            assert_eq!(before, Some(*agent), "{event:?}");
        }
        _ => {}
    }
}

async fn stand(tx: &mut Tx) -> muster_core::Result<BTreeMap<ConversationId, AgentId>> {
    let select = sql!("SELECT id, assignee_id FROM conversations WHERE assignee_id IS NOT NULL");
    let rows = tx.query(select, &[]).await?;
    rows.iter().map(|row| Ok((ConversationId(row.get("id")?), AgentId(row.get("assignee_id")?)))).collect()
}

/// The ids of the requests that events came of.
pub(crate) async fn requests(store: &Store) -> BTreeSet<String> {
    let select = sql!("SELECT DISTINCT request_id FROM events WHERE request_id IS NOT NULL");
    let read = store.scan(move |tx| {
        Box::pin(async move { tx.query(select, &[]).await?.iter().map(|row| row.get("request_id")).collect() })
    });
    read.await.unwrap()
}
