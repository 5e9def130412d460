//! A clock that stands still until a test moves it.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use muster_app::Clock;
use muster_core::Timestamp;
use tokio::sync::watch;

/// Monday, 5 January 2026, 09:00 UTC: when every test begins.
pub const START: Timestamp = Timestamp::from_millis(1_767_603_600_000);

/// A clock moved by hand. All clones show the same time.
#[derive(Debug, Clone)]
pub struct TestClock(watch::Sender<Timestamp>);

impl Default for TestClock {
    fn default() -> Self {
        Self(watch::Sender::new(START))
    }
}

impl TestClock {
    /// Moves the clock forward to `at`; never back. Whoever slept until then or earlier wakes.
    pub fn move_to(&self, at: Timestamp) {
        self.0.send_if_modified(|now| {
            let moves = at > *now;
            *now = at.max(*now);
            moves
        });
    }

    /// Moves the clock forward, at once and without waiting for anything: see
    /// [`TestDesk::advance`](crate::TestDesk::advance) for the usual way.
    pub fn jump(&self, by: Duration) {
        self.move_to(self.now() + by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut now = self.0.subscribe();
        async move {
            if now.wait_for(|now| *now >= at).await.is_err() {
                // The clock is gone, so the time never comes.
                std::future::pending::<()>().await;
            }
        }
        .boxed()
    }
}
