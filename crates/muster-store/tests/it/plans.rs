//! Lists and searches go by indexes, so that they stay quick at a million conversations and ten million messages.
//!
//! SQLite plans by a schema's statistics, if there are any: the desk never gathers them, an operator may. So its plans are
//! looked at without, and with those of the big set put in. PostgreSQL plans by the rows it has: here it is asked whether an
//! index is usable at all, with the other ways made unattractive; what it chooses at full size `make bench-large` shows.

use futures_util::FutureExt as _;
use muster_core::access::Scope;
use muster_core::conversation::Order;
use muster_core::filter::{Filter, IdField, IdTest, TagTest, Test};
use muster_core::id::{AgentId, MessageId, TagId, TeamId};
use muster_core::search::WordQuery;
use muster_core::time::Zone;
use muster_core::view::PageRequest;
use muster_store::conversations::{List, Query};
use muster_store::{Engine, SqlBuf, Store, search, sql};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use crate::place::migrated;

/// What `ANALYZE` says of the big set, as far as lists and searches care.
const STATISTICS: [(&str, &str, &str); 12] = [
    ("conversations", "conversations_all", "1000000 2 1"),
    ("conversations", "conversations_assigned", "1000000 5000 2 1"),
    ("conversations", "conversations_mine", "1000000 5000 2500 2 1"),
    ("conversations", "conversations_team", "1000000 50000 4000 2000 2 1"),
    ("conversations", "conversations_unassigned", "20000 2 1"),
    ("conversations", "conversations_team_unassigned", "100000 5000 2 1"),
    ("conversations", "conversations_by_status", "1000000 250000 2 1 1 1 1 1"),
    ("conversations", "conversations_by_inbox", "1000000 200000 2 1"),
    ("conversations", "conversations_by_created", "1000000 2 1"),
    ("conversations", "conversations_by_contact", "1000000 2 1 1"),
    ("contacts", "contacts_by_email", "700000 1"),
    ("messages", "sqlite_autoindex_messages_3", "10000000 10 1"),
];

async fn put_statistics(store: &Store) {
    let put = store.write(|tx| {
        async move {
            // Makes the table.
            tx.execute(sql!(sqlite: "ANALYZE tags"), &[]).await?;
            for (table, index, stat) in STATISTICS {
                let mut insert = SqlBuf::new("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (");
                insert.bind(table).push(", ").bind(index).push(", ").bind(stat).push(")");
                tx.execute_buf(&insert).await?;
            }
            Ok(())
        }
        .boxed()
    });
    put.await.expect("statistics are put in");
}

/// Leaves PostgreSQL but the ways of lists: along an index, in its order.
const BY_ORDER: &[&str] =
    &["SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off", "SET LOCAL enable_bitmapscan = off"];
/// Leaves it but the ways of searches: all matches first, and then their conversations. In an empty desk it would go by
/// the few conversations.
const BY_MATCHES: &[&str] = &[
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_indexscan = off",
    "SET LOCAL enable_indexonlyscan = off",
    "SET LOCAL join_collapse_limit = 1",
];

/// The plan of a statement, one step a line.
async fn plan(store: &Store, statement: SqlBuf, ways: &'static [&'static str]) -> String {
    let read = store.read(move |tx| {
        let statement = statement.clone();
        async move {
            let (lead, column) = match tx.engine() {
                Engine::Sqlite => ("EXPLAIN QUERY PLAN ", "detail"),
                Engine::Postgres => ("EXPLAIN ", "QUERY PLAN"),
            };
            if tx.engine() == Engine::Postgres {
                for way in ways {
                    tx.execute_buf(&SqlBuf::new(way)).await?;
                }
            }
            let rows = tx.query_buf(&statement.led_by(lead)).await?;
            let lines: Vec<String> = rows.iter().map(|row| row.get(column)).collect::<muster_core::Result<_>>()?;
            Ok(lines.join("\n"))
        }
        .boxed()
    });
    read.await.expect("a plan")
}

fn all() -> Scope {
    Scope { all: true, ..Scope::default() }
}

/// What is an agent's own, and its teams'.
fn own() -> Scope {
    Scope { assigned_to: Some(AgentId(1)), teams: vec![TeamId(1), TeamId(2)], ..Scope::default() }
}

