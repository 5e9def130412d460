//! Contacts and the sessions of visitors.

pub mod absorb;

use muster_core::agent::Phone;
use muster_core::contact::{Contact, ContactField, ContactFilter, ContactKind, ContactTest};
use muster_core::id::{ContactId, InboxId};
use muster_core::time::Zone;
use muster_core::view::{Page, PageRequest};
use muster_core::{Entity, Error, Result, Timestamp};

use crate::constraint::taken;
use crate::db::{Row, SqlBuf, Tx};
use crate::{conditions, json, params, sql};

/// # Errors
/// [`Error::NotFound`] also for a deleted one; else as [`Tx::query`].
pub async fn contact(tx: &mut Tx, id: ContactId) -> Result<Contact> {
    let select = sql!("SELECT * FROM contacts WHERE id = $1 AND deleted_at IS NULL");
    let row = tx.query_opt(select, &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Contact))?)
}

/// A contact, also one that was erased, of whom nothing is left but that they were there.
///
/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn contact_or_erased(tx: &mut Tx, id: ContactId) -> Result<Contact> {
    let row = tx.query_opt(sql!("SELECT * FROM contacts WHERE id = $1"), &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Contact))?)
}

/// Loads a contact to change it, or to do something that only one at a time may do for them.
///
/// # Errors
/// As [`contact`].
pub async fn lock_contact(tx: &mut Tx, id: ContactId) -> Result<Contact> {
    let select = sql!(
        sqlite: "SELECT * FROM contacts WHERE id = $1 AND deleted_at IS NULL",
        postgres: "SELECT * FROM contacts WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
    );
    let row = tx.query_opt(select, &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Contact))?)
}

/// Loads the contact who owns an address: neither a visitor who claims it nor one known by an external id. Locked, so
/// that they aren't erased while something is added to them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_by_email(tx: &mut Tx, email: &str) -> Result<Option<Contact>> {
    let select = sql!(
        sqlite: "SELECT * FROM contacts
         WHERE email = $1 AND kind = 'contact' AND external_id IS NULL AND deleted_at IS NULL",
        postgres: "SELECT * FROM contacts
         WHERE email = $1 AND kind = 'contact' AND external_id IS NULL AND deleted_at IS NULL FOR UPDATE",
    );
    tx.query_opt(select, &params![email]).await?.as_ref().map(from_row).transpose()
}

/// Loads the contact whom an external id names, to change them.
///
/// # Errors
/// As [`Tx::query`].
pub async fn lock_by_external_id(tx: &mut Tx, external_id: &str) -> Result<Option<Contact>> {
    let select = sql!(
        sqlite: "SELECT * FROM contacts WHERE external_id = $1 AND deleted_at IS NULL",
        postgres: "SELECT * FROM contacts WHERE external_id = $1 AND deleted_at IS NULL FOR UPDATE",
    );
    tx.query_opt(select, &params![external_id]).await?.as_ref().map(from_row).transpose()
}

/// Up to `limit` contacts with `part` in their e-mail address, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn search(tx: &mut Tx, part: &str, limit: i64) -> Result<Vec<Contact>> {
    let mut select =
        SqlBuf::new("SELECT * FROM contacts WHERE email IS NOT NULL AND kind = 'contact' AND deleted_at IS NULL AND ");
    select.contains("email", part).push(" ORDER BY id LIMIT ").bind(limit);
    tx.query_buf(&select).await?.iter().map(from_row).collect()
}

/// The contact who owns an address, as [`lock_by_email`] finds them, but not locked.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<ContactId>> {
    let select = sql!(
        "SELECT id FROM contacts
         WHERE email = $1 AND kind = 'contact' AND external_id IS NULL AND deleted_at IS NULL"
    );
    tx.query_opt(select, &params![email]).await?.map(|row| row.get("id")).transpose()
}

/// Somebody who has an address or claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: ContactId,
    pub kind: ContactKind,
    pub name: String,
    pub created_at: Timestamp,
}

/// Everybody who has an address or claims it, in order of id.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_by_email(tx: &mut Tx, email: &str) -> Result<Vec<Named>> {
    let select = sql!("SELECT * FROM contacts WHERE email = $1 AND deleted_at IS NULL ORDER BY id");
    let named = |contact: Contact| Named {
        id: contact.id,
        kind: contact.kind,
        name: contact.name(),
        created_at: contact.created_at,
    };
    tx.query(select, &params![email]).await?.iter().map(|row| from_row(row).map(named)).collect()
}

