//! Search: both engines find what a plain look at all messages finds, and nothing of what is gone.

use muster_app::inboxes::InboxPatch;
use muster_core::actor::{Actor, Caller};
use muster_core::permission::Permission as P;
use muster_core::search::{WordQuery, words};
use muster_core::view::FoundMessage;
use muster_store::{SqlBuf, sql};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{World, id};

/// What texts and queries are made of: words that share beginnings, accents, several scripts, signs of both engines'
/// query languages.
const PIECES: [&str; 34] = [
    "lamp",
    "LAMP",
    "lamps",
    "la",
    "Lämpchen",
    "lampe\u{301}",
    "cafe",
    "Café",
    "caf",
    "İstanbul",
    "istanbul",
    "ΟΔΟΣ",
    "οδος",
    "οδοσ",
    "最後",
    "後",
    "ガラス",
    "カ",
    "สวัสดี",
    "123",
    "12",
    "№5",
    "foo_bar",
    "o'clock",
    "\"quoted\"",
    "a&b|c",
    "!(x)",
    "NOT",
    "AND",
    "rowid:",
    "x*",
    "\u{1f44b}",
    "-",
    "ﬁne",
];

fn text(pieces: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), pieces).prop_map(|pieces| pieces.join(" "))
}

fn drawn(count: usize, strategy: impl Strategy<Value = String>) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

async fn found(world: &World, by: &Caller, query: &str) -> Vec<String> {
    let found: Vec<FoundMessage> = world.app().search_messages(by, query).await.unwrap();
    found.into_iter().map(|found| found.text).collect()
}

async fn search_finds_what_a_plain_look_finds(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("hello").await;
    let mut texts = vec!["hello".to_owned()];
    let drawn_texts = drawn(120, text(1..6));
    // More than are looked at one by one, so that the index is asked for what is older.
    let between = std::iter::repeat_n("lamp 12".to_owned(), 1050);
    for text in drawn_texts[..80].iter().cloned().chain(between).chain(drawn_texts[80..].iter().cloned()) {
        world.app().visitor_send(&visitor.caller, visitor.conversation, &text, None).await.unwrap();
        texts.push(text);
    }
    texts.reverse();
    let queries = PIECES.iter().map(|piece| (*piece).to_owned()).chain(drawn(150, text(1..4)));
    let (mut hits, mut full) = (0, 0);
    for query in queries {
        let expected: Vec<&String> = match WordQuery::parse(&query) {
            Some(query) => texts.iter().filter(|text| query.matches(&words(text))).take(30).collect(),
            None => Vec::new(),
        };
        let found = found(&world, &world.admin, &query).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
        hits += found.len();
        full += usize::from(found.len() == 30);
    }
    assert!(hits > 300 && full > 3, "{hits} {full}");
}

async fn only_what_may_be_read_counts(engine: TestEngine) {
    let world = World::new(engine).await;
    let rights = [P::ConversationsRead, P::ConversationsReadAssigned, P::MessagesRead, P::MessagesWrite];
    let reader = world.agent_who_may("reader", &rights, &[]).await;
    let mine = world.visitor("my lamp").await.conversation;
    world.app().assign_agent(&world.admin, mine, id(&reader), None).await.unwrap();
    for number in 0..31 {
        world.visitor(&format!("lamp {number}")).await;
    }
    assert_eq!(found(&world, &reader, "lamp").await, ["my lamp"]);
    assert_eq!(found(&world, &world.admin, "lamp").await.len(), 30);
    let visitor = world.visitor("lamp").await.caller;
    assert!(world.app().search_messages(&visitor, "lamp").await.is_err());
    assert!(world.app().search_conversations(&visitor, "lamp").await.is_err());
    assert!(world.app().search_contacts(&visitor, "lamp").await.is_err());
}

/// How many messages the index itself names for a word.
async fn indexed(store: &muster_store::Store) -> i64 {
    let read = store.read(|tx| {
        Box::pin(async move {
            let count = sql!(
                sqlite: "SELECT COUNT(*) AS count FROM message_search WHERE message_search MATCH '\"zebra\"'",
                postgres: "SELECT COUNT(*) AS count FROM message_search WHERE words @@ CAST('''zebra''' AS tsquery)",
            );
            tx.query_one(count, &[]).await?.get("count")
        })
    });
    read.await.unwrap()
}

async fn what_is_erased_is_not_in_the_index(engine: TestEngine) {
    let world = World::new(engine).await;
    let (gone, stays) = (world.visitor("zebra \u{e9}t\u{e9}").await, world.visitor("zebra stays").await);
    world.app().visitor_send(&gone.caller, gone.conversation, "another zebra", None).await.unwrap();
    assert_eq!(indexed(world.app().store()).await, 3);
    let Actor::Visitor { contact, .. } = gone.caller.actor else { panic!("no visitor") };
    world.app().erase_contact(&world.admin, contact).await.unwrap();
    assert_eq!(indexed(world.app().store()).await, 1);
    assert_eq!(found(&world, &world.admin, "zebra").await, ["zebra stays"]);
    assert_eq!(world.conversation(stays.conversation).await.last_seq, 1);
    sound(world.app().store()).await;
}

/// SQLite's index is sound after words were taken out.
async fn sound(store: &muster_store::Store) {
    if store.engine() == muster_store::Engine::Sqlite {
        let check = store.write(|tx| {
            Box::pin(async move {
                let check = SqlBuf::new("INSERT INTO message_search (message_search) VALUES ('integrity-check')");
                tx.execute_buf(&check).await
            })
        });
        check.await.unwrap();
    }
}

async fn what_was_kept_long_enough_is_not_in_the_index(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let inbox = desk.inbox().await;
    let patch = InboxPatch { retention_days: Some(Some(1)), ..InboxPatch::default() };
    desk.app.update_inbox(&Caller::operator(), inbox.id, patch).await.unwrap();
    let gone = desk.visitor(&inbox, "zebra").await;
    desk.visitor(&inbox, "zebra stays").await;
    let closed = muster_app::conversations::StatusRef::Id(muster_core::conversation::CLOSED);
    desk.app.set_status(&Caller::operator(), gone.conversation, closed, None).await.unwrap();
    assert_eq!(indexed(desk.app.store()).await, 2);
    desk.app.keep_tidy().await.unwrap();
    desk.clock.jump(std::time::Duration::from_secs(3 * 24 * 3600));
    desk.quiet().await;
    assert_eq!(indexed(desk.app.store()).await, 1);
    sound(desk.app.store()).await;
}

both_engines!(
    search_finds_what_a_plain_look_finds,
    only_what_may_be_read_counts,
    what_is_erased_is_not_in_the_index,
    what_was_kept_long_enough_is_not_in_the_index,
);
