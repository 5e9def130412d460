use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use muster_app::auth::Origin;
use muster_app::livechat::VisitorStart;
use muster_app::media::Files;
use muster_app::{App, Clock, Parts, SecretKey, Settings};
use muster_core::Timestamp;
use muster_core::actor::{Caller, Via};
use muster_core::presence::LeaseKind;
use muster_store::Database;
use muster_testkit::postgres::{Cluster, Fsync, engines};
use muster_testkit::{TestClock, TestDesk, TestEngine, TestEntropy, both_engines};

/// A clock that breaks when it is told to.
#[derive(Debug)]
struct BrokenClock {
    clock: TestClock,
    is_broken: Arc<AtomicBool>,
}

impl Clock for BrokenClock {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        assert!(!self.is_broken.load(Ordering::SeqCst), "the clock is broken");
        self.clock.sleep_until(at)
    }
}

async fn a_task_that_panics_is_told_of(engine: TestEngine) {
    let desk = TestDesk::idle(engine, |_| {}).await;
    desk.app.ensure_built_ins().await.unwrap();
    let kim = desk.agent("kim").await;
    let is_broken = Arc::new(AtomicBool::new(false));
    let app = App::new(Parts {
        store: desk.app.store().clone(),
        clock: Arc::new(BrokenClock { clock: desk.clock.clone(), is_broken: Arc::clone(&is_broken) }),
        entropy: Arc::new(TestEntropy::from_start(1 << 32)),
        settings: Settings::default(),
        secret_key: SecretKey::new([7; 32]),
        files: Files::local(desk.data()),
    });
    app.start().await.unwrap();
    app.quiet().await.unwrap();
    assert_eq!(app.failure(), None);
    is_broken.store(true, Ordering::SeqCst);
    app.prove_presence(&kim.caller(), "socket", LeaseKind::Socket, true).await.unwrap();
    let failed = app.failed().await;
    assert_eq!(app.failure(), Some(failed));
    assert!(app.quiet().await.is_err());
    app.stop().await;
}

/// Asks again until the answer isn't an error any more: the database is coming back.
async fn until_ok<T, Fut: Future<Output = muster_core::Result<T>>>(ask: impl Fn() -> Fut) -> T {
    let mut last = None;
    for _ in 0..600 {
        match ask().await {
            Ok(value) => return value,
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_goes_on_when_its_database_comes_back() {
    if !engines().contains(&TestEngine::Postgres) {
        return;
    }
    let mut cluster = Cluster::start(Fsync::On).await;
    let desk = TestDesk::on(Database::Postgres(cluster.url())).await;
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    desk.quiet().await;
    cluster.checkpoint().await;
    cluster.restart().await;

    let origin = Origin { ip: None, user_agent: None, request_id: None, via: Via::Widget };
    let started = until_ok(|| {
        let (message, form) = ("Hello".to_owned(), BTreeMap::new());
        desk.app
            .visitor_start(&origin, VisitorStart { inbox: inbox.uuid, token: None, message, client_ref: None, form })
    })
    .await;
    until_ok(|| desk.app.quiet()).await;
    let operator = Caller::operator();
    let view = until_ok(|| desk.app.conversation(&operator, started.view.uuid)).await;
    assert_eq!(view.conversation.assignee, Some(kim.id));
    assert_eq!(desk.app.failure(), None);
    desk.app.stop().await;
}

both_engines!(a_task_that_panics_is_told_of);
