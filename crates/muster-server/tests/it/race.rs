//! Fifty people take, give, move and finish conversations at the same time while the router gives them out and agents
//! come and go: the real program, real HTTP and sockets.
//!
//! Watched while it goes on: the books balance in every snapshot, and nobody holds work who must not ([`waiting`]).
//! Judged when it is over: nothing waits that somebody could have; and the committed events, told in order ([`story`]),
//! never give a conversation to two agents nor an agent more than there is room for, and end where the tables stand.

mod cast;
mod story;
mod turns;
mod waiting;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use muster_store::Store;
use muster_testkit::both_engines;
use muster_testkit::effort::rounds;
use muster_testkit::postgres::TestEngine;
use tokio_util::sync::CancellationToken;

use cast::Cast;
use story::Story;
use turns::{come_and_go, work};
use waiting::Sight;

use crate::books;
use crate::desk::Desk;
use crate::program::Place;

const TAKERS: usize = 50;
/// Who moves presence, capacities, accounts and teams meanwhile.
const MOVERS: usize = 6;
/// How long the desk may take to settle down. Generous: other tests run beside this one.
const PATIENCE: Duration = Duration::from_secs(180);

/// Exclusions end within the race.
const VARIABLES: [(&str, &str); 1] = [("MUSTER_ROUTING__EXCLUDE_FOR", "1s")];

struct Size {
    conversations: usize,
    /// Of each taker, and of each mover at least.
    turns: usize,
}

async fn nobody_gets_too_much_and_nothing_is_given_twice(engine: TestEngine) {
    let conversations = match engine {
        TestEngine::Sqlite => 300,
        TestEngine::Postgres => 1000,
    };
    let size = Size { conversations, turns: rounds(60, 500) };
    let desk = Desk::new(Place::new(engine).await, &VARIABLES);
    let cast = Cast::of(&desk).await;
    let store = desk.books().await;

    let over = CancellationToken::new();
    let play = async {
        play(&cast, &size, &over).await;
        over.cancel();
    };
    tokio::join!(play, watch(&store, &over));
    rest(&store).await;
    cast.make_room().await;
    rest(&store).await;
    let story = Story::read(&store).await;
    story.assert_ends_as(&store).await;
    story.assert_was_a_race();
}

/// Opens the first half of the conversations, and the other half while everybody is at work.
async fn play(cast: &Cast, size: &Size, over: &CancellationToken) {
    cast.open_conversations(size.conversations / 2).await;
    let moving = over.child_token();
    let takers = join_all((0..TAKERS).map(|number| work(cast, number, size.turns)));
    let movers = join_all((0..MOVERS).map(|number| come_and_go(cast, number, size.turns, &moving)));
    let working = async {
        tokio::join!(takers, cast.open_conversations(size.conversations - size.conversations / 2));
        moving.cancel();
    };
    tokio::join!(working, movers);
}

/// Looks into the books again and again.
async fn watch(store: &Store, over: &CancellationToken) {
    while !over.is_cancelled() {
        look(store).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn look(store: &Store) -> Sight {
    books::check(store).await;
    let sight = waiting::look(store).await;
    assert_eq!(sight.stranded, [], "{BROKEN} these are held by agents whose accounts can't be used");
    sight
}

/// Waits until all events have their places and nothing waits that somebody could have.
async fn rest(store: &Store) {
    let limit = Instant::now() + PATIENCE;
    loop {
        let sight = look(store).await;
        if sight.all_positioned && sight.overlooked.is_empty() {
            return;
        }
        assert!(Instant::now() < limit, "{BROKEN} these wait although somebody could have them: {sight:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How every failure begins that a race has caused.
const BROKEN: &str = "a promise was broken:";

both_engines!(nobody_gets_too_much_and_nothing_is_given_twice);
