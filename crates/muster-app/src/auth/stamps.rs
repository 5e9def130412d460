//! When API keys were last used: gathered in memory, written at most once a minute.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use muster_core::Timestamp;
use muster_core::actor::Caller;
use muster_store::credentials;

use crate::App;

/// Between two writes.
const PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Stamps(Mutex<Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    used: BTreeMap<String, Timestamp>,
    written_at: Option<Timestamp>,
    /// Somebody is going to write.
    promised: bool,
}

impl Stamps {
    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Notes that a key was used now.
    pub(crate) fn stamp_key(&self, key_id: &str) {
        let now = self.now();
        let mut gathered = self.inner.stamps.gathered();
        gathered.used.insert(key_id.to_owned(), now);
        if !std::mem::replace(&mut gathered.promised, true) {
            let due = gathered.written_at.map_or(now, |written| written + PAUSE);
            let app = self.clone();
            self.inner.tasks.spawn(async move { app.write_stamps_at(due).await });
        }
    }

    async fn write_stamps_at(self, due: Timestamp) {
        if due > self.now() {
            tokio::select! {
                () = self.inner.clock.sleep_until(due) => {}
                () = self.inner.stop.cancelled() => {}
            }
        }
        let used = {
            let mut gathered = self.inner.stamps.gathered();
            gathered.promised = false;
            gathered.written_at = Some(self.now());
            Arc::new(std::mem::take(&mut gathered.used))
        };
        let caller = Caller::system();
        let stamps = Arc::clone(&used);
        let written = self.write(&caller, move |work| {
            let used = Arc::clone(&stamps);
            Box::pin(async move {
                work.tx.keep_quiet();
                for (key_id, at) in used.iter() {
                    credentials::save_last_used(work.tx, key_id, *at).await?;
                }
                Ok(())
            })
        });
        if let Err(error) = written.await {
            tracing::debug!(error = ?error, "when API keys were last used can't be written; they wait for the next time");
            let mut gathered = self.inner.stamps.gathered();
            for (key_id, at) in used.iter() {
                gathered.used.entry(key_id.clone()).or_insert(*at);
            }
        }
    }
}
