//! What the desk owes the people it knows: to forget one of them, to hand out what it holds of one, and to let go of
//! what nobody needs any more.
//!
//! Which columns hold customers' words, names and addresses is `muster-store`'s knowledge; when, by whom and with what
//! consequences they are emptied is decided here.

mod erase;
mod export;
mod retention;

pub use erase::Named;
pub use export::{Asides, Audited, Fact, Held, HeldConversation, Identity, Mentioned, Notes};
pub use retention::RetentionSettings;

use muster_core::Result;
use muster_store::privacy::TABLES;

use crate::{App, media};

/// The job that makes erased words vanish from the database's files.
const SCRUB: &str = "privacy.scrub";

/// The job that lets go of what was kept long enough.
const TIDY: &str = "privacy.tidy";

/// Takes on what follows an erasure.
pub(crate) fn register(app: &App) {
    app.on_freeing_job(SCRUB, |app, _| Box::pin(async move { Ok(app.scrub().await?) }));
}

impl App {
    /// Makes what was erased vanish from the database's files too, as far as the engine lets it.
    ///
    /// # Errors
    /// Those of [`muster_store::Store::scrub`]. The process that serves tries again.
    pub async fn scrub(&self) -> Result<()> {
        self.inner.store.scrub(TABLES).await
    }

    /// Lets go, from now on and again every hour, of what was kept as long as the settings and the inboxes say; every day
    /// of files that nobody uses. For the process that serves, once, after [`App::start`].
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep_tidy(&self) -> Result<()> {
        media::keep_tidy(self).await?;
        self.on_recurring(TIDY, retention::EVERY, |app, _| Box::pin(async move { Ok(retention::tidy(&app).await?) }))
            .await
    }
}
