//! Messages: reading a conversation's thread, replying, noting, and taking in what contacts write.

mod notes;
mod retry;
mod transcript;

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::conversation::{Category, Conversation, OPEN};
use muster_core::event::Event;
use muster_core::id::{MediaId, MessageId};
use muster_core::inbox::Inbox;
use muster_core::mention::Mentions;
use muster_core::message::{Activity, Author, Body, ContentType, Message, MessageKind, MessageState};
use muster_core::permission::Permission;
use muster_core::variables::Variables;
use muster_core::view::{MessageView, Page, PageRequest};
use muster_core::{Entity, Error, Refusal, Result, Timestamp, Why, access, text};
use muster_store::conversations::Brief;
use muster_store::db::Tx;
use muster_store::{authors, contacts, conversations, inboxes, lost_race, messages, statuses};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::conversations::change::{self, Locked};
use crate::conversations::{back, readable};
use crate::media::{Links, Wanted};
use crate::mentions::{self, Called};
use crate::{App, Work, release};

pub use transcript::TranscriptHead;

/// Longest id that a sender may give a message, in characters.
const CLIENT_REF_MAX: usize = 255;

/// Which messages to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageFilter {
    /// Only what the customer doesn't see, or only what they do.
    pub private: Option<bool>,
    /// Empty: all kinds.
    pub kinds: Vec<MessageKind>,
}

impl MessageFilter {
    fn kinds(&self) -> Vec<MessageKind> {
        let wanted = |kind: &MessageKind| {
            (self.kinds.is_empty() || self.kinds.contains(kind))
                && self.private.is_none_or(|private| private != kind.is_public())
        };
        MessageKind::ALL.iter().copied().filter(wanted).collect()
    }
}

/// What an agent writes into a conversation.
#[derive(Debug, Clone)]
pub struct NewReply {
    pub content: String,
    pub content_type: ContentType,
    /// A note, which the customer doesn't see.
    pub private: bool,
    /// In the contact's name.
    pub as_contact: bool,
    /// The sender's own id: the same one again gives the first message and sends nothing.
    pub client_ref: Option<String>,
    pub meta: Map<String, Value>,
    /// Whom a note calls; what the customer sees calls nobody.
    pub mentions: Mentions,
    /// Files that the caller uploaded and that are in no use yet. Those that the text shows need not be among them.
    pub attachments: Vec<MediaId>,
}

impl App {
    /// One page of a conversation's messages, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] without `messages:read`; [`Error::NotFound`]; [`Refusal::NoAccess`].
    pub async fn messages(
        &self,
        caller: &Caller,
        uuid: Uuid,
        request: PageRequest,
        filter: MessageFilter,
    ) -> Result<Page<MessageView>> {
        caller.actor.require(Permission::MessagesRead)?;
        let (actor, kinds, now) = (Arc::new(caller.actor.clone()), Arc::new(filter.kinds()), self.now());
        let links = self.links();
        self.read(move |tx| {
            let (actor, kinds, links) = (Arc::clone(&actor), Arc::clone(&kinds), links.clone());
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                let Page { items, total } = messages::page(tx, conversation.id, &kinds, request).await?;
                Ok(Page { items: links.views(tx, items, now).await?, total })
            })
        })
        .await
    }

    /// One message of a conversation.
    ///
    /// # Errors
    /// As [`App::messages`]; [`Refusal::NoAccess`] also for a message of another conversation.
    pub async fn message(&self, caller: &Caller, conversation: Uuid, message: Uuid) -> Result<MessageView> {
        caller.actor.require(Permission::MessagesRead)?;
        let (actor, links, now) = (Arc::new(caller.actor.clone()), self.links(), self.now());
        self.read(move |tx| {
            let (actor, links) = (Arc::clone(&actor), links.clone());
            Box::pin(async move {
                let conversation = readable(tx, &actor, conversation).await?;
                let found = messages::find_by_uuid(tx, message).await?;
                let message = found.ok_or(Error::NotFound(Entity::Message))?;
                if message.conversation != conversation.id {
                    return Err(Refusal::NoAccess.into());
                }
                one_view(tx, &links, message, now).await
            })
        })
        .await
    }

    /// Writes a reply, a note, or in the contact's name.
    ///
    /// # Errors
    /// [`Error::Denied`] without `messages:write`, or `messages:write_as_contact`; [`Error::Invalid`];
    /// [`Error::NotFound`]; [`Refusal::NoAccess`], `Closed` for one merged into another, `InboxDisabled`.
    pub async fn send_message(&self, caller: &Caller, uuid: Uuid, reply: NewReply) -> Result<MessageView> {
        caller.actor.require(Permission::MessagesWrite)?;
        if reply.as_contact {
            caller.actor.require(Permission::MessagesWriteAsContact)?;
        }
        if reply.as_contact && reply.private {
            return Err(Error::invalid("private", Why::Malformed));
        }
        let reply = self.filled(caller, uuid, reply).await?;
        let mut files = Wanted::of(&reply.attachments)?;
        let mut body = body_of_agent(&reply.content, reply.content_type, &files)?;
        files.settle(&mut body, self.inner.links.public_url());
        let written = Written { body, client_ref: checked_ref(reply.client_ref.as_deref())?, meta: reply.meta, files };
        let written = Arc::new(written);
        let (note, as_contact) = (reply.private.then_some(Arc::new(reply.mentions)), reply.as_contact);
        self.write(caller, move |work| {
            let (written, note) = (Arc::clone(&written), note.clone());
            Box::pin(async move {
                let message = if as_contact {
                    receive(work, uuid, &written, Rules::Waived).await?
                } else {
                    answer(work, uuid, &written, note.as_deref()).await?
                };
                one_view(work.tx, work.links(), message, work.now).await
            })
        })
        .await
    }
}

