//! The general settings: what administrators set about the whole desk while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use muster_core::Result;
use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::DeskId;
use muster_core::permission::Permission;
use muster_core::settings::{GeneralSettings, SettingsPatch};
use muster_store::settings;
use serde_json::Value;

use crate::work::changed_fields;
use crate::{App, Work, business_hours};

impl App {
    /// The general settings as they are now. Asks nobody for a permission.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn general_settings(&self) -> Result<Arc<GeneralSettings>> {
        let cache = &self.inner.general;
        let since = match cache.look() {
            Ok(known) => return Ok(known),
            Err(since) => since,
        };
        let read = Arc::new(self.read(|tx| Box::pin(settings::general(tx))).await?);
        cache.keep(since, &read);
        Ok(read)
    }

    /// Changes the general settings.
    ///
    /// # Errors
    /// [`muster_core::Error::Denied`] without `general_settings:manage`; [`muster_core::Error::Invalid`];
    /// [`muster_core::Error::NotFound`] for the business hours.
    pub async fn update_general_settings(&self, caller: &Caller, patch: SettingsPatch) -> Result<GeneralSettings> {
        caller.actor.require(Permission::GeneralSettingsManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, &patch).await })
        })
        .await
    }
}

async fn update(work: &mut Work<'_>, patch: &SettingsPatch) -> Result<GeneralSettings> {
    let before = settings::lock_general(work.tx).await?;
    let after = before.patched(patch)?;
    if after != before {
        if after.business_hours != before.business_hours {
            business_hours::require(work, after.business_hours).await?;
        }
        settings::save_general(work.tx, &after).await?;
        let (was, is) = (shown(&before)?, shown(&after)?);
        let fields = changed_fields(&was, &is);
        work.record_change(Event::SettingsChanged { desk: DeskId::ONLY, fields }, was, is);
    }
    Ok(after)
}

fn shown(settings: &GeneralSettings) -> Result<Value> {
    serde_json::to_value(settings).map_err(muster_core::Error::internal)
}

/// The general settings as they were read last, until an event says that they were changed.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: Option<Arc<GeneralSettings>>,
    /// Counts changes.
    changes: u64,
}

/// How many changes there were before a read.
#[derive(Debug, Clone, Copy)]
struct Since(u64);

impl Remembered {
    /// What is known, or from when on it has to be read.
    fn look(&self) -> Result<Arc<GeneralSettings>, Since> {
        let memory = self.memory();
        memory.known.clone().ok_or(Since(memory.changes))
    }

    /// Remembers what was read after `since`, unless it was changed meanwhile.
    fn keep(&self, since: Since, read: &Arc<GeneralSettings>) {
        let mut memory = self.memory();
        if memory.changes == since.0 {
            memory.known = Some(Arc::clone(read));
        }
    }

    pub(crate) fn forget(&self, event: &Event) {
        if matches!(event, Event::SettingsChanged { .. }) {
            let mut memory = self.memory();
            memory.changes += 1;
            memory.known = None;
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = Remembered::default();
        let read = Arc::new(GeneralSettings::default());
        let since = cache.look().unwrap_err();
        cache.forget(&Event::SettingsChanged { desk: DeskId::ONLY, fields: Vec::new() });
        cache.keep(since, &read);
        let since = cache.look().unwrap_err();
        cache.keep(since, &read);
        assert!(cache.look().is_ok());
        cache.forget(&Event::AgentCreated { agent: muster_core::id::AgentId(1) });
        assert!(cache.look().is_ok());
    }
}