/// Inserts a contact, unless the address or the external id belongs to another one. Tells whether it did.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn insert_contact(tx: &mut Tx, contact: &Contact) -> Result<bool> {
    let insert = sql!(
        "INSERT INTO contacts (id, public_id, kind, first_name, last_name, email, phone_country, phone_calling_code,
           phone_number, country, avatar_url, external_id, blocked, attributes, manager_agent_id, last_active_at,
           created_at, updated_at, deleted_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT DO NOTHING"
    );
    let Contact { id, public_id, kind, first_name, last_name, email, phone, country, avatar_url, .. } = contact;
    let params = params![
        *id,
        public_id,
        kind.as_str(),
        first_name,
        last_name,
        email.as_ref(),
        phone.country.as_ref(),
        phone.calling_code.as_ref(),
        phone.number.as_ref(),
        country.as_ref(),
        avatar_url.as_ref(),
        contact.external_id.as_ref(),
        contact.blocked,
        json(&contact.attributes)?,
        contact.manager,
        contact.last_active_at,
        contact.created_at,
        contact.updated_at,
        contact.deleted_at,
        contact.version,
    ];
    Ok(tx.execute(insert, &params).await? == 1)
}

/// Saves a contact that was locked, under the next version.
///
/// # Errors
/// [`Error::Conflict`] if the address is another contact's; else as [`Tx::execute`].
pub async fn save_contact(tx: &mut Tx, contact: &mut Contact) -> Result<()> {
    let update = sql!(
        "UPDATE contacts SET first_name = $2, last_name = $3, email = $4, phone_country = $5, phone_calling_code = $6,
           phone_number = $7, country = $8, avatar_url = $9, blocked = $10, attributes = $11, updated_at = $12,
           version = $13
         WHERE id = $1"
    );
    contact.version += 1;
    let params = params![
        contact.id,
        &contact.first_name,
        &contact.last_name,
        contact.email.as_ref(),
        contact.phone.country.as_ref(),
        contact.phone.calling_code.as_ref(),
        contact.phone.number.as_ref(),
        contact.country.as_ref(),
        contact.avatar_url.as_ref(),
        contact.blocked,
        json(&contact.attributes)?,
        contact.updated_at,
        contact.version,
    ];
    tx.execute(update, &params).await.map(drop).map_err(|error| taken(error, Entity::Contact))
}

pub(crate) fn from_row(row: &Row) -> Result<Contact> {
    Ok(Contact {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        kind: row.get_word("kind", ContactKind::parse)?,
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        email: row.get("email")?,
        phone: Phone {
            country: row.get("phone_country")?,
            calling_code: row.get("phone_calling_code")?,
            number: row.get("phone_number")?,
        },
        country: row.get("country")?,
        avatar_url: row.get("avatar_url")?,
        external_id: row.get("external_id")?,
        blocked: row.get("blocked")?,
        attributes: row.get_json("attributes")?,
        manager: row.get("manager_agent_id")?,
        last_active_at: row.get("last_active_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        deleted_at: row.get("deleted_at")?,
        version: row.get("version")?,
    })
}

/// Notes when a contact was there, unless they were there later.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save_last_active(tx: &mut Tx, contact: ContactId, at: Timestamp) -> Result<()> {
    let update = sql!(
        "UPDATE contacts SET last_active_at = $2
         WHERE id = $1 AND deleted_at IS NULL AND (last_active_at IS NULL OR last_active_at < $2)"
    );
    tx.execute(update, &params![contact, at]).await.map(drop)
}

/// Proof that somebody is a visitor of one inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitorSession {
    pub contact: ContactId,
    pub inbox: InboxId,
    pub expires_at: Timestamp,
}

/// # Errors
/// As [`Tx::execute`].
pub async fn insert_session(tx: &mut Tx, token_hash: &str, session: &VisitorSession, now: Timestamp) -> Result<()> {
    let insert = sql!(
        "INSERT INTO visitor_sessions (token_hash, contact_id, inbox_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)"
    );
    let params = params![token_hash, session.contact, session.inbox, now, session.expires_at];
    tx.execute(insert, &params).await.map(drop)
}

/// # Errors
/// As [`Tx::query`].
pub async fn find_session(tx: &mut Tx, token_hash: &str) -> Result<Option<VisitorSession>> {
    let select = sql!("SELECT contact_id, inbox_id, expires_at FROM visitor_sessions WHERE token_hash = $1");
    let row = tx.query_opt(select, &params![token_hash]).await?;
    row.map(|row| {
        Ok(VisitorSession {
            contact: row.get("contact_id")?,
            inbox: row.get("inbox_id")?,
            expires_at: row.get("expires_at")?,
        })
    })
    .transpose()
}

