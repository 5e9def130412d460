//! Who is woken by a commit.

use tokio::sync::watch;

/// Counters that move when something was committed; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    written: watch::Sender<u64>,
    committed: watch::Sender<u64>,
}

impl Signals {
    pub(super) fn new() -> Self {
        Self { written: watch::Sender::new(0), committed: watch::Sender::new(0) }
    }

    /// Something was committed here or by another process.
    pub(super) fn wrote(&self) {
        self.written.send_modify(|count| *count += 1);
        self.positioned();
    }

    /// Events have got their positions.
    pub(crate) fn positioned(&self) {
        self.committed.send_modify(|count| *count += 1);
    }

    pub(crate) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    pub(super) fn committed(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }
}
