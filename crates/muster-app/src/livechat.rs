//! Live chat: visitors, who prove themselves by a token that they were given at their first message,
//! and what they can do.

mod form;
mod hours;
mod identity;
mod merge;
mod visits;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use muster_core::actor::{Actor, Caller};
use muster_core::attribute::{self, Scope};
use muster_core::contact::{Contact, ContactKind};
use muster_core::conversation::{Category, Conversation};
use muster_core::event::Event;
use muster_core::id::{ContactId, InboxId};
use muster_core::inbox::{Claims, Form, Inbox, Medium};
use muster_core::media::UploadRules;
use muster_core::message::{Author, Body, ContentType, MessageKind};
use muster_core::view::{MessageView, PageRequest, Person};
use muster_core::{Entity, Error, Refusal, Result, Timestamp, text};
use muster_store::contacts::VisitorSession;
use muster_store::db::Tx;
use muster_store::{attributes, authors, contacts, conversations, inboxes, messages, queue, statuses};
use serde_json::Map;
use uuid::Uuid;

use crate::auth::{Origin, secret_hash};
use crate::conversations::{Opening, blank_contact, change, defined, open, readable};
use crate::media::{self, Links, Upload, Wanted};
use crate::messages::{NewMessage, Rules, Written, append, checked_ref, one_view, receive};
use crate::{App, Work};

pub use hours::{OfficeHours, TeamHours};
pub use identity::Identified;
pub(crate) use visits::Visits;

/// A session is extended when the sixtieth part of it has passed, but not later than this.
const SESSION_STEP: Duration = Duration::from_secs(DAY);
const DAY: u64 = 24 * 3600;
/// Conversations that one contact may start within a day.
const STARTS_A_DAY: i64 = 50;
/// Conversations shown to a visitor, and messages of one.
const CONVERSATIONS_SHOWN: i64 = 100;
const MESSAGES_SHOWN: i64 = 400;

/// A visitor's first message, or a known one's first message of a new conversation.
#[derive(Debug, Clone)]
pub struct VisitorStart {
    pub inbox: Uuid,
    /// `None`: somebody who is not known yet.
    pub token: Option<String>,
    /// Plain text.
    pub message: String,
    /// The sender's own id: from a known visitor the same one again gives the first conversation and starts none.
    pub client_ref: Option<String>,
    /// Answers to the inbox's form; only those of somebody not known yet are looked at.
    pub form: Form,
}

#[derive(Debug, Clone)]
pub struct VisitorStarted {
    /// The new visitor's; shown this once.
    pub token: Option<String>,
    pub contact: Contact,
    pub view: VisitorConversation,
    /// The oldest first.
    pub messages: Vec<MessageView>,
}

/// A conversation as its visitor sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitorConversation {
    pub uuid: Uuid,
    pub created_at: Timestamp,
    pub status_name: String,
    pub category: Category,
    /// The latest that the visitor sees.
    pub last_message: Option<MessageView>,
    /// Replies behind the visitor's mark.
    pub unread: i64,
    /// Without an e-mail address.
    pub assignee: Option<Person>,
    /// When its team is there, if that has hours of its own; only where one conversation is read alone.
    pub hours: Option<TeamHours>,
    /// Its place among those that wait for the same team, 1 being next; only of one that waits, is read alone and isn't
    /// far behind.
    pub queue_position: Option<i64>,
}

