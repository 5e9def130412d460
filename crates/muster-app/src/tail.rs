//! Follows the outbox: every committed event, once, in order, is handed to whoever has to hear of it.

use muster_core::Result;
use muster_core::event::EventRecord;
use muster_store::outbox;
use tokio::sync::watch;

use crate::App;
use crate::runtime::{Backoff, Task};

/// Events read at a time.
const BATCH: i64 = 256;

/// The follower. It starts behind the last event of its time, because everything it feeds is made anew at a start.
pub(crate) struct Tail {
    app: App,
    position: i64,
    committed: watch::Receiver<u64>,
}

impl Tail {
    pub(crate) async fn open(app: &App) -> Result<Self> {
        let committed = app.inner.store.committed();
        let position = app.read(|tx| Box::pin(outbox::last_position(tx))).await?;
        Ok(Self { app: app.clone(), position, committed })
    }

    /// The last event that needn't be handed on any more.
    pub(crate) const fn position(&self) -> i64 {
        self.position
    }

    pub(crate) async fn run(mut self) {
        let stop = self.app.inner.stop.clone();
        let mut backoff = Backoff::of("tail");
        while !stop.is_cancelled() {
            self.committed.mark_unchanged();
            if let Err(error) = self.follow().await {
                backoff.held_up(&error).await;
                continue;
            }
            backoff.reset();
            self.app.inner.runtime.progress.idle(Task::Tail, self.position, None);
            tokio::select! {
                () = stop.cancelled() => {}
                woken = self.committed.changed() => if woken.is_err() { return },
            }
        }
    }

    async fn follow(&mut self) -> Result<()> {
        loop {
            let position = self.position;
            let batch = self.app.read(move |tx| Box::pin(outbox::events_after(tx, position, BATCH))).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            self.position = last.position;
            self.hand_on(batch).await;
        }
    }

    async fn hand_on(&self, batch: Vec<EventRecord>) {
        let runtime = &self.app.inner.runtime;
        for record in &batch {
            self.app.forget(std::slice::from_ref(&record.event));
        }
        runtime.touched.events(&batch);
        runtime.followed.send_replace(self.position);
        self.app.inner.metrics.followed(&batch);
        runtime.hub.publish(&self.app, batch).await;
        self.app.inner.metrics.told(self.position);
    }
}
