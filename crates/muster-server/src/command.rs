//! The short commands: each opens the desk beside the process that serves it, does one thing, and
//! prints what came of it.

use anyhow::Result;
use muster_app::App;

use crate::config::Config;
use crate::desk;

pub(crate) mod admin;
pub(crate) mod api_key;
pub(crate) mod backup;
pub(crate) mod contact;
pub(crate) mod doctor;
pub(crate) mod integration;
pub(crate) mod jobs;
pub(crate) mod mail;
pub(crate) mod openapi;
pub(crate) mod restore;

/// Does `act` on the desk that `config` names.
pub(crate) async fn on_desk(config: &Config, act: impl AsyncFnOnce(&App) -> Result<()>) -> Result<()> {
    let app = desk::open(config).await?;
    let done = act(&app).await;
    app.store().close().await;
    done
}