impl App {
    /// Starts a conversation by its first message, and makes a visitor of whoever isn't known yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an inbox that is unknown, disabled or no chat; [`Error::Unauthenticated`]
    /// for a token that isn't good; [`Error::Invalid`] for message or form; [`Refusal::StartPrevented`],
    /// [`Refusal::SecondConversation`], [`Refusal::TooManyConversations`].
    pub async fn visitor_start(&self, origin: &Origin, start: VisitorStart) -> Result<VisitorStarted> {
        let body = Body::of_visitor(&start.message)?;
        let client_ref = checked_ref(start.client_ref.as_deref())?;
        let asked = Arc::new((VisitorStart { client_ref, ..start }, body));
        self.write(&origin.caller(Actor::System), move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (start, body) = &*asked;
                visitor_start(work, start, body).await
            })
        })
        .await
    }

    /// Who the holder of a token is.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an inbox that is unknown, disabled or no chat; [`Error::Unauthenticated`]
    /// for a token that isn't good there, and for a blocked contact.
    pub async fn authenticate_visitor(&self, inbox: Uuid, token: &str) -> Result<(Actor, Contact)> {
        let hash: Arc<str> = secret_hash(token).into();
        let now = self.now();
        let known = {
            let hash = Arc::clone(&hash);
            self.read(move |tx| {
                let hash = Arc::clone(&hash);
                Box::pin(async move {
                    let inbox = chat(tx, inbox).await?;
                    let (session, contact) = visitor(tx, inbox.id, &hash, now).await?;
                    let life = inbox.session_life(contact.is_verified());
                    Ok((session, contact, life))
                })
            })
        };
        let (session, contact, life) = known.await?;
        if session.expires_at < now + (life - SESSION_STEP.min(life / 60)) {
            let system = Caller::system();
            let extended = self.write(&system, move |work| {
                let hash = Arc::clone(&hash);
                Box::pin(async move {
                    work.tx.keep_quiet();
                    contacts::extend_session(work.tx, &hash, work.now + life).await
                })
            });
            extended.await?;
        }
        Ok((Actor::Visitor { contact: contact.id, inbox: session.inbox }, contact))
    }

    /// The visitor's conversations, the latest message first.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than visitors.
    pub async fn visitor_conversations(&self, caller: &Caller) -> Result<Vec<VisitorConversation>> {
        let (contact, inbox) = who(&caller.actor)?;
        let (links, now) = (self.links(), self.now());
        self.read(move |tx| {
            let links = links.clone();
            Box::pin(async move {
                let rows = conversations::list_of_contact(tx, contact, inbox, CONVERSATIONS_SHOWN).await?;
                shown(tx, &links, rows, now).await
            })
        })
        .await
    }

    /// One of the visitor's conversations, with its latest messages, the oldest first.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than visitors; [`Error::NotFound`]; [`Refusal::NoAccess`].
    pub async fn visitor_conversation(
        &self,
        caller: &Caller,
        uuid: Uuid,
    ) -> Result<(VisitorConversation, Vec<MessageView>)> {
        who(&caller.actor)?;
        let (actor, links, now) = (Arc::new(caller.actor.clone()), self.links(), self.now());
        self.read(move |tx| {
            let (actor, links) = (Arc::clone(&actor), links.clone());
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                thread(tx, &links, conversation, now).await
            })
        })
        .await
    }

    /// One of the visitor's conversations, without its messages but the latest.
    ///
    /// # Errors
    /// As [`App::visitor_conversation`].
    pub async fn visitor_glance(&self, caller: &Caller, uuid: Uuid) -> Result<VisitorConversation> {
        who(&caller.actor)?;
        let (actor, links, now) = (Arc::new(caller.actor.clone()), self.links(), self.now());
        self.read(move |tx| {
            let (actor, links) = (Arc::clone(&actor), links.clone());
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                shown(tx, &links, vec![conversation], now).await?.pop().ok_or(Error::NotFound(Entity::Conversation))
            })
        })
        .await
    }

    /// Writes into one of the visitor's conversations. A resolved one opens again, unless the inbox
    /// forbids it.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than visitors; [`Error::Invalid`]; [`Error::NotFound`];
    /// [`Refusal::NoAccess`], `InboxDisabled`, `Blocked`, `ReplyPrevented`, `Closed`.
    pub async fn visitor_send(
        &self,
        caller: &Caller,
        uuid: Uuid,
        message: &str,
        client_ref: Option<&str>,
    ) -> Result<MessageView> {
        who(&caller.actor)?;
        let written = Arc::new(Written {
            body: Body::of_visitor(message)?,
            client_ref: checked_ref(client_ref)?,
            meta: Map::new(),
            files: Wanted::default(),
        });
        self.write(caller, move |work| {
            let written = Arc::clone(&written);
            Box::pin(async move {
                let message = receive(work, uuid, &written, Rules::Apply).await?;
                let view = one_view(work.tx, work.links(), message, work.now).await?;
                Ok(without_address(work.links(), view, work.now))
            })
        })
        .await
    }

    /// Which files the visitor may send.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than visitors; [`Refusal::UploadsOff`] where the inbox takes none.
    pub async fn visitor_upload_rules(&self, caller: &Caller) -> Result<UploadRules> {
        let (_, inbox) = who(&caller.actor)?;
        let inbox = self.read(move |tx| Box::pin(inboxes::inbox(tx, inbox))).await?;
        if inbox.takes_files() { self.upload_rules().await } else { Err(Refusal::UploadsOff.into()) }
    }

    /// Sends a file into one of the visitor's conversations, as a message of its own.
    ///
    /// # Errors
    /// As [`App::visitor_send`]; [`Refusal::UploadsOff`], [`Refusal::FileEmpty`], [`Refusal::FileTooLarge`],
    /// [`Refusal::FileType`]; those of the disk.
    pub async fn visitor_upload(&self, caller: &Caller, uuid: Uuid, upload: Upload) -> Result<MessageView> {
        let (_, at) = who(&caller.actor)?;
        // Before the bytes are kept.
        self.visitor_glance(caller, uuid).await?;
        self.with_kept(caller, upload, move |work, kept| {
            Box::pin(async move {
                if !inboxes::inbox(work.tx, at).await?.takes_files() {
                    return Err(Refusal::UploadsOff.into());
                }
                let uploader = work.actor().reference();
                let file = media::insert(work, kept, uploader, None).await?;
                let body = Body { content_type: ContentType::Text, ..Body::EMPTY };
                let files = Wanted::of(&[file.id])?;
                let written = Written { body, client_ref: None, meta: Map::new(), files };
                let message = receive(work, uuid, &written, Rules::Apply).await?;
                let view = one_view(work.tx, work.links(), message, work.now).await?;
                Ok(without_address(work.links(), view, work.now))
            })
        })
        .await
    }

    /// Notes that the visitor has read everything there is.
    ///
    /// # Errors
    /// As [`App::visitor_conversation`].
    pub async fn visitor_seen(&self, caller: &Caller, uuid: Uuid) -> Result<()> {
        who(&caller.actor)?;
        self.write(caller, move |work| {
            Box::pin(async move {
                let actor = work.actor().clone();
                let conversation = readable(work.tx, &actor, uuid).await?;
                work.tx.keep_quiet();
                conversations::mark_seen_by_contact(work.tx, conversation.id).await
            })
        })
        .await
    }
}