/// Makes a session last until `expires_at`, unless it lasts longer already.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn extend_session(tx: &mut Tx, token_hash: &str, expires_at: Timestamp) -> Result<()> {
    let update = sql!("UPDATE visitor_sessions SET expires_at = $2 WHERE token_hash = $1 AND expires_at < $2");
    tx.execute(update, &params![token_hash, expires_at]).await.map(drop)
}

/// Ends a contact's sessions at an inbox but the `keep` latest.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn end_oldest_sessions(tx: &mut Tx, contact: ContactId, inbox: InboxId, keep: i64) -> Result<()> {
    let delete = sql!(
        "DELETE FROM visitor_sessions WHERE contact_id = $1 AND inbox_id = $2 AND token_hash NOT IN
         (SELECT token_hash FROM visitor_sessions WHERE contact_id = $1 AND inbox_id = $2
          ORDER BY created_at DESC, expires_at DESC, token_hash LIMIT $3)"
    );
    tx.execute(delete, &params![contact, inbox, keep]).await.map(drop)
}

/// Ends the sessions of all verified contacts at an inbox.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn end_verified_sessions(tx: &mut Tx, inbox: InboxId) -> Result<()> {
    let delete = sql!(
        "DELETE FROM visitor_sessions
         WHERE inbox_id = $1 AND contact_id IN (SELECT id FROM contacts WHERE kind = 'contact')"
    );
    tx.execute(delete, &params![inbox]).await.map(drop)
}

/// Lets the sessions of all verified contacts at an inbox end at `latest`, unless they end before.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn shorten_verified_sessions(tx: &mut Tx, inbox: InboxId, latest: Timestamp) -> Result<()> {
    let update = sql!(
        "UPDATE visitor_sessions SET expires_at = $2
         WHERE inbox_id = $1 AND expires_at > $2 AND contact_id IN (SELECT id FROM contacts WHERE kind = 'contact')"
    );
    tx.execute(update, &params![inbox, latest]).await.map(drop)
}

/// Ends all sessions of a contact.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn delete_sessions(tx: &mut Tx, contact: ContactId) -> Result<()> {
    tx.execute(sql!("DELETE FROM visitor_sessions WHERE contact_id = $1"), &params![contact]).await.map(drop)
}

/// One page of the contacts that a filter lets through: all whom the desk knows, and visitors who have told an address.
///
/// # Errors
/// As [`Tx::query`].
pub async fn page(
    tx: &mut Tx,
    filter: &ContactFilter,
    (by, descending): (ContactField, bool),
    zone: &Zone,
    request: PageRequest,
) -> Result<Page<Contact>> {
    let mut count = SqlBuf::new("SELECT COUNT(*) AS count FROM contacts");
    condition(&mut count, filter, zone);
    let total = match tx.query_buf(&count).await?.first() {
        Some(row) => row.get("count")?,
        None => 0,
    };
    let mut select = SqlBuf::new("SELECT * FROM contacts");
    condition(&mut select, filter, zone);
    let column = match by {
        ContactField::Email => "email",
        ContactField::CreatedAt => "created_at",
        ContactField::UpdatedAt => "updated_at",
    };
    select.push(" ORDER BY ").push(column).push(if descending {
        " DESC NULLS LAST, id DESC"
    } else {
        " ASC NULLS LAST, id ASC"
    });
    select.push(" LIMIT ").bind(request.size).push(" OFFSET ").bind(request.offset());
    let items = tx.query_buf(&select).await?.iter().map(from_row).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

fn condition(buf: &mut SqlBuf, filter: &ContactFilter, zone: &Zone) {
    buf.push(" WHERE deleted_at IS NULL AND (kind = 'contact' OR email IS NOT NULL)");
    for (at, test) in filter.tests.iter().enumerate() {
        buf.push(match (at, filter.any) {
            (0, _) => " AND (",
            (_, true) => " OR ",
            (_, false) => " AND ",
        });
        match test {
            ContactTest::Email(test) => conditions::text(buf, "email", test),
            ContactTest::CreatedAt(test) => conditions::time(buf, "created_at", test.range(zone)),
            ContactTest::UpdatedAt(test) => conditions::time(buf, "updated_at", test.range(zone)),
        }
    }
    if !filter.tests.is_empty() {
        buf.push(")");
    }
}
