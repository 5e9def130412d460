use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use muster_app::{App, Clock, Parts, SecretKey, Settings};
use muster_core::Timestamp;
use muster_core::presence::LeaseKind;
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

both_engines!(a_task_that_panics_is_told_of);