fn who(actor: &Actor) -> Result<(ContactId, InboxId)> {
    match actor {
        Actor::Visitor { contact, inbox } => Ok((*contact, *inbox)),
        Actor::Agent(_) | Actor::Integration(_) | Actor::Operator | Actor::System => Err(Error::Unauthenticated),
    }
}

/// The chat inbox of this name, if it is open.
async fn chat(tx: &mut Tx, uuid: Uuid) -> Result<Inbox> {
    let found = inboxes::find_by_uuid(tx, uuid).await?;
    found.filter(|inbox| inbox.enabled && inbox.medium == Medium::Chat).ok_or(Error::NotFound(Entity::Inbox))
}

async fn visitor(tx: &mut Tx, inbox: InboxId, token_hash: &str, now: Timestamp) -> Result<(VisitorSession, Contact)> {
    let found = contacts::find_session(tx, token_hash).await?;
    let session =
        found.filter(|session| session.inbox == inbox && session.expires_at > now).ok_or(Error::Unauthenticated)?;
    match contacts::contact(tx, session.contact).await {
        Ok(contact) if !contact.blocked => Ok((session, contact)),
        Ok(_) | Err(Error::NotFound(_)) => Err(Error::Unauthenticated),
        Err(error) => Err(error),
    }
}

async fn visitor_start(work: &mut Work<'_>, start: &VisitorStart, body: &Body) -> Result<VisitorStarted> {
    let inbox = chat(work.tx, start.inbox).await?;
    let known = match &start.token {
        Some(token) => {
            let (_, contact) = visitor(work.tx, inbox.id, &secret_hash(token), work.now).await?;
            match contacts::lock_contact(work.tx, contact.id).await {
                Ok(contact) => Some(contact),
                // Erased meanwhile, and the session with them.
                Err(Error::NotFound(_)) => return Err(Error::Unauthenticated),
                Err(error) => return Err(error),
            }
        }
        None => None,
    };
    if let Some(started) = started_before(work, &inbox, known.as_ref(), start).await? {
        return Ok(started);
    }
    check_start(work, &inbox, known.as_ref()).await?;
    let mut opening = Opening { team: inbox.default_team, ..Opening::default() };
    let (contact, token) = match known {
        Some(contact) => (contact, None),
        None => {
            let (contact, token) = new_visitor(work, &inbox, &start.form, &mut opening).await?;
            (contact, Some(token))
        }
    };
    work.act_as(Actor::Visitor { contact: contact.id, inbox: inbox.id });
    let mut conversation = open(work, &inbox, contact.id, opening).await?;
    conversation.waiting_since = Some(work.now);
    let first = NewMessage::new(MessageKind::Incoming, Author::Contact(contact.id), body.clone());
    append(work, &mut conversation, first.known_as(start.client_ref.clone())).await?;
    let effects = conversation.enqueue();
    change::store(work, &mut conversation, effects, Author::System).await?;
    let (view, messages) = thread(work.tx, work.links(), conversation, work.now).await?;
    Ok(VisitorStarted { token, contact, view, messages })
}

