//! A desk goes through a dump unchanged, from either engine into either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use muster_core::Result;
use muster_core::access::Scope;
use muster_core::id::MessageId;
use muster_core::message::MessageKind;
use muster_core::search::WordQuery;
use muster_store::dump::{Contents, Source, contents, is_empty, load, write_rows};
use muster_store::migrate::{MIGRATIONS, Migration, schema_version};
use muster_store::{Store, Tx, db_error, outbox, params, people, search, sql};
use muster_testkit::both_engines;
use muster_testkit::postgres::{TestEngine, engines};

use crate::place::{NOW, Place, migrated};

/// A dump in memory: each table's rows as lines.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dump {
    contents: Contents,
    rows: BTreeMap<String, Vec<String>>,
}

async fn dumped(store: &Store) -> Dump {
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let dump = store.snapshot(&scratch.path().join("copy"), |tx| dump(tx).boxed()).await.expect("the desk is dumped");
    assert_eq!(scratch.path().read_dir().expect("the directory").count(), 0, "the copy is removed");
    dump
}

async fn dump(tx: &mut Tx) -> Result<Dump> {
    let contents = contents(tx).await?;
    let mut rows = BTreeMap::new();
    for table in &contents.tables {
        let mut lines = Vec::new();
        let mut keep = |line: &[u8]| {
            lines.push(String::from_utf8(line.to_vec()).expect("JSON is UTF-8"));
            Ok(())
        };
        let count = write_rows(tx, table, &mut keep).await?;
        assert_eq!(count, lines.len() as u64);
        rows.insert(table.name.clone(), lines);
    }
    Ok(Dump { contents, rows })
}

/// Hands out a dump's rows.
struct Rows {
    tables: std::vec::IntoIter<(String, Vec<String>)>,
    rows: std::vec::IntoIter<String>,
}

impl Source for Rows {
    fn next_table(&mut self) -> Result<Option<String>> {
        Ok(self.tables.next().map(|(name, rows)| {
            self.rows = rows.into_iter();
            name
        }))
    }

    fn next_row(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.rows.next().map(String::into_bytes))
    }
}

async fn loaded(store: &Store, dump: &Dump, migrations: &'static [Migration]) -> Result<()> {
    let dump = Arc::new(dump.clone());
    store
        .write(move |tx| {
            let dump = Arc::clone(&dump);
            async move {
                let tables: Vec<_> = dump.rows.clone().into_iter().collect();
                let mut rows = Rows { tables: tables.into_iter(), rows: Vec::new().into_iter() };
                load(tx, &dump.contents, &mut rows, migrations, NOW).await
            }
            .boxed()
        })
        .await
}

const ODD: [&str; 7] = [
    "",
    "null",
    "\"\\/\u{8}\r\n\t",
    "\u{2028}\u{feff}\u{1f468}\u{200d}\u{1f469}",
    "[1,{\"f\":\"0\"}]",
    "e\u{301}",
    "\u{10ffff}\u{1}",
];

/// Fills a desk with what is easily lost: odd texts, NULLs, extremes, booleans, rows that refer to later ones, and
/// numbers that were given and whose rows are gone.
async fn fill(tx: &mut Tx) -> Result<()> {
    let setting = sql!("INSERT INTO settings (name, value) VALUES ($1, $2)");
    for (number, text) in ODD.iter().enumerate() {
        tx.execute(setting, &params![format!("odd {number} {text}"), *text]).await?;
    }
    let team = sql!(
        "INSERT INTO teams (public_id, name, name_key, description, enabled, mode, timezone, fallback_team_id, forward_to,
            accepts_when_absent, offered_at_start, offered_when_closed, closing_tags, tag_required, wrap_up_ms,
            created_at, updated_at, version)
         VALUES ($1, $2, $2, '', TRUE, 'auto', 'UTC', $3, '', FALSE, TRUE, FALSE, '[]', FALSE, 0, $4, $5, 1) RETURNING id"
    );
    let none: Option<i64> = None;
    let first: i64 = tx.query_one(team, &params!["one", "One", none, i64::MIN, i64::MAX]).await?.get("id")?;
    let second: i64 = tx.query_one(team, &params!["two", "Two", first, 0, -1]).await?.get("id")?;
    let point = sql!("UPDATE teams SET fallback_team_id = $2 WHERE id = $1");
    tx.execute(point, &params![first, second]).await?;
    let job = sql!("INSERT INTO jobs (name, payload, run_at, attempts, created_at) VALUES ('x', '{}', 0, 0, 0)");
    for _ in 0..3 {
        tx.execute(job, &[]).await?;
    }
    tx.execute(sql!("DELETE FROM jobs WHERE id > 1"), &[]).await?;
    for _ in 0..5 {
        people::next_id(tx).await?;
    }
    let event = sql!(
        "INSERT INTO events (uuid, aggregate_kind, aggregate_id, name, at, actor, via, payload)
         VALUES ($1, 'team', 1, 'team.changed', 0, 'system', 'system', '{}')"
    );
    for number in 0..4 {
        tx.execute(event, &params![format!("event {number}")]).await?;
    }
    Ok(())
}

