//! Letting go of files: the bytes of those whose row was deleted, those that nobody used, and those that never got a row.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::{Error, Result};
use muster_store::jobs::{self, Job, NewJob};
use muster_store::media;
use serde_json::json;
use uuid::Uuid;

use super::files::FileName;
use super::{failed, known};
use crate::jobs::{JobFailure, JobResult};
use crate::{App, Work};

/// The job that deletes the bytes of files whose rows are gone.
const DELETE: &str = "media.delete";
/// The job that looks for what nobody uses.
const TIDY: &str = "media.tidy";

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a file that belongs to nothing is kept.
const UNUSED: Duration = Duration::from_secs(15 * 24 * 3600);
/// A file without a row may get one for so long.
const ORPHAN: Duration = DAY;
/// Files of one transaction, and of one job.
const AT_ONCE: usize = 500;

/// Takes on what follows the deletion of files, and removes what earlier uploads have left half-way. For the process that
/// serves.
pub(crate) async fn register(app: &App) {
    app.on_freeing_job(DELETE, |app, job| Box::pin(async move { delete(&app, &job).await }));
    if let Err(error) = app.inner.files.clear_incoming().await {
        tracing::warn!(%error, "what uploads that were cut off have left can't be removed");
    }
}

/// Looks every day for files that nobody uses.
pub(crate) async fn keep_tidy(app: &App) -> Result<()> {
    app.on_recurring(TIDY, DAY, |app, _| Box::pin(async move { Ok(tidy(&app).await?) })).await
}

/// Has the bytes of files deleted, whose rows are gone when this transaction is.
pub(crate) async fn let_go(work: &mut Work<'_>, uuids: &[Uuid]) -> Result<()> {
    for some in uuids.chunks(AT_ONCE) {
        let job = NewJob { name: DELETE, key: None, payload: json!(some), secret: None, run_at: work.now };
        jobs::insert(work.tx, job, work.now).await?;
    }
    Ok(())
}

async fn delete(app: &App, job: &Job) -> JobResult {
    let uuids: Vec<Uuid> = serde_json::from_value(job.payload.clone())
        .map_err(|error| JobFailure::Never(format!("the job names no files: {error}")))?;
    for uuid in uuids {
        remove(app, uuid).await?;
    }
    Ok(())
}

/// Passes on what came of writing the row of a file whose bytes are kept. They go at once if the desk said no; if it failed,
/// the row may be there.
pub(super) async fn settle<T>(app: &App, uuid: Uuid, written: Result<T>) -> Result<T> {
    match &written {
        Ok(_) | Err(Error::Busy(_) | Error::Internal(_)) => {}
        Err(_) => {
            if let Err(error) = remove(app, uuid).await {
                tracing::warn!(error = ?error, "a file that was refused has to wait to be tidied away");
            }
        }
    }
    written
}

async fn remove(app: &App, uuid: Uuid) -> Result<()> {
    let store = &app.inner.files.store;
    store.delete(FileName::thumbnail_of(uuid)).await.map_err(failed)?;
    store.delete(FileName::of(uuid)).await.map_err(failed)
}

async fn tidy(app: &App) -> Result<()> {
    while forget_unused(app).await? {}
    for first in 0..=u8::MAX {
        remove_orphans(app, first).await?;
    }
    Ok(())
}

/// Forgets some files that were never used. Tells whether there may be more.
async fn forget_unused(app: &App) -> Result<bool> {
    let limit = i64::try_from(AT_ONCE).map_err(Error::internal)?;
    let system = Caller::system();
    let forgotten = app.write_in_reserve(&system, move |work| {
        Box::pin(async move {
            let gone = media::delete_unused(work.tx, work.now - UNUSED, limit).await?;
            let_go(work, &gone).await?;
            Ok(gone.len())
        })
    });
    Ok(forgotten.await? == AT_ONCE)
}

/// Removes the files of this first byte that have no row and won't get one any more.
async fn remove_orphans(app: &App, first: u8) -> Result<()> {
    let before = app.now() - ORPHAN;
    let listed = app.inner.files.store.list(first).await.map_err(failed)?;
    let old: BTreeSet<Uuid> = listed.into_iter().filter(|(_, at)| *at < before).map(|(name, _)| name.uuid).collect();
    let old: Vec<Uuid> = old.into_iter().collect();
    for some in old.chunks(AT_ONCE) {
        let some: Arc<[Uuid]> = some.into();
        let asked = Arc::clone(&some);
        let known = app.read(move |tx| {
            let asked = Arc::clone(&asked);
            Box::pin(async move { known(tx, &asked).await })
        });
        let known = known.await?;
        for uuid in some.iter().filter(|uuid| !known.contains(uuid)) {
            remove(app, *uuid).await?;
        }
    }
    Ok(())
}
