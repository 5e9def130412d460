//! Whether the database is whole, of this version, and holds a desk that can work.

use std::time::Duration;

use anyhow::{Context as _, Result};
use muster_core::id::AgentId;
use muster_store::db::{Process, Store};
use muster_store::migrate::{MIGRATIONS, Schema, check};
use muster_store::{agents, health};

use super::Finding::{self, Fine, Wrong};
use super::{clock, postgres};
use crate::config::Config;
use crate::desk;
use crate::exit::words;

/// Checking a big file takes its time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Ids start at 1.
const NOBODY: AgentId = AgentId(0);

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let store = match desk::open_store(config, Process::Command, PATIENCE).await {
        Ok(store) => store,
        Err(error) => return vec![Wrong(words(&error))],
    };
    let findings = look_into(&store).await.unwrap_or_else(|error| vec![Wrong(words(&error))]);
    store.close().await;
    findings
}

async fn look_into(store: &Store) -> Result<Vec<Finding>> {
    let mut findings = vec![damage(store).await?];
    findings.extend(postgres::look(store).await?);
    let schema = check(store, MIGRATIONS).await?;
    if schema == Schema::Current {
        findings.push(Fine("the database is of this program's version".to_owned()));
        findings.extend(clock::look_into(store).await?);
        findings.extend([administrators(store).await?, roles(store).await?, jobs(store).await?]);
    } else {
        findings.push(Wrong(desk::wrong_schema(schema).to_string()));
    }
    Ok(findings)
}

async fn damage(store: &Store) -> Result<Finding> {
    let found = store.scan(|tx| Box::pin(health::damage(tx))).await.context("the database can't be checked")?;
    Ok(match found.as_slice() {
        [] => Fine("the database is whole".to_owned()),
        [first, ..] => Wrong(format!("the database file is damaged, restore it from a copy: {first}")),
    })
}

async fn administrators(store: &Store) -> Result<Finding> {
    Ok(match store.read(|tx| Box::pin(agents::count_other_admins(tx, NOBODY))).await? {
        0 => Wrong("nobody administers the desk: `muster admin create` makes an administrator".to_owned()),
        1 => Fine("there is an administrator".to_owned()),
        count => Fine(format!("there are {count} administrators")),
    })
}

async fn roles(store: &Store) -> Result<Finding> {
    let without = store.read(|tx| Box::pin(health::agents_without_role(tx))).await?;
    Ok(match without.len() {
        0 => Fine("every agent has a role".to_owned()),
        _ => Wrong(format!("these agents have no role and can do nothing: {}", without.join(", "))),
    })
}

async fn jobs(store: &Store) -> Result<Finding> {
    let dead = store.read(|tx| Box::pin(health::dead_jobs(tx))).await?;
    let listed: Vec<String> = dead.iter().map(|(name, count)| format!("{count} × {name}")).collect();
    Ok(match listed.len() {
        0 => Fine("no job was given up".to_owned()),
        _ => Wrong(format!("jobs were given up: {}; `muster jobs list` says why", listed.join(", "))),
    })
}
