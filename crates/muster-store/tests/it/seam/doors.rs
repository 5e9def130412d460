//! What the doors promise, on both engines.

use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::desk::Desk;

async fn a_committed_write_is_read(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    assert_eq!(desk.add("a").await.expect("the first thing is added"), 1);
    assert_eq!(desk.names().await, ["a"]);
    desk.store.close().await;
}

both_engines!(a_committed_write_is_read);
