//! Copies that a served desk makes of itself.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use muster_app::App;
use muster_app::jobs::JobFailure;
use muster_core::Timestamp;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use super::take::take;
use super::{Passphrase, STAMP, stamp, upgrade};
use crate::config::Config;
use crate::data::DataDir;
use crate::exit::words;

/// The recurring job.
pub(crate) const JOB: &str = "backup.copy";
const PREFIX: &str = "muster-";
const SUFFIX: &str = ".backup";

/// Where copies go and how many stay.
#[derive(Debug, Clone)]
struct Plan {
    data: DataDir,
    directory: PathBuf,
    keep: usize,
    passphrase: Option<Passphrase>,
    every: Duration,
    /// Held while a copy is being written.
    alone: Arc<Mutex<()>>,
    tasks: TaskTracker,
}

/// Lets the desk copy itself as often as its configuration says.
///
/// # Errors
/// [`Usage`](crate::exit::Usage) if the passphrase can't be read or is too short; those of the store.
pub(crate) async fn start(app: &App, config: &Config) -> Result<()> {
    let Some(every) = config.backup.every.period() else { return Ok(()) };
    let passphrase = config.backup.passphrase_file().map(Passphrase::read).transpose()?;
    passphrase.as_ref().map(Passphrase::check).transpose()?;
    let plan = Plan {
        data: DataDir::new(&config.server.data),
        directory: config.backup.directory(&config.server.data),
        keep: usize::from(config.backup.keep),
        passphrase,
        every,
        alone: Arc::default(),
        tasks: TaskTracker::new(),
    };
    let copy = move |app: App, _| {
        let plan = plan.clone();
        Box::pin(async move { plan.copy_alone(app).await.map_err(|error| JobFailure::Again(words(&error))) }) as _
    };
    Ok(app.on_recurring(JOB, every, copy).await?)
}

impl Plan {
    /// Makes a copy in a task of its own: one that takes longer than a job may goes on, and none begins beside it.
    async fn copy_alone(self, app: App) -> Result<()> {
        let Ok(alone) = Arc::clone(&self.alone).try_lock_owned() else {
            bail!("the copy before this one is still being written");
        };
        let tasks = self.tasks.clone();
        let copied = tasks.spawn(async move {
            let copied = self.copy(&app).await;
            drop(alone);
            copied
        });
        copied.await?
    }

    /// Makes a copy, and only then removes those that are too old. A copy that took long may have been made after its
    /// job had been given up: then there is nothing to do.
    async fn copy(&self, app: &App) -> Result<()> {
        upgrade::create(&self.directory)?;
        remove_leftovers(&self.directory)?;
        let now = app.now();
        // One of the future was made by a clock that was wrong.
        let made = |copies: Vec<(Timestamp, PathBuf)>| copies.into_iter().filter(move |(at, _)| *at <= now);
        if made(copies(&self.directory)?).next_back().is_some_and(|(at, _)| now.since(at) < self.every / 2) {
            return Ok(());
        }
        let target = self.directory.join(format!("{PREFIX}{}{SUFFIX}", stamp(now)));
        let summary = take(app.store(), &self.data, &target, self.passphrase.as_ref(), now).await?;
        tracing::info!(file = %target.display(), bytes = summary.size, rows = summary.rows, "copied the desk");
        for (_, old) in made(copies(&self.directory)?).rev().skip(self.keep) {
            fs::remove_file(&old).with_context(|| format!("{} can't be removed", old.display()))?;
        }
        Ok(())
    }
}

/// The copies in a directory, the oldest first. Files with other names than the desk gives are none of them.
pub(crate) fn copies(directory: &Path) -> Result<Vec<(Timestamp, PathBuf)>> {
    let entries = fs::read_dir(directory).with_context(|| format!("{} can't be read", directory.display()))?;
    let mut copies = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(at) = entry.file_name().to_str().and_then(instant) {
            copies.push((at, entry.path()));
        }
    }
    copies.sort_unstable();
    Ok(copies)
}

/// When the copy of that name was begun; `None` if the name is none of ours.
fn instant(name: &str) -> Option<Timestamp> {
    let text = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let at = jiff::tz::TimeZone::UTC.to_timestamp(jiff::civil::DateTime::strptime(STAMP, text).ok()?).ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// Removes what copies that were cut short have left. One that is being written is locked.
fn remove_leftovers(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let whole = name.strip_suffix(".part").or_else(|| name.strip_suffix(".part.db"));
        if whole.and_then(instant).is_some() && !is_being_written(&path)? {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether the `.part` that the path is, or belongs to, is locked.
fn is_being_written(path: &Path) -> Result<bool> {
    let part =
        if path.extension().is_some_and(|ending| ending == "db") { path.with_extension("") } else { path.into() };
    Ok(part.exists() && File::open(part)?.try_lock().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_copies() {
        let at = Timestamp::parse("2026-08-28T10:00:05Z").unwrap();
        assert_eq!(stamp(at), "20260828T100005Z");
        assert_eq!(instant("muster-20260828T100005Z.backup"), Some(at));
        for name in
            ["muster-20260828T100005Z.backup.part", "muster-before.backup", "20260828T100005Z.backup", "muster-.backup"]
        {
            assert_eq!(instant(name), None, "{name}");
        }
    }

    #[test]
    fn leftovers_go_and_what_is_written_or_strange_stays() {
        let place = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = place.path().join(name);
            fs::write(&path, "x").unwrap();
            path
        };
        file("muster-20260828T100001Z.backup.part");
        file("muster-20260828T100001Z.backup.part.db");
        file("muster-20260828T100002Z.backup.part.db");
        let written = file("muster-20260828T100003Z.backup.part");
        file("muster-20260828T100003Z.backup.part.db");
        file("somebody.part");
        file("muster-20260828T100000Z.backup");
        let lock = File::open(&written).unwrap();
        lock.lock().unwrap();
        remove_leftovers(place.path()).unwrap();
        let mut left: Vec<_> = place.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [
                "muster-20260828T100000Z.backup",
                "muster-20260828T100003Z.backup.part",
                "muster-20260828T100003Z.backup.part.db",
                "somebody.part"
            ]
        );
    }
}