fn query(scope: Scope, list: List, rules: Vec<Test>) -> Query {
    Query {
        list,
        scope,
        filter: Filter::All(rules.into_iter().map(Filter::Test).collect()),
        zone: Zone::UTC,
        reader: Some(AgentId(1)),
        page: PageRequest { page: 100, size: 30 },
        order: Order::default(),
    }
}

/// Lists, and indexes of which their plans name one.
fn lists() -> Vec<(Query, &'static [&'static str])> {
    const OWN: &[&str] = &["conversations_all", "conversations_assigned", "conversations_mine", "conversations_team"];
    let status = || Test::Id(IdField::Status, IdTest::Is(1));
    let whole = |list, rules| query(all(), list, rules);
    let part = |list, rules| query(own(), list, rules);
    vec![
        (whole(List::All, Vec::new()), &["conversations_all"]),
        (whole(List::Unassigned, Vec::new()), &["conversations_unassigned", "conversations_team_unassigned"]),
        (whole(List::Assigned(AgentId(1)), Vec::new()), &["conversations_assigned", "conversations_mine"]),
        (whole(List::TeamUnassigned(TeamId(1)), Vec::new()), &["conversations_team_unassigned", "conversations_team"]),
        (whole(List::Mentioning(AgentId(1), vec![TeamId(1)]), Vec::new()), &["mentions_of_agent"]),
        (whole(List::All, vec![status()]), &["conversations_by_status"]),
        (whole(List::All, vec![Test::Id(IdField::Inbox, IdTest::Is(1))]), &["conversations_by_inbox"]),
        (whole(List::All, vec![status(), Test::Id(IdField::Priority, IdTest::Is(1))]), &["conversations_by_status"]),
        (whole(List::All, vec![Test::Tags(TagTest::Has(vec![TagId(1)]))]), &["conversation_tags_by_tag"]),
        (part(List::All, Vec::new()), OWN),
        (part(List::Unassigned, Vec::new()), &["conversations_unassigned", "conversations_team_unassigned"]),
        (part(List::Assigned(AgentId(1)), Vec::new()), &["conversations_assigned", "conversations_mine"]),
        (part(List::TeamUnassigned(TeamId(1)), Vec::new()), &["conversations_team_unassigned", "conversations_team"]),
        (part(List::Mentioning(AgentId(1), vec![TeamId(1)]), Vec::new()), &["mentions_of_agent"]),
        (part(List::All, vec![status()]), &["conversations_by_status"]),
    ]
}

async fn check(store: &Store) {
    for (query, indexes) in lists() {
        let plan = plan(store, query.reading(), BY_ORDER).await;
        assert!(indexes.iter().any(|index| plan.contains(index)), "{query:?} goes by:\n{plan}");
    }
}

async fn lists_go_by_indexes(engine: TestEngine) {
    let (store, place) = migrated(engine).await;
    check(&store).await;
    if engine == TestEngine::Sqlite {
        put_statistics(&store).await;
        store.close().await;
        let store = place.open().await;
        check(&store).await;
        for (query, _) in lists() {
            let plan = plan(&store, query.counting(), BY_ORDER).await;
            let whole = plan.lines().any(|line| line.starts_with("SCAN c") && !line.contains("COVERING INDEX"));
            assert!(!whole, "{query:?} is counted by:\n{plan}");
        }
    }
}

async fn check_searches(store: &Store) {
    let words = WordQuery::parse("broken lam").expect("words");
    let unassigned = Scope { assigned_to: Some(AgentId(1)), unassigned: true, ..Scope::default() };
    for scope in [all(), own(), unassigned] {
        let reading = search::reading(&words, &scope, MessageId(i64::MAX), 30, store.engine());
        let plan = plan(store, reading, BY_MATCHES).await;
        match store.engine() {
            Engine::Sqlite => {
                assert!(plan.starts_with("SCAN message_search VIRTUAL TABLE INDEX"), "{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "the index is in the order that is wanted:\n{plan}");
                assert_eq!(plan.lines().filter(|line| line.starts_with("SCAN")).count(), 1, "{plan}");
            }
            Engine::Postgres => assert!(plan.contains("message_search_words"), "{scope:?} goes by:\n{plan}"),
        }
    }
}

async fn searches_go_by_indexes(engine: TestEngine) {
    let (store, place) = migrated(engine).await;
    check_searches(&store).await;
    if engine == TestEngine::Sqlite {
        put_statistics(&store).await;
        store.close().await;
        check_searches(&place.open().await).await;
    }
}

both_engines!(lists_go_by_indexes, searches_go_by_indexes);
