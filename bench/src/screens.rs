//! What the console's main thread does while somebody goes through a list of many conversations and from one to the
//! next, in Chromium.

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use crate::desk::{ADMINISTRATOR, Engine};
use crate::large;
use crate::out;

const CONVERSATIONS: i64 = 100_000;

/// Arguments go to the script that drives the browser.
pub(crate) async fn run(arguments: &[String]) -> Result<()> {
    let (desk, name) = large::desk(Engine::Sqlite, CONVERSATIONS).await?;
    out::progress(&format!("{name}: in the browser"));
    let mut browser = Command::new("node");
    browser.args(["ui/audit/scroll.mjs", desk.url(), ADMINISTRATOR.0, ADMINISTRATOR.1]).args(arguments);
    let ended = browser.kill_on_drop(true).status().await.context("no node")?;
    if !ended.success() {
        bail!("the browser's run ended with {ended}");
    }
    Ok(())
}
