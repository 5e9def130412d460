//! What administrators set about the whole desk, by name, as JSON.

use muster_core::Result;
use muster_core::settings::GeneralSettings;

use crate::db::Tx;
use crate::{json, params, sql};

const GENERAL: &str = "general";

/// The general settings; the defaults of a desk where nobody set any.
///
/// # Errors
/// As [`Tx::query`].
pub async fn general(tx: &mut Tx) -> Result<GeneralSettings> {
    let row = tx.query_opt(sql!("SELECT value FROM settings WHERE name = $1"), &params![GENERAL]).await?;
    row.map_or_else(|| Ok(GeneralSettings::default()), |row| row.get_json("value"))
}

/// The general settings, which nobody else changes until the end of the transaction.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_general(tx: &mut Tx) -> Result<GeneralSettings> {
    let insert = sql!("INSERT INTO settings (name, value) VALUES ($1, '{}') ON CONFLICT (name) DO NOTHING");
    tx.execute(insert, &params![GENERAL]).await?;
    let select = sql!(
        sqlite: "SELECT value FROM settings WHERE name = $1",
        postgres: "SELECT value FROM settings WHERE name = $1 FOR UPDATE",
    );
    tx.query_one(select, &params![GENERAL]).await?.get_json("value")
}

/// Saves the general settings, which were locked.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save_general(tx: &mut Tx, settings: &GeneralSettings) -> Result<()> {
    let update = sql!("UPDATE settings SET value = $2 WHERE name = $1");
    tx.execute(update, &params![GENERAL, json(settings)?]).await.map(drop)
}