/// What a known visitor started by the same message before.
async fn started_before(
    work: &mut Work<'_>,
    inbox: &Inbox,
    known: Option<&Contact>,
    start: &VisitorStart,
) -> Result<Option<VisitorStarted>> {
    let (Some(contact), Some(client_ref)) = (known, &start.client_ref) else { return Ok(None) };
    let Some(id) = messages::find_started(work.tx, contact.id, inbox.id, client_ref).await? else { return Ok(None) };
    let conversation = conversations::conversation(work.tx, id).await?;
    let (view, messages) = thread(work.tx, work.links(), conversation, work.now).await?;
    Ok(Some(VisitorStarted { token: None, contact: contact.clone(), view, messages }))
}

async fn check_start(work: &mut Work<'_>, inbox: &Inbox, known: Option<&Contact>) -> Result<()> {
    let rules = inbox.chat_rules(known.is_some_and(Contact::is_verified));
    if !rules.may_start {
        return Err(Refusal::StartPrevented.into());
    }
    let Some(contact) = known else { return Ok(()) };
    if rules.one_at_a_time && conversations::has_unresolved(work.tx, contact.id, inbox.id).await? {
        return Err(Refusal::SecondConversation.into());
    }
    let since = work.now - Duration::from_secs(DAY);
    if conversations::count_started(work.tx, contact.id, since).await? >= STARTS_A_DAY {
        return Err(Refusal::TooManyConversations.into());
    }
    Ok(())
}

