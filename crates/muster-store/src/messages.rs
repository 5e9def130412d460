//! Messages of conversations.

use std::collections::BTreeMap;

use muster_core::id::{AgentId, ContactId, ConversationId, InboxId, MessageId};
use muster_core::message::{Activity, Author, ContentType, Message, MessageKind, MessageState};
use muster_core::presence::Shown;
use muster_core::survey::Survey;
use muster_core::view::{MessageView, Page, PageRequest, Person, PersonKind};
use muster_core::{Entity, Error, Result, Timestamp};
use uuid::Uuid;

use crate::db::{Row, SqlBuf, Tx};
use crate::{authors, json, media, params, search, sql, surveys};

/// Appends a message under the number that its locked conversation gave it, and its words to the index. Its own id is ignored; the
/// message is returned with the new one.
///
/// # Errors
/// As [`Tx::query`].
pub async fn append(tx: &mut Tx, message: Message) -> Result<Message> {
    let insert = sql!(
        "INSERT INTO messages (uuid, public_id, conversation_id, seq, kind, activity, args, author_kind, author_id, content,
           content_type, text, state, client_ref, created_at, updated_at, edited_at, deleted_at, meta)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) RETURNING id"
    );
    let (activity, args) = match &message.activity {
        Some(activity) => activity_columns(activity)?,
        None => (None, None),
    };
    let (author_kind, author_id) = author_columns(message.author);
    let params = params![
        message.uuid,
        &message.public_id,
        message.conversation,
        message.seq,
        message.kind.as_str(),
        activity,
        args,
        author_kind,
        author_id,
        &message.content,
        message.content_type.as_str(),
        &message.text,
        message.state.as_str(),
        message.client_ref.as_ref(),
        message.created_at,
        message.updated_at,
        message.edited_at,
        message.deleted_at,
        json(&message.meta)?,
    ];
    let id = tx.query_one(insert, &params).await?.get("id")?;
    search::add(tx, id, message.kind, &message.text).await?;
    Ok(Message { id, ..message })
}

/// A message by its id.
///
/// # Errors
/// [`Error::NotFound`]; else as [`Tx::query`].
pub async fn message(tx: &mut Tx, id: MessageId) -> Result<Message> {
    let row = tx.query_opt(sql!("SELECT * FROM messages WHERE id = $1"), &params![id]).await?;
    from_row(&row.ok_or(Error::NotFound(Entity::Message))?)
}

