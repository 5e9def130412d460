//! Agents, visitors and the router work at the same time, in random order: answers get lost and are asked for again,
//! sockets drop and come back with the position they had heard up to.
//!
//! At the end no message is missing and none is there twice, every conversation's messages are numbered without a gap and
//! in the order in which each author sent them, notifications were told once, unread counts are what a recount gives, and
//! whoever dropped out has the same picture as whoever never did and as whoever loads it now.

mod asker;
mod cast;
mod listener;
mod picture;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use muster_testkit::dice::Dice;
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};
use serde_json::Value;
use uuid::Uuid;

use asker::Asker;
use cast::{Cast, Member, Sent};
use listener::Listener;
use picture::{Messages, Picture, load_messages};

use crate::support::Wire;

const SEED: u64 = 0x6d75_7374_6572;
/// What each agent and each visitor does.
const STEPS: u64 = 30;
const VISITORS: usize = 5;
/// Wire (observed, 2.7): 10 means "more than 9".
const UNREAD_MAX: usize = 10;

/// Says with which seed a round failed.
struct Round {
    seed: u64,
}

impl Drop for Round {
    #[expect(clippy::print_stderr, reason = "a failed round has to be told by its seed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the round with seed {:#x} failed", self.seed);
        }
    }
}

async fn nothing_is_lost_or_doubled_and_all_pictures_agree(engine: TestEngine) {
    for round in 0..rounds(1, 50) {
        let seed = SEED + u64::try_from(round).unwrap();
        let _round = Round { seed };
        play(engine, seed).await;
    }
}

async fn play(engine: TestEngine, seed: u64) {
    let (wire, admin) = Wire::unlimited(engine).await;
    let mut dice = Dice::new(seed);
    let cast = Cast::new(&wire, &admin).await;
    wire.desk.quiet().await;
    let (steady, dropping) = listeners(&cast, &mut dice).await;
    let work = async {
        let agents = join_all(cast.agents.iter().map(|agent| cast.work(agent, Dice::new(dice.number()), STEPS)));
        let mut visitors = Dice::new(seed.rotate_left(32));
        let visitors = join_all((0..VISITORS).map(|_| cast.visit(Dice::new(visitors.number()), STEPS)));
        tokio::join!(agents, visitors);
        wire.desk.quiet().await;
        wire.desk.agent(listener::LAST).role("Looker").online().await;
    };
    let listening = async {
        tokio::join!(
            join_all(steady.into_iter().map(Listener::listen)),
            join_all(dropping.into_iter().map(Listener::listen))
        )
    };
    let ((), (steady, dropping)) = tokio::join!(work, listening);
    wire.desk.quiet().await;

    let messages = all_messages(&cast.tally.asker(admin)).await;
    are_numbered(&messages);
    are_there_once(&messages, &cast.sent());
    are_in_order(&messages, &cast.sent());
    for (member, (steady, dropping)) in cast.agents.iter().zip(steady.iter().zip(&dropping)) {
        let fresh = Picture::load(&member.client, &member.lists).await;
        assert_eq!(steady.picture, fresh, "{}: heard without a break, and loaded", member.name);
        assert_eq!(dropping.picture, fresh, "{}: heard with breaks, and loaded", member.name);
        notifications_were_told(member, &[steady, dropping]).await;
        unread_is_right(&wire, member, &messages).await;
    }
    cast.contacts_unread_is_right(&messages).await;
    was_a_test(&cast, &steady, &dropping);
}

/// For every agent one that stays and one that drops out again and again.
async fn listeners(cast: &Cast<'_>, dice: &mut Dice) -> (Vec<Listener>, Vec<Listener>) {
    let (mut steady, mut dropping) = (Vec::new(), Vec::new());
    for member in &cast.agents {
        steady.push(Listener::open(member, None).await);
        dropping.push(Listener::open(member, Some(Dice::new(dice.number()))).await);
    }
    (steady, dropping)
}

async fn all_messages(admin: &Asker) -> BTreeMap<String, Messages> {
    let mut all = BTreeMap::new();
    for uuid in Picture::load(admin, &["/api/v1/conversations/all".to_owned()]).await.uuids() {
        let messages = load_messages(admin, &uuid).await.expect("an administrator reads everything");
        all.insert(uuid, messages);
    }
    all
}

