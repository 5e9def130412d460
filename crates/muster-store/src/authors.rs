//! People as authors of messages and holders of conversations.

use std::collections::BTreeMap;

use muster_core::agent::AgentKind;
use muster_core::contact::ContactKind;
use muster_core::id::{AgentId, ContactId};
use muster_core::presence::{Intent, Link, Shown, State};
use muster_core::view::{Person, PersonKind};
use muster_core::{Result, Timestamp};

use crate::db::{Row, SqlBuf, Tx};

/// Agents by id, deleted ones too. Ids that are nobody's are left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn agents(tx: &mut Tx, ids: &[AgentId], now: Timestamp) -> Result<BTreeMap<AgentId, Person>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new(
        "SELECT a.id, a.kind, a.first_name, a.last_name, a.email, a.avatar_url, a.enabled, a.locked, a.deleted_at,
           a.last_active_at, s.intent, s.link, s.lease_until, s.idle, s.wrap_up_until, s.state_since
         FROM agents a JOIN agent_state s ON s.agent_id = a.id WHERE a.id IN ",
    );
    select.bind_list(ids.iter().copied());
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("id")?, agent(row, now)?))).collect()
}

fn agent(row: &Row, now: Timestamp) -> Result<Person> {
    Ok(Person {
        id: row.get("id")?,
        kind: match row.get_word("kind", AgentKind::parse)? {
            AgentKind::System => PersonKind::System,
            AgentKind::Human | AgentKind::Bot => PersonKind::Agent,
        },
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        email: row.get("email")?,
        avatar_url: row.get("avatar_url")?,
        shown: shown(row, now)?,
        last_active_at: row.get("last_active_at")?,
    })
}

fn shown(row: &Row, now: Timestamp) -> Result<Shown> {
    let deleted: Option<Timestamp> = row.get("deleted_at")?;
    let usable = row.get::<bool>("enabled")? && !row.get::<bool>("locked")? && deleted.is_none();
    let state = State {
        intent: row.get_word("intent", Intent::parse)?,
        link: row.get_word("link", Link::parse)?,
        lease_until: row.get("lease_until")?,
        idle: row.get("idle")?,
        wrap_up_until: row.get("wrap_up_until")?,
        ..State::new(row.get("state_since")?)
    };
    Ok(state.shown_if(usable, now))
}

/// Contacts by id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn contacts(tx: &mut Tx, ids: &[ContactId], now: Timestamp) -> Result<BTreeMap<ContactId, Person>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new(
        "SELECT id, kind, first_name, last_name, email, avatar_url, last_active_at FROM contacts WHERE id IN ",
    );
    select.bind_list(ids.iter().copied());
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("id")?, contact(row, now)?))).collect()
}

fn contact(row: &Row, now: Timestamp) -> Result<Person> {
    let last_active_at = row.get("last_active_at")?;
    Ok(Person {
        id: row.get("id")?,
        kind: match row.get_word("kind", ContactKind::parse)? {
            ContactKind::Visitor => PersonKind::Visitor,
            ContactKind::Contact => PersonKind::Contact,
        },
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        email: row.get("email")?,
        avatar_url: row.get("avatar_url")?,
        shown: muster_core::contact::shown(last_active_at, now),
        last_active_at,
    })
}