impl App {
    /// What an agent writes in the own name, with its variables filled in.
    async fn filled(&self, caller: &Caller, uuid: Uuid, reply: NewReply) -> Result<NewReply> {
        if reply.as_contact || !Variables::are_in(&reply.content) {
            return Ok(reply);
        }
        let (actor, now) = (Arc::new(caller.actor.clone()), self.now());
        let variables = self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                let contact = contacts::contact_or_erased(tx, conversation.contact).await?;
                let author: Vec<_> = actor.agent().ok().map(|agent| agent.id).into_iter().collect();
                let author = authors::agents(tx, &author, now).await?.into_values().next();
                Ok(Variables::of(&conversation, &contact, author.as_ref()))
            })
        });
        let content = variables.await?.filled(&reply.content, reply.content_type);
        Ok(NewReply { content, ..reply })
    }
}

pub(crate) fn checked_ref(client_ref: Option<&str>) -> Result<Option<String>> {
    client_ref.map(|client_ref| text::bounded("client_ref", client_ref, 1, CLIENT_REF_MAX)).transpose()
}

/// What an agent wrote; with files it may be nothing.
pub(crate) fn body_of_agent(written: &str, content_type: ContentType, files: &Wanted) -> Result<Body> {
    match Body::of_agent(written, content_type) {
        Err(Error::Invalid { why: Why::Empty, .. }) if !files.is_empty() => Ok(Body { content_type, ..Body::EMPTY }),
        body => body,
    }
}

pub(crate) async fn one_view(tx: &mut Tx, links: &Links, message: Message, now: Timestamp) -> Result<MessageView> {
    let mut views = links.views(tx, vec![message], now).await?;
    views.pop().ok_or(Error::NotFound(Entity::Message))
}

/// What somebody wrote, after its checks.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) body: Body,
    pub(crate) client_ref: Option<String>,
    pub(crate) meta: Map<String, Value>,
    pub(crate) files: Wanted,
}

/// Whether the inbox's rules for contacts apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    Apply,
    Waived,
}

/// A message to be appended.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    kind: MessageKind,
    activity: Option<Activity>,
    author: Author,
    body: Body,
    client_ref: Option<String>,
    meta: Map<String, Value>,
    files: Wanted,
}

impl NewMessage {
    pub(crate) fn new(kind: MessageKind, author: Author, body: Body) -> Self {
        Self { kind, activity: None, author, body, client_ref: None, meta: Map::new(), files: Wanted::default() }
    }

    /// With the sender's own id.
    pub(crate) fn known_as(self, client_ref: Option<String>) -> Self {
        Self { client_ref, ..self }
    }

    /// With files.
    pub(crate) fn with_files(self, files: Wanted) -> Self {
        Self { files, ..self }
    }

    pub(crate) fn activity(activity: Activity, author: Author) -> Self {
        Self { activity: Some(activity), ..Self::new(MessageKind::Activity, author, Body::EMPTY) }
    }

    fn written(kind: MessageKind, author: Author, written: &Written) -> Self {
        Self {
            client_ref: written.client_ref.clone(),
            meta: written.meta.clone(),
            files: written.files.clone(),
            ..Self::new(kind, author, written.body.clone())
        }
    }
}

/// Appends a message to the locked conversation, which the caller saves afterwards.
pub(crate) async fn append(work: &mut Work<'_>, conversation: &mut Conversation, new: NewMessage) -> Result<Message> {
    let state = MessageState::first(new.kind, conversation.medium);
    let message = Message {
        id: MessageId(0),
        uuid: work.draw.uuid_at(work.now),
        public_id: work.draw.public_id(),
        conversation: conversation.id,
        seq: conversation.take_message(new.kind, &new.body.text, work.now),
        kind: new.kind,
        activity: new.activity,
        author: new.author,
        content: new.body.content,
        content_type: new.body.content_type,
        text: new.body.text,
        state,
        client_ref: new.client_ref,
        created_at: work.now,
        updated_at: work.now,
        edited_at: None,
        deleted_at: None,
        meta: new.meta,
    };
    let message = messages::append(work.tx, message).await?;
    new.files.give(work, message.id).await?;
    let event = match state {
        MessageState::Pending => Event::MessageQueued { conversation: conversation.id, message: message.id },
        MessageState::Received | MessageState::Sent | MessageState::Failed => {
            Event::of_message(message.kind, conversation.id, message.id)
        }
    };
    work.record_message(event, message.seq);
    Ok(message)
}