fn are_numbered(messages: &BTreeMap<String, Messages>) {
    for (conversation, messages) in messages {
        let numbers: Vec<i64> = messages.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
        let expected: Vec<i64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, expected, "the numbers of {conversation}");
    }
}

/// Everything acknowledged is there, and nothing that was sent is there twice.
fn are_there_once(messages: &BTreeMap<String, Messages>, sent: &[Sent]) {
    let mut stored: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for message in messages.values().flatten() {
        if let Some(echo) = message["meta"]["echo_id"].as_str() {
            stored.entry(echo).or_default().push(message);
        }
    }
    for (echo, stored) in &stored {
        assert_eq!(stored.len(), 1, "{echo} is there more than once");
    }
    for Sent { conversation, uuid, echo } in sent {
        let found =
            stored.get(echo.as_str()).and_then(|stored| stored.first()).unwrap_or_else(|| panic!("{echo} is lost"));
        assert_eq!(
            (&found["uuid"], &found["conversation_uuid"]),
            (&Value::from(uuid.as_str()), &Value::from(conversation.as_str()))
        );
    }
    let words: BTreeSet<&str> = sent.iter().map(|sent| sent.echo.as_str()).collect();
    assert_eq!(words.len(), sent.len());
}

/// Everybody waits for the answer to one message before sending the next: acknowledged ones are stored in that order.
fn are_in_order(messages: &BTreeMap<String, Messages>, sent: &[Sent]) {
    let acknowledged: BTreeSet<&str> = sent.iter().map(|sent| sent.echo.as_str()).collect();
    for (conversation, messages) in messages {
        let mut last: BTreeMap<(&str, i64), usize> = BTreeMap::new();
        for message in messages {
            let Some(echo) = message["meta"]["echo_id"].as_str().filter(|echo| acknowledged.contains(echo)) else {
                continue;
            };
            let author = (message["sender_type"].as_str().unwrap(), message["sender_id"].as_i64().unwrap());
            let number = echo.rsplit('-').next().unwrap().parse().unwrap();
            let before = last.insert(author, number);
            assert!(before.is_none_or(|before| before < number), "{conversation}: {echo} comes after {before:?}");
        }
    }
}

/// Whoever reads everything was told of all there are; others of those about what they could read at that moment.
async fn notifications_were_told(member: &Member, listeners: &[&Listener]) {
    let listed = picture::notifications(&member.client).await;
    for listener in listeners {
        if member.reads_all {
            let told: BTreeSet<i64> = listener.notified.keys().copied().collect();
            assert_eq!(told, listed, "{}: told, and listed", member.name);
        }
        let readable = listener.picture.uuids();
        for (id, conversation) in &listener.notified {
            assert_eq!(listed.contains(id), readable.contains(conversation), "{}: notification {id}", member.name);
        }
    }
}

async fn unread_is_right(wire: &Wire, member: &Member, messages: &BTreeMap<String, Messages>) {
    for item in picture::items(&member.client, &member.lists).await {
        let uuid = item["uuid"].as_str().unwrap();
        let seen = wire.desk.seen_by(&member.handle, Uuid::parse_str(uuid).unwrap()).await;
        let unread = messages[uuid].iter().filter(|message| message["seq"].as_i64().unwrap() > seen).count();
        assert_eq!(item["unread_message_count"], Value::from(unread.min(UNREAD_MAX)), "{} {uuid}", member.name);
    }
}

/// What may go wrong has happened, and nobody had to begin anew for it.
fn was_a_test(cast: &Cast<'_>, steady: &[Listener], dropping: &[Listener]) {
    let resumed: usize = dropping.iter().map(|listener| listener.resumed).sum();
    assert!(resumed >= dropping.len(), "resumed {resumed} times");
    for listener in steady.iter().chain(dropping) {
        assert_eq!(listener.given_up, 0, "the desk gave up on a listener of {}", listener.name);
    }
    let notified: usize = steady.iter().map(|listener| listener.notified.len()).sum();
    assert!(notified > 10, "told of {notified} notifications");
    let (sent, repeated) = (cast.sent().len(), cast.repeated());
    assert!(sent > 50 && repeated > 10, "sent {sent} messages, {repeated} of them again");
    let (requests, busy) = (cast.tally.sent(), cast.tally.busy());
    assert!(busy * 20 <= requests, "the desk was too busy for {busy} of {requests} requests");
}

both_engines!(nothing_is_lost_or_doubled_and_all_pictures_agree);
