//! Persistence over SQLite and PostgreSQL, with one text of SQL.
//!
//! Knows tables and rows, and no rule. Start reading at [`db`], the seam that hides the two drivers; every other file
//! is one aggregate's SQL with its way from rows to the domain. To add an aggregate: a paired migration, a module with
//! `async fn …(tx: &mut Tx, …)`, and its tests.

pub mod agents;
pub mod attributes;
pub mod audit;
pub mod authors;
pub mod business_hours;
mod conditions;
mod constraint;
pub mod contact_notes;
pub mod contacts;
pub mod conversations;
pub mod credentials;
pub mod cursors;
pub mod db;
pub mod decisions;
pub mod drafts;
pub mod dump;
pub mod extras;
pub mod health;
pub mod imports;
pub mod inboxes;
pub mod integrations;
pub mod jobs;
pub mod macros;
pub mod media;
pub mod mentions;
pub mod messages;
pub mod metrics;
pub mod migrate;
pub mod notifications;
pub mod outbox;
pub mod people;
pub mod presence;
pub mod privacy;
pub mod queue;
pub mod roles;
pub mod search;
mod seldom;
mod sequencer;
pub mod settings;
pub mod skills;
pub mod statuses;
pub mod surveys;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod timers;
pub mod views;

pub use db::{
    Database, DbError, DbErrorKind, Durability, Engine, FromValue, Process, Row, ServeLock, Sql, SqlBuf, Store,
    StoreOptions, Tx, Value, ValueRef, db_error, is_unique_violation, lost_race, unique_violation,
};
pub use seldom::Seldom;

/// A value as the JSON of a text column.
fn json(value: &impl serde::Serialize) -> muster_core::Result<String> {
    serde_json::to_string(value).map_err(muster_core::Error::internal)
}