/// Notes on the conversation that a reply went out. What waits to be sent hasn't, and the desk itself
/// answers nobody.
pub(crate) fn note_reply(conversation: &mut Conversation, author: Author, now: Timestamp) {
    let is_sent = MessageState::first(MessageKind::Outgoing, conversation.medium) == MessageState::Sent;
    if is_sent && matches!(author, Author::Agent(_)) {
        conversation.replied(now);
    }
}

/// Writes an agent's reply, or a note that calls somebody or nobody.
async fn answer(work: &mut Work<'_>, uuid: Uuid, written: &Written, note: Option<&Mentions>) -> Result<Message> {
    let called = match note {
        Some(mentions) => mentions::hold(work, mentions).await?,
        None => Called::default(),
    };
    let id = conversations::brief(work.tx, uuid).await?.id;
    let mut conversation = conversations::lock(work.tx, id).await?;
    access::check(work.actor(), &conversation.subject())?;
    let author = Author::from(work.actor().reference());
    if let Some(first) = sent_before(work, &conversation, author, written).await? {
        return Ok(first);
    }
    if conversation.merged_into.is_some() {
        return Err(Refusal::Closed(id).into());
    }
    called.check()?;
    let kind = if note.is_some() { MessageKind::Note } else { MessageKind::Outgoing };
    if kind.is_public() {
        enabled_inbox(work, &conversation).await?;
        note_reply(&mut conversation, author, work.now);
    }
    let message = append(work, &mut conversation, NewMessage::written(kind, author, written)).await?;
    called.tell(work, &conversation, &message).await?;
    change::save(work, &mut conversation).await?;
    Ok(message)
}

/// Takes in what the conversation's contact wrote: it opens again if it wasn't open.
pub(crate) async fn receive(work: &mut Work<'_>, uuid: Uuid, written: &Written, rules: Rules) -> Result<Message> {
    let brief = conversations::brief(work.tx, uuid).await?;
    let mut locked = lock_to_receive(work, brief).await?;
    access::check(work.actor(), &locked.conversation.subject())?;
    let author = Author::Contact(locked.conversation.contact);
    if let Some(first) = sent_before(work, &locked.conversation, author, written).await? {
        return Ok(first);
    }
    let inbox = enabled_inbox(work, &locked.conversation).await?;
    if rules == Rules::Apply {
        check_rules(work, &inbox, &locked.conversation).await?;
    }
    let open = statuses::status(work.tx, OPEN).await?;
    let name = if locked.conversation.is_open() { String::new() } else { locked.assignee_name(work).await? };
    let back = back(&locked, &name, work.now);
    let conversation = &mut locked.conversation;
    let effects = conversation.customer_wrote(&open, &back, work.now)?;
    let new = NewMessage::written(MessageKind::Incoming, author, written);
    let message = append(work, conversation, new).await?;
    change::apply(work, conversation, effects, Author::System).await?;
    change::save(work, conversation).await?;
    release::watch_waiting_chat(work, conversation).await?;
    Ok(message)
}

/// Locks the conversation; its agent too if it may come back to them. An open one has no use for that.
async fn lock_to_receive(work: &mut Work<'_>, brief: Brief) -> Result<Locked> {
    if brief.category != Category::Open {
        return change::lock(work, brief, None).await;
    }
    let locked = change::lock_alone(work, brief.id).await?;
    if locked.conversation.is_open() { Ok(locked) } else { Err(lost_race()) }
}

async fn sent_before(
    work: &mut Work<'_>,
    conversation: &Conversation,
    author: Author,
    written: &Written,
) -> Result<Option<Message>> {
    match &written.client_ref {
        Some(client_ref) => messages::find_by_client_ref(work.tx, conversation.id, author, client_ref).await,
        None => Ok(None),
    }
}

async fn enabled_inbox(work: &mut Work<'_>, conversation: &Conversation) -> Result<Inbox> {
    let inbox = inboxes::inbox_or_deleted(work.tx, conversation.inbox).await?;
    if inbox.enabled { Ok(inbox) } else { Err(Refusal::InboxDisabled.into()) }
}

async fn check_rules(work: &mut Work<'_>, inbox: &Inbox, conversation: &Conversation) -> Result<()> {
    let contact = contacts::contact(work.tx, conversation.contact).await?;
    if contact.blocked {
        return Err(Refusal::Blocked.into());
    }
    let is_over = conversation.category == Category::Resolved;
    if is_over && inbox.chat_rules(contact.is_verified()).no_reply_to_closed {
        return Err(Refusal::ReplyPrevented(conversation.id).into());
    }
    Ok(())
}