/// A desk with something in it.
async fn filled(engine: TestEngine) -> (Store, Place) {
    let (store, place) = migrated(engine).await;
    store.write(|tx| fill(tx).boxed()).await.expect("the desk is filled");
    (store, place)
}

async fn a_desk_comes_out_of_either_engine_as_it_went_in(from: TestEngine) {
    let (store, _place) = filled(from).await;
    let before = dumped(&store).await;
    assert_eq!(before.contents.numbers.position, 4);
    assert_eq!(before.contents.numbers.people, 5);
    assert_eq!(before.contents.numbers.tables["jobs"], 3);
    assert_eq!(before.rows["events"].len(), 4);
    for to in engines() {
        let place = Place::empty(to).await;
        let other = place.open().await;
        assert!(other.read(|tx| is_empty(tx).boxed()).await.expect("an answer"));
        loaded(&other, &before, MIGRATIONS).await.expect("the dump is loaded");
        assert!(!other.read(|tx| is_empty(tx).boxed()).await.expect("an answer"));
        assert_eq!(dumped(&other).await, before, "{from:?} into {to:?}");
        other.write(|tx| numbers_go_on(tx).boxed()).await.expect("the desk goes on");
        other.close().await;
    }
}

/// No number is given twice, and the order of events goes on.
async fn numbers_go_on(tx: &mut Tx) -> Result<()> {
    let job =
        sql!("INSERT INTO jobs (name, payload, run_at, attempts, created_at) VALUES ('x', '{}', 0, 0, 0) RETURNING id");
    assert_eq!(tx.query_one(job, &[]).await?.get::<i64>("id")?, 4);
    assert_eq!(people::next_id(tx).await?, 6);
    assert_eq!(outbox::last_position(tx).await?, 4);
    let event = sql!(
        "INSERT INTO events (uuid, aggregate_kind, aggregate_id, name, at, actor, via, payload)
         VALUES ('new', 'team', 1, 'team.changed', 0, 'system', 'system', '{}') RETURNING id"
    );
    assert_eq!(tx.query_one(event, &[]).await?.get::<i64>("id")?, 5);
    Ok(())
}

