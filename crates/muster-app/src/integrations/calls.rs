//! How often an integration may call in a day.

use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::id::IntegrationId;
use muster_core::{Result, Timestamp};
use muster_store::integrations;

use crate::App;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Counts of earlier days that are kept, so that processes whose clocks differ don't begin a day twice.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How a call was counted. Days are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyCount {
    /// Whether the call is within the limit.
    pub allowed: bool,
    pub limit: u32,
    /// Calls left for the day.
    pub remaining: u32,
    /// When the next day begins.
    pub resets_at: Timestamp,
}

impl App {
    /// Counts a call of an integration, unless as many were counted today as it may make.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn count_integration_call(&self, integration: IntegrationId, daily_limit: u32) -> Result<DailyCount> {
        let today = self.now().day_start();
        let counted = if daily_limit == 0 {
            None
        } else {
            self.write(&Caller::system(), move |work| {
                Box::pin(async move {
                    work.tx.keep_quiet();
                    integrations::count_call(work.tx, integration, today, daily_limit, today - KEPT).await
                })
            })
            .await?
        };
        Ok(DailyCount {
            allowed: counted.is_some(),
            limit: daily_limit,
            remaining: counted.map_or(0, |calls| daily_limit.saturating_sub(calls)),
            resets_at: today + DAY,
        })
    }

    /// The next midnight (UTC).
    #[must_use]
    pub fn day_end(&self) -> Timestamp {
        self.now().day_start() + DAY
    }
}