/// Makes a visitor of what the form claims, with a session. Whoever gives no name is a guest, numbered
/// like the conversation.
async fn new_visitor(
    work: &mut Work<'_>,
    inbox: &Inbox,
    form: &Form,
    opening: &mut Opening,
) -> Result<(Contact, String)> {
    let mut keys = attributes::definitions(work.tx, Scope::Contact).await?;
    keys.extend(attributes::definitions(work.tx, Scope::Conversation).await?);
    let claims = inbox.read_form(form, |key| attribute::find(key, &keys).is_some())?;
    let Claims { name, email, phone, attributes } = claims;
    opening.attributes = defined(work, Scope::Conversation, &attributes).await?;
    let attributes = defined(work, Scope::Contact, &attributes).await?;
    let number = conversations::next_number(work.tx).await?;
    let (first_name, last_name) = match name {
        Some(name) => text::split_name(&name),
        None => ("Guest".to_owned(), number.clone()),
    };
    opening.number = Some(number);
    let contact =
        Contact { first_name, last_name, email, phone, attributes, ..blank_contact(work, ContactKind::Visitor).await? };
    contacts::insert_contact(work.tx, &contact).await?;
    work.record(Event::ContactCreated { contact: contact.id });
    let token = work.draw.token();
    let session =
        VisitorSession { contact: contact.id, inbox: inbox.id, expires_at: work.now + inbox.session_life(false) };
    contacts::insert_session(work.tx, &secret_hash(&token), &session, work.now).await?;
    Ok((contact, token))
}

async fn thread(
    tx: &mut Tx,
    links: &Links,
    conversation: Conversation,
    now: Timestamp,
) -> Result<(VisitorConversation, Vec<MessageView>)> {
    let latest = PageRequest { page: 1, size: MESSAGES_SHOWN };
    let public: Vec<_> = MessageKind::ALL.iter().copied().filter(|kind| kind.is_public()).collect();
    let mut rows = messages::page(tx, conversation.id, &public, latest).await?.items;
    rows.reverse();
    let thread = links.views(tx, rows, now).await?;
    let thread = thread.into_iter().map(|view| without_address(links, view, now)).collect();
    let hours = hours::of_team(tx, &conversation, now).await?;
    let queue_position = queue::position(tx, conversation.id).await?;
    let view = shown(tx, links, vec![conversation], now).await?.pop().ok_or(Error::NotFound(Entity::Conversation))?;
    Ok((VisitorConversation { hours, queue_position, ..view }, thread))
}

/// What the visitor sees of these conversations, in their order.
async fn shown(
    tx: &mut Tx,
    links: &Links,
    rows: Vec<Conversation>,
    now: Timestamp,
) -> Result<Vec<VisitorConversation>> {
    let ids: Vec<_> = rows.iter().map(|conversation| conversation.id).collect();
    let assignees: Vec<_> = rows.iter().filter_map(|conversation| conversation.assignee).collect();
    let last = messages::last_public(tx, &ids).await?.into_values().collect();
    let last = links.views(tx, last, now).await?;
    let mut last: BTreeMap<_, _> = last.into_iter().map(|view| (view.message.conversation, view)).collect();
    let unread = messages::unread_by_contact(tx, &ids).await?;
    let agents = authors::agents(tx, &assignees, now).await?;
    let names: BTreeMap<_, _> =
        statuses::list_statuses(tx).await?.into_iter().map(|status| (status.id, status.name)).collect();
    let show = |row: Conversation| VisitorConversation {
        uuid: row.uuid,
        created_at: row.created_at,
        status_name: names.get(&row.status).cloned().unwrap_or_default(),
        category: row.category,
        last_message: last.remove(&row.id).map(|view| without_address(links, view, now)),
        unread: unread.get(&row.id).copied().unwrap_or(0),
        assignee: row.assignee.and_then(|id| agents.get(&id)).cloned().map(|person| unaddressed(links, person, now)),
        hours: None,
        queue_position: None,
    };
    Ok(rows.into_iter().map(show).collect())
}

/// A message as a visitor may see it: nobody's address.
fn without_address(links: &Links, view: MessageView, now: Timestamp) -> MessageView {
    MessageView { author: unaddressed(links, view.author, now), ..view }
}

fn unaddressed(links: &Links, person: Person, now: Timestamp) -> Person {
    Person { email: None, ..links.shown_to_strangers(person, now) }
}