/// A conversation with one message of these words.
async fn tell(tx: &mut Tx, text: &'static str) -> Result<()> {
    let tables = sql!(
        "INSERT INTO contacts (id, public_id, kind, first_name, last_name, blocked, attributes, created_at, updated_at, version)
         VALUES (900, 'c', 'contact', '', '', FALSE, '{}', 0, 0, 1)"
    );
    tx.execute(tables, &[]).await?;
    let inbox = sql!(
        "INSERT INTO inboxes (id, uuid, name, channel, enabled, csat_enabled, prompt_tags_on_reply, sender,
            sender_name_template, config, created_at, updated_at, version)
         VALUES (1, 'i', '', 'chat', TRUE, FALSE, FALSE, '', '', '{}', 0, 0, 1)"
    );
    tx.execute(inbox, &[]).await?;
    let conversation = sql!(
        "INSERT INTO conversations (id, uuid, public_id, queue_public_id, number, contact_id, inbox_id, channel, status_id,
            category, is_closed, reopened_count, last_seq, contact_seen_seq, sort_at, required_skills, attributes, source,
            created_at, updated_at, version)
         VALUES (1, '00000000-0000-4000-8000-000000000001', 'p', 'q', '100', 900, 1, 'chat', 1, 'open', FALSE, 0, 1, 0, 0,
            '[]', '{}', '{}', 0, 0, 1)"
    );
    tx.execute(conversation, &[]).await?;
    let message = sql!(
        "INSERT INTO messages (id, uuid, public_id, conversation_id, seq, kind, author_kind, author_id, content,
            content_type, text, state, created_at, updated_at, meta)
         VALUES (7, '00000000-0000-4000-8000-000000000007', 'm', 1, 1, 'incoming', 'contact', 900, '', 'text', $1,
            'received', 0, 0, '{}')"
    );
    tx.execute(message, &params![text]).await?;
    search::add(tx, MessageId(7), MessageKind::Incoming, text).await
}

