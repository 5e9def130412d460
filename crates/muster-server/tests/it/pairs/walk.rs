//! Every field through every pair of dialects.

use std::collections::BTreeSet;

use muster_testkit::{AgentHandle, TestEngine};
use serde_json::{Value, json};

use super::agent::{Dialect, World};
use super::fields::{Field, Read, Write, table};
use crate::four::done;

/// What every change of an agent moves.
const STAMPS: [&str; 2] = ["updated_at", "muster.version"];

/// What was written, changed and read: the field, who wrote, who changed it then, who read.
type Steps = BTreeSet<(String, Dialect, Option<Dialect>, Dialect)>;

async fn every_field_is_written_through_one_and_read_through_all(engine: TestEngine) {
    let world = World::on(engine).await;
    let clerk = json!({"name": "Clerk", "description": "Files", "permissions": ["users:manage"]});
    done(world.four.l.post("/api/v1/roles", &clerk).await);
    let table = table();
    let mut walked = Steps::new();
    for field in &table {
        for writer in field.writers() {
            walk(&world, field, writer, &mut walked).await;
        }
    }
    let of = |field: &Field| field.writers().len().pow(2) * field.readers().len();
    assert_eq!(walked.len(), table.iter().map(of).sum::<usize>());
    // What the mapping of the four models gives: a dialect that is forgotten in the table fails here.
    assert_eq!(walked.len(), STEPS);
}

/// Fields by writers, those who change it afterwards or nobody, and readers.
const STEPS: usize = 387;

#[tokio::test]
async fn every_field_is_written_through_one_and_read_through_all_on_sqlite() {
    every_field_is_written_through_one_and_read_through_all(TestEngine::Sqlite).await;
}

#[tokio::test]
async fn every_field_is_written_through_one_and_read_through_all_on_postgres() {
    every_field_is_written_through_one_and_read_through_all(TestEngine::Postgres).await;
}

/// Writes a field through one dialect, then through each other one, and reads it through all each time.
async fn walk(world: &World, field: &Field, writer: Dialect, walked: &mut Steps) {
    let agent = world.full_agent("kim").await;
    write(world, &agent, field, writer, 0).await;
    read(world, &agent, field, 0, (writer, None), walked).await;
    for other in field.writers().into_iter().filter(|other| *other != writer) {
        write(world, &agent, field, other, 1).await;
        read(world, &agent, field, 1, (writer, Some(other)), walked).await;
        write(world, &agent, field, writer, 0).await;
        read(world, &agent, field, 0, (writer, None), walked).await;
    }
    write(world, &agent, field, writer, 1).await;
    read(world, &agent, field, 1, (writer, None), walked).await;
    done(world.four.l.delete(&format!("/api/v1/agents/{}", agent.id)).await);
}

/// Writes one of the field's two values; nothing else moves.
async fn write(world: &World, agent: &AgentHandle, field: &Field, writer: Dialect, value: usize) {
    let before = world.read(Dialect::Libredesk, agent).await;
    let subject = world.subject(agent).await;
    let calls = match field.cell(writer).write.as_ref().unwrap() {
        Write::Key(key, words) => vec![subject.change(writer, &[(key, words(&field.values[value]))])],
        Write::Calls(calls) => calls(&subject, &field.values[value]),
    };
    for call in calls {
        let shown = format!("{} through {writer:?}: {call:?}", field.name);
        let reply = world.send(writer, call).await;
        assert_eq!(reply.status(), 200, "{shown}: {}", reply.text());
        if writer == Dialect::ImiChat {
            assert_eq!(reply.json()["status_code"], 4309, "{shown}: {}", reply.text());
        }
    }
    let after = world.read(Dialect::Libredesk, agent).await;
    assert_eq!(rest(before, field), rest(after, field), "{} through {writer:?}", field.name);
}

/// The agent without what may move with the field.
fn rest(mut agent: Value, field: &Field) -> Value {
    let own = field.cell(Dialect::Libredesk).read.iter().flat_map(|Read(names, _)| names.split(", "));
    for path in own.chain(field.beside.iter().copied()).chain(STAMPS) {
        if let Some(value) = agent.pointer_mut(&pointer(path)) {
            *value = Value::Null;
        }
    }
    agent
}

/// Reads one of the field's two values through every dialect that shows it.
async fn read(
    world: &World,
    agent: &AgentHandle,
    field: &Field,
    value: usize,
    (writer, changer): (Dialect, Option<Dialect>),
    walked: &mut Steps,
) {
    for reader in field.readers() {
        let Read(names, words) = field.cell(reader).read.as_ref().unwrap();
        let shown = world.read(reader, agent).await;
        let values: Vec<Value> =
            names.split(", ").map(|name| shown.pointer(&pointer(name)).cloned().unwrap_or_default()).collect();
        let value = words(&field.values[value]);
        let seen = if values.len() == 1 { values[0].clone() } else { Value::Array(values) };
        assert_eq!(seen, value, "{} by {writer:?}, then {changer:?}, read through {reader:?}", field.name);
        walked.insert((field.name.clone(), writer, changer, reader));
    }
}

fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}