/// # Errors
/// As [`Tx::query`].
pub async fn find_by_uuid(tx: &mut Tx, uuid: Uuid) -> Result<Option<Message>> {
    let row = tx.query_opt(sql!("SELECT * FROM messages WHERE uuid = $1"), &params![uuid]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The message that an author sent into a conversation under an id of their own.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find_by_client_ref(
    tx: &mut Tx,
    conversation: ConversationId,
    author: Author,
    client_ref: &str,
) -> Result<Option<Message>> {
    let select = sql!(
        "SELECT * FROM messages
         WHERE conversation_id = $1 AND author_kind = $2 AND author_id = $3 AND client_ref = $4"
    );
    let (kind, id) = author_columns(author);
    let row = tx.query_opt(select, &params![conversation, kind, id, client_ref]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The conversation that a contact started in an inbox by a message with this id of their own.
///
/// # Errors
/// As [`Tx::query`].
pub async fn find_started(
    tx: &mut Tx,
    contact: ContactId,
    inbox: InboxId,
    client_ref: &str,
) -> Result<Option<ConversationId>> {
    let select = sql!(
        "SELECT c.id FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.author_kind = 'contact'
           AND m.author_id = $1 AND m.client_ref = $3
         WHERE c.contact_id = $1 AND c.inbox_id = $2 AND m.seq = 1 ORDER BY c.id LIMIT 1"
    );
    let row = tx.query_opt(select, &params![contact, inbox, client_ref]).await?;
    row.map(|row| row.get("id")).transpose()
}

/// One page of a conversation's messages of the given kinds, the newest first.
///
/// # Errors
/// As [`Tx::query`].
pub async fn page(
    tx: &mut Tx,
    conversation: ConversationId,
    kinds: &[MessageKind],
    request: PageRequest,
) -> Result<Page<Message>> {
    let condition = |buf: &mut SqlBuf| {
        buf.push(" FROM messages WHERE conversation_id = ").bind(conversation);
        if kinds.len() < MessageKind::ALL.len() {
            buf.push(" AND kind IN ").bind_list(kinds.iter().map(|kind| kind.as_str()));
        }
    };
    let mut count = SqlBuf::new("SELECT COUNT(*) AS count");
    condition(&mut count);
    let total = match tx.query_buf(&count).await?.first() {
        Some(row) => row.get("count")?,
        None => 0,
    };
    let mut select = SqlBuf::new("SELECT *");
    condition(&mut select);
    select.push(" ORDER BY seq DESC LIMIT ").bind(request.size).push(" OFFSET ").bind(request.offset());
    let items = tx.query_buf(&select).await?.iter().map(from_row).collect::<Result<_>>()?;
    Ok(Page { items, total })
}

/// The latest message of a conversation that lists can show: no activity, and not taken back.
///
/// # Errors
/// As [`Tx::query`].
pub async fn last_shown(tx: &mut Tx, conversation: ConversationId) -> Result<Option<Message>> {
    let select = sql!(
        "SELECT * FROM messages WHERE conversation_id = $1 AND kind <> 'activity' AND deleted_at IS NULL
         ORDER BY seq DESC LIMIT 1"
    );
    tx.query_opt(select, &params![conversation]).await?.as_ref().map(from_row).transpose()
}

/// Empties a message of a locked conversation: its words go, that it was stays.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn take_back(tx: &mut Tx, id: MessageId, now: Timestamp) -> Result<()> {
    let update = sql!(
        "UPDATE messages SET content = '', text = '', meta = '{}', deleted_at = $2, updated_at = $2 WHERE id = $1"
    );
    tx.execute(update, &params![id, now]).await.map(drop)
}

/// Saves the state of a message of a locked conversation.
///
/// # Errors
/// As [`Tx::execute`].
pub async fn save_state(tx: &mut Tx, id: MessageId, state: MessageState, now: Timestamp) -> Result<()> {
    let update = sql!("UPDATE messages SET state = $2, updated_at = $3 WHERE id = $1");
    tx.execute(update, &params![id, state.as_str(), now]).await.map(drop)
}

/// Everybody who wrote into a conversation or did something to it, in the order in which they began; the desk itself
/// is left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn participants(tx: &mut Tx, conversation: ConversationId, now: Timestamp) -> Result<Vec<Person>> {
    let select = sql!(
        "SELECT author_kind, author_id, MIN(seq) AS seq FROM messages
         WHERE conversation_id = $1 AND author_kind <> 'system' GROUP BY author_kind, author_id ORDER BY seq"
    );
    let rows = tx.query(select, &params![conversation]).await?;
    let found: Vec<Author> = rows.iter().map(author).collect::<Result<_>>()?;
    let authors = Authors::load(tx, &found, now).await?;
    Ok(found.into_iter().map(|author| authors.person(author)).collect())
}

/// The latest message that the customer sees, of each of these conversations that has one.
///
/// # Errors
/// As [`Tx::query`].
pub async fn last_public(tx: &mut Tx, conversations: &[ConversationId]) -> Result<BTreeMap<ConversationId, Message>> {
    if conversations.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new(
        "SELECT m.* FROM messages m JOIN (SELECT conversation_id, MAX(seq) AS seq FROM messages
           WHERE kind IN ('incoming', 'outgoing') AND conversation_id IN ",
    );
    select.bind_list(conversations.iter().copied());
    select
        .push(" GROUP BY conversation_id) latest ON latest.conversation_id = m.conversation_id AND latest.seq = m.seq");
    let messages = tx.query_buf(&select).await?;
    messages.iter().map(|row| Ok((row.get("conversation_id")?, from_row(row)?))).collect()
}

/// How many replies lie behind the contact's mark, of each of these conversations that has any.
///
/// # Errors
/// As [`Tx::query`].
pub async fn unread_by_contact(tx: &mut Tx, conversations: &[ConversationId]) -> Result<BTreeMap<ConversationId, i64>> {
    if conversations.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new(
        "SELECT m.conversation_id, COUNT(*) AS count FROM messages m JOIN conversations c ON c.id = m.conversation_id
         WHERE m.kind = 'outgoing' AND m.seq > c.contact_seen_seq AND m.conversation_id IN ",
    );
    select.bind_list(conversations.iter().copied()).push(" GROUP BY m.conversation_id");
    let counts = tx.query_buf(&select).await?;
    counts.iter().map(|row| Ok((row.get("conversation_id")?, row.get("count")?))).collect()
}

/// Messages by id, in order of id. Ids that are no message's are left out.
///
/// # Errors
/// As [`Tx::query`].
pub async fn list_by_ids(tx: &mut Tx, ids: &[MessageId]) -> Result<Vec<Message>> {
    let mut select = SqlBuf::new("SELECT * FROM messages WHERE id IN ");
    select.bind_list(ids.iter().copied()).push(" ORDER BY id");
    tx.query_buf(&select).await?.iter().map(from_row).collect()
}

/// Puts authors, conversations and files, which have no addresses yet, to messages, in their order.
///
/// # Errors
/// As [`Tx::query`].
pub async fn views(tx: &mut Tx, messages: Vec<Message>, now: Timestamp) -> Result<Vec<MessageView>> {
    let written: Vec<Author> = messages.iter().map(|message| message.author).collect();
    let authors = Authors::load(tx, &written, now).await?;
    let uuids = uuids(tx, &messages).await?;
    let mut surveys = asked_by(tx, &messages).await?;
    let mut files = media::attachments(tx, &messages.iter().map(|message| message.id).collect::<Vec<_>>()).await?;
    let mut view = |message: Message| {
        let conversation_uuid = *uuids.get(&message.conversation).ok_or(Error::NotFound(Entity::Conversation))?;
        let survey = surveys.remove(&message.id);
        let attachments = files.remove(&message.id).unwrap_or_default();
        Ok(MessageView { author: authors.person(message.author), conversation_uuid, survey, attachments, message })
    };
    messages.into_iter().map(&mut view).collect()
}

/// What these messages ask customers. Only the desk itself asks, in public.
async fn asked_by(tx: &mut Tx, messages: &[Message]) -> Result<BTreeMap<MessageId, Survey>> {
    let may_ask = |message: &&Message| message.kind == MessageKind::Outgoing && message.author == Author::System;
    let ids: Vec<MessageId> = messages.iter().filter(may_ask).map(|message| message.id).collect();
    surveys::asked_by(tx, &ids).await
}

async fn uuids(tx: &mut Tx, messages: &[Message]) -> Result<BTreeMap<ConversationId, Uuid>> {
    let ids = distinct(messages.iter().map(|message| message.conversation));
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut select = SqlBuf::new("SELECT id, uuid FROM conversations WHERE id IN ");
    select.bind_list(ids);
    tx.query_buf(&select).await?.iter().map(|row| Ok((row.get("id")?, row.get("uuid")?))).collect()
}

struct Authors {
    agents: BTreeMap<AgentId, Person>,
    contacts: BTreeMap<ContactId, Person>,
    system: Person,
}

impl Authors {
    async fn load(tx: &mut Tx, authors: &[Author], now: Timestamp) -> Result<Self> {
        let authors = || authors.iter().copied();
        let agents = distinct(authors().filter_map(|author| match author {
            Author::Agent(id) => Some(id),
            Author::Contact(_) | Author::System => None,
        }));
        let contacts = distinct(authors().filter_map(|author| match author {
            Author::Contact(id) => Some(id),
            Author::Agent(_) | Author::System => None,
        }));
        let mut system = nobody(PersonKind::System, 0, "System");
        if authors().any(|author| author == Author::System) {
            let row = tx.query_opt(sql!("SELECT MIN(id) AS id FROM agents WHERE kind = 'system'"), &[]).await?;
            system.id = row.map(|row| row.get::<Option<i64>>("id")).transpose()?.flatten().unwrap_or(0);
        }
        Ok(Self {
            agents: authors::agents(tx, &agents, now).await?,
            contacts: authors::contacts(tx, &contacts, now).await?,
            system,
        })
    }

    fn person(&self, author: Author) -> Person {
        match author {
            Author::Agent(id) => self.agents.get(&id).cloned().unwrap_or_else(|| nobody(PersonKind::Agent, id.0, "")),
            Author::Contact(id) => {
                self.contacts.get(&id).cloned().unwrap_or_else(|| nobody(PersonKind::Contact, id.0, ""))
            }
            Author::System => self.system.clone(),
        }
    }
}

fn nobody(kind: PersonKind, id: i64, first_name: &str) -> Person {
    Person {
        id,
        kind,
        first_name: first_name.to_owned(),
        last_name: String::new(),
        email: None,
        avatar_url: None,
        shown: Shown::Offline,
        last_active_at: None,
    }
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

fn author_columns(author: Author) -> (&'static str, i64) {
    match author {
        Author::Agent(id) => ("agent", id.0),
        Author::Contact(id) => ("contact", id.0),
        Author::System => ("system", 0),
    }
}

/// The activity's word and its arguments.
fn activity_columns(activity: &Activity) -> Result<(Option<String>, Option<String>)> {
    let mut tagged = serde_json::to_value(activity).map_err(Error::internal)?;
    let word = tagged["word"].as_str().map(str::to_owned);
    Ok((word, Some(tagged["args"].take().to_string())))
}

fn activity(word: &str, args: &str) -> Option<Activity> {
    let args: serde_json::Value = serde_json::from_str(args).ok()?;
    serde_json::from_value(serde_json::json!({ "word": word, "args": args })).ok()
}

fn author(row: &Row) -> Result<Author> {
    let id: i64 = row.get("author_id")?;
    row.get_word("author_kind", |kind| match kind {
        "agent" => Some(Author::Agent(AgentId(id))),
        "contact" => Some(Author::Contact(ContactId(id))),
        "system" => Some(Author::System),
        _ => None,
    })
}

pub(crate) fn from_row(row: &Row) -> Result<Message> {
    let activity = match row.get::<Option<String>>("activity")? {
        Some(word) => Some(row.get_word("args", |args| activity(&word, args))?),
        None => None,
    };
    Ok(Message {
        id: row.get("id")?,
        uuid: row.get("uuid")?,
        public_id: row.get("public_id")?,
        conversation: row.get("conversation_id")?,
        seq: row.get("seq")?,
        kind: row.get_word("kind", MessageKind::parse)?,
        activity,
        author: author(row)?,
        content: row.get("content")?,
        content_type: row.get_word("content_type", ContentType::parse)?,
        text: row.get("text")?,
        state: row.get_word("state", MessageState::parse)?,
        client_ref: row.get("client_ref")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        edited_at: row.get("edited_at")?,
        deleted_at: row.get("deleted_at")?,
        meta: row.get_json("meta")?,
    })
}