async fn the_words_of_messages_are_found_in_what_was_loaded(from: TestEngine) {
    let (store, _place) = filled(from).await;
    store.write(|tx| tell(tx, "Grüße, my lamp flickers").boxed()).await.expect("a conversation");
    let dump = dumped(&store).await;
    for to in engines() {
        let place = Place::empty(to).await;
        let other = place.open().await;
        loaded(&other, &dump, MIGRATIONS).await.expect("the dump is loaded");
        for (query, count) in [("grusse", 0), ("gruße", 1), ("LAMP flick", 1), ("lamp glows", 0)] {
            let found = other.read(move |tx| {
                async move {
                    let query = WordQuery::parse(query).expect("words");
                    search::messages(tx, &query, &Scope { all: true, ..Scope::default() }, 9).await
                }
                .boxed()
            });
            assert_eq!(found.await.expect("an answer").len(), count, "{query} from {from:?} in {to:?}");
        }
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sequencer_goes_on_behind_the_last_position() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let (sqlite, _file) = filled(TestEngine::Sqlite).await;
    let place = Place::empty(TestEngine::Postgres).await;
    let store = place.open().await;
    loaded(&store, &dumped(&sqlite).await, MIGRATIONS).await.expect("the dump is loaded");
    store.write(|tx| numbers_go_on(tx).boxed()).await.expect("an event is written");
    let mut committed = store.committed();
    store.start_sequencer();
    while !store.read(|tx| outbox::all_positioned(tx).boxed()).await.expect("an answer") {
        committed.changed().await.expect("the store is open");
    }
    assert_eq!(store.read(|tx| outbox::last_position(tx).boxed()).await.expect("a position"), 5);
    store.close().await;
}

async fn every_table_of_the_schema_is_in_the_dump(engine: TestEngine) {
    let (store, _place) = migrated(engine).await;
    let dumped: BTreeSet<_> = dumped(&store).await.contents.tables.into_iter().map(|table| table.name).collect();
    let texts = MIGRATIONS.iter().map(|migration| match engine {
        TestEngine::Sqlite => migration.sqlite,
        TestEngine::Postgres => migration.postgres,
    });
    let made = texts.flat_map(str::lines).filter_map(|line| line.strip_prefix("CREATE TABLE "));
    // The index of words is made of the messages.
    let made = made.map(|rest| rest.trim_end_matches(" (")).filter(|name| *name != "message_search");
    let made: BTreeSet<_> = made.map(str::to_owned).collect();
    assert!(made.len() > 20, "{made:?}");
    assert_eq!(dumped, made);
}

async fn a_dump_that_refers_into_nothing_leaves_nothing(engine: TestEngine) {
    let (store, _place) = filled(TestEngine::Sqlite).await;
    let mut dump = dumped(&store).await;
    dump.rows.get_mut("teams").expect("the table").truncate(1);
    assert_refused(engine, &dump, MIGRATIONS, &["teams"]).await;
}

async fn a_dump_of_another_form_leaves_nothing(engine: TestEngine) {
    let (store, _place) = migrated(TestEngine::Sqlite).await;
    let dump = dumped(&store).await;
    let without_column = |dump: &mut Dump| drop(dump.contents.tables[0].columns.pop());
    let without_table = |dump: &mut Dump| drop(dump.contents.tables.pop());
    let with_table = |dump: &mut Dump| dump.contents.tables[0].name = "strange".to_owned();
    for change in [&without_column as &dyn Fn(&mut Dump), &without_table, &with_table] {
        let mut changed = dump.clone();
        change(&mut changed);
        assert_refused(engine, &changed, MIGRATIONS, &["in another form"]).await;
    }
    let mut narrow = dump.clone();
    narrow.rows.insert("settings".to_owned(), vec!["[\"one\"]".to_owned()]);
    assert_refused(engine, &narrow, MIGRATIONS, &["settings", "1 cells"]).await;
}

/// Loading fails for the reason that these words name, and the database stays empty.
async fn assert_refused(engine: TestEngine, dump: &Dump, migrations: &'static [Migration], words: &[&str]) {
    let place = Place::empty(engine).await;
    let store = place.open().await;
    let error = loaded(&store, dump, migrations).await.expect_err("the dump doesn't fit");
    let message = &db_error(&error).expect("a cause").message;
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    assert!(store.read(|tx| is_empty(tx).boxed()).await.expect("an answer"));
    store.close().await;
}

async fn an_older_dump_is_brought_up_to_date(engine: TestEngine) {
    let number = MIGRATIONS.last().expect("a migration").number + 1;
    let text = "ALTER TABLE settings ADD COLUMN note TEXT; UPDATE settings SET note = value || '!'";
    let further = Migration { number, name: "9999_further", sqlite: text, postgres: text };
    let further: &'static [Migration] = [MIGRATIONS, &[further]].concat().leak();
    let (store, _place) = filled(TestEngine::Sqlite).await;
    let dump = dumped(&store).await;
    let place = Place::empty(engine).await;
    let newer = place.open().await;
    loaded(&newer, &dump, further).await.expect("the dump is loaded and migrated");
    assert_eq!(schema_version(&newer).await.expect("a version"), number);
    let again = dumped(&newer).await;
    assert_eq!(again.rows["teams"], dump.rows["teams"]);
    let notes = again.rows["settings"].iter().filter(|row| row.contains("null!\""));
    assert_eq!(notes.count(), 1, "{:?}", again.rows["settings"]);
    newer.close().await;
}

async fn a_snapshot_sees_no_later_write(engine: TestEngine) {
    let (store, _place) = filled(engine).await;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let scratch = directory.path().join("copy");
    let before = dumped(&store).await;
    let (other, seen) = (store.clone(), Arc::new(Mutex::new(None)));
    let kept = Arc::clone(&seen);
    let handle = tokio::runtime::Handle::current();
    let snapshot = store.snapshot(&scratch, move |tx| {
        async move {
            let first = dump(tx).await?;
            // The snapshot's own future may wait for nothing but its statements, so the write is waited for here.
            let write = other.write(|tx| fill_more(tx).boxed());
            std::thread::scope(|scope| scope.spawn(|| handle.block_on(write)).join()).expect("no panic")?;
            *kept.lock().expect("no panic") = Some((first, dump(tx).await?));
            Ok(())
        }
        .boxed()
    });
    snapshot.await.expect("a snapshot");
    let (first, second) = seen.lock().expect("no panic").take().expect("both dumps");
    assert_eq!(first, before);
    assert_eq!(second.rows, before.rows);
    assert_ne!(dumped(&store).await.rows, before.rows);
}

async fn fill_more(tx: &mut Tx) -> Result<()> {
    tx.execute(sql!("INSERT INTO settings (name, value) VALUES ('later', '')"), &[]).await.map(drop)
}

both_engines!(
    the_words_of_messages_are_found_in_what_was_loaded,
    a_desk_comes_out_of_either_engine_as_it_went_in,
    every_table_of_the_schema_is_in_the_dump,
    a_dump_that_refers_into_nothing_leaves_nothing,
    a_dump_of_another_form_leaves_nothing,
    an_older_dump_is_brought_up_to_date,
    a_snapshot_sees_no_later_write,
);
