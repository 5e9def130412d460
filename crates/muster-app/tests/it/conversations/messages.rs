use futures_util::future::join_all;
use muster_app::conversations::StatusRef;
use muster_app::messages::{MessageFilter, NewReply};
use muster_core::actor::Caller;
use muster_core::conversation::{CLOSED, Category, RESOLVED, Sender};
use muster_core::message::{Author, ContentType, MessageKind};
use muster_core::permission::Permission;
use muster_core::view::{MessageView, PageRequest};
use muster_core::{Error, Refusal, Result};
use muster_testkit::{TestEngine, both_engines};
use serde_json::json;
use uuid::Uuid;

use super::{World, id, refusal};

const ALL: PageRequest = PageRequest { page: 1, size: 500 };

fn reply(content: &str) -> NewReply {
    NewReply {
        content: content.to_owned(),
        content_type: ContentType::Html,
        private: false,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: Vec::new(),
    }
}

fn note(content: &str) -> NewReply {
    NewReply { private: true, ..reply(content) }
}

async fn send(world: &World, by: &Caller, uuid: Uuid, reply: NewReply) -> Result<MessageView> {
    world.app().send_message(by, uuid, reply).await
}

async fn a_reply_goes_out_at_once_and_ends_the_wait(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("hello").await;
    let sent = send(&world, &kim, visitor.conversation, reply("<p>Hi <b>Mia</b><img src=x onerror=y></p>"));
    let sent = sent.await.unwrap();
    assert_eq!((sent.message.seq, sent.message.author), (2, Author::Agent(id(&kim))));
    assert_eq!(sent.message.content, "<p>Hi <b>Mia</b><img src=\"x\"></p>");
    assert_eq!((sent.author.first_name.as_str(), sent.conversation_uuid), ("kim", visitor.conversation));
    let conversation = world.conversation(visitor.conversation).await;
    assert_eq!((conversation.waiting_since, conversation.first_reply_at), (None, Some(world.desk.now())));
    let last = conversation.last_message.unwrap();
    assert_eq!((last.sender, last.text.starts_with("Hi ")), (Sender::Agent, true));
}

async fn notes_answer_nobody_and_stay_inside(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("hello").await;
    let uuid = visitor.conversation;
    send(&world, &kim, uuid, note("<p>careful</p>")).await.unwrap();
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    let conversation = world.conversation(uuid).await;
    assert!(conversation.waiting_since.is_some() && conversation.first_reply_at.is_none());
    assert_eq!(conversation.last_interaction.unwrap().sender, Sender::Contact);
    let (view, seen) = world.app().visitor_conversation(&visitor.caller, uuid).await.unwrap();
    assert_eq!(seen.iter().map(|view| view.message.kind).collect::<Vec<_>>(), [MessageKind::Incoming]);
    assert_eq!((view.unread, view.last_message.unwrap().message.text.as_str()), (0, "hello"));
    let private = MessageFilter { private: Some(true), kinds: Vec::new() };
    let inside = world.app().messages(&kim, uuid, ALL, private).await.unwrap();
    let kinds: Vec<_> = inside.items.iter().map(|view| view.message.kind).collect();
    assert_eq!(kinds, [MessageKind::Activity, MessageKind::Note], "the newest first");
}

async fn the_same_reference_sends_once(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let visitor = world.visitor("hello").await;
    let uuid = visitor.conversation;
    let once = || NewReply { client_ref: Some("a1".into()), ..reply("<p>hi</p>") };
    let first = send(&world, &kim, uuid, once()).await.unwrap();
    let before = world.desk.digest().await;
    let again = NewReply { content: "<p>other words</p>".into(), ..once() };
    assert_eq!(send(&world, &kim, uuid, again).await.unwrap(), first);
    assert_eq!(world.desk.digest().await, before);
    let other = send(&world, &lee, uuid, once()).await.unwrap();
    assert_ne!(other.message.id, first.message.id, "another author's reference is another one");
    let app = world.app();
    let written = app.visitor_send(&visitor.caller, uuid, "one", Some("a1")).await.unwrap();
    let repeated = app.visitor_send(&visitor.caller, uuid, "two", Some("a1")).await.unwrap();
    assert_eq!((&written, repeated.message.text.as_str()), (&repeated, "one"));
}

async fn numbers_have_no_gaps_whoever_writes_at_once(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("hello").await;
    let uuid = visitor.conversation;
    let writes = (0..24).map(|at| {
        let (world, kim, visitor) = (&world, &kim, &visitor);
        async move {
            let text = format!("<p>{at}</p>");
            let client_ref = Some(format!("r{}", at / 6));
            match at % 3 {
                0 => send(world, kim, uuid, NewReply { client_ref, ..reply(&text) }).await,
                1 => send(world, kim, uuid, note(&text)).await,
                _ => world.app().visitor_send(&visitor.caller, uuid, &text, client_ref.as_deref()).await,
            }
        }
    });
    for outcome in join_all(writes).await {
        outcome.unwrap();
    }
    let messages = world.app().messages(&kim, uuid, ALL, MessageFilter::default()).await.unwrap();
    let seqs: Vec<_> = messages.items.iter().rev().map(|view| view.message.seq).collect();
    assert_eq!(seqs, (1..=messages.total).collect::<Vec<_>>());
    assert_eq!(world.conversation(uuid).await.last_seq, messages.total);
    let refs = messages.items.iter().filter_map(|view| view.message.client_ref.as_deref()).count();
    let distinct: std::collections::BTreeSet<_> = messages
        .items
        .iter()
        .map(|view| (format!("{:?}", view.message.author), view.message.client_ref.clone()))
        .collect();
    let distinct = distinct.iter().filter(|(_, client_ref)| client_ref.is_some()).count();
    assert_eq!(refs, distinct);
}

async fn writing_needs_its_right_and_access(engine: TestEngine) {
    let world = World::new(engine).await;
    let uuid = world.visitor("hello").await.conversation;
    let reader = world.agent_who_may("reader", &[Permission::ConversationsRead, Permission::MessagesRead], &[]).await;
    assert!(matches!(send(&world, &reader, uuid, reply("x")).await, Err(Error::Denied(Permission::MessagesWrite))));
    let read = world.app().messages(&reader, uuid, ALL, MessageFilter::default()).await;
    assert_eq!(refusal(read), Refusal::NoAccess);
    let rights = [Permission::ConversationsRead, Permission::ConversationsReadAssigned, Permission::MessagesWrite];
    let writer = world.agent_who_may("writer", &rights, &[]).await;
    assert_eq!(refusal(send(&world, &writer, uuid, reply("x")).await), Refusal::NoAccess);
    let as_contact = NewReply { as_contact: true, ..reply("x") };
    let denied = send(&world, &writer, uuid, as_contact).await;
    assert!(matches!(denied, Err(Error::Denied(Permission::MessagesWriteAsContact))));
    for bad in ["", "<p></p>", "a\0b"] {
        assert!(matches!(send(&world, &world.admin, uuid, reply(bad)).await, Err(Error::Invalid { .. })), "{bad:?}");
    }
}

async fn a_message_of_another_conversation_is_not_shown(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let (one, two) = (world.visitor("one").await.conversation, world.visitor("two").await.conversation);
    let sent = send(&world, &kim, one, reply("<p>hi</p>")).await.unwrap();
    let message = sent.message.uuid;
    assert_eq!(world.app().message(&kim, one, message).await.unwrap(), sent);
    assert_eq!(refusal(world.app().message(&kim, two, message).await), Refusal::NoAccess);
    assert!(matches!(world.app().message(&kim, one, Uuid::nil()).await, Err(Error::NotFound(_))));
}

async fn a_disabled_inbox_takes_no_replies(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("hello").await;
    let off = muster_app::inboxes::InboxPatch { enabled: Some(false), ..Default::default() };
    world.app().update_inbox(&world.admin, world.inbox.id, off).await.unwrap();
    let uuid = visitor.conversation;
    assert_eq!(refusal(send(&world, &kim, uuid, reply("x")).await), Refusal::InboxDisabled);
    assert_eq!(refusal(world.app().visitor_send(&visitor.caller, uuid, "x", None).await), Refusal::InboxDisabled);
    send(&world, &kim, uuid, note("x")).await.unwrap();
}

/// Who has a resolved conversation after its customer wrote again.
async fn comes_back(engine: TestEngine, online: bool) {
    let world = World::new(engine).await;
    let kim = world.agent_with("kim", |new| new.extension.capacity = Some(Some(1))).await;
    world.online(&kim).await;
    let visitor = world.visitor("hello").await;
    let uuid = visitor.conversation;
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    world.app().set_status(&kim, uuid, StatusRef::Id(RESOLVED), None).await.unwrap();
    let other = world.visitor("another").await.conversation;
    world.app().assign_agent(&kim, other, id(&kim), None).await.unwrap();
    if !online {
        world.desk.clock.move_to(world.desk.now() + std::time::Duration::from_secs(600));
    }
    world.app().visitor_send(&visitor.caller, uuid, "one more thing", None).await.unwrap();
    let conversation = world.conversation(uuid).await;
    assert_eq!((conversation.category, conversation.reopened_count), (Category::Open, 1));
    if online {
        assert_eq!(conversation.assignee, Some(id(&kim)));
        assert_eq!(world.load(&kim).await, 2, "own work comes back beyond the capacity");
    } else {
        assert_eq!((conversation.assignee, conversation.preferred_agent), (None, Some(id(&kim))));
        assert!(world.waiting(uuid).await.is_some());
    }
    world.assert_books().await;
}

async fn a_customer_comes_back_to_an_agent_who_is_there(engine: TestEngine) {
    comes_back(engine, true).await;
}

async fn a_customer_of_an_absent_agent_goes_to_the_queue(engine: TestEngine) {
    comes_back(engine, false).await;
}

async fn an_inbox_may_forbid_replies_to_what_is_over(engine: TestEngine) {
    let config = json!({ "visitors": { "prevent_reply_to_closed_conversation": true } });
    let world = World::with_config(engine, config).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("hello").await;
    let uuid = visitor.conversation;
    world.app().set_status(&kim, uuid, StatusRef::Id(CLOSED), None).await.unwrap();
    let before = world.desk.digest().await;
    let id = world.conversation(uuid).await.id;
    let prevented = world.app().visitor_send(&visitor.caller, uuid, "more", None).await;
    assert_eq!(refusal(prevented), Refusal::ReplyPrevented(id));
    assert_eq!(world.desk.digest().await, before);
}

async fn an_import_may_write_as_the_contact(engine: TestEngine) {
    let world = World::new(engine).await;
    let rights = [
        Permission::ConversationsRead,
        Permission::ConversationsReadAll,
        Permission::MessagesWrite,
        Permission::MessagesWriteAsContact,
    ];
    let import = world.agent_who_may("import", &rights, &[]).await;
    let visitor = world.visitor("hello").await;
    let as_contact = NewReply { as_contact: true, ..reply("<p>also</p>") };
    let written = send(&world, &import, visitor.conversation, as_contact).await.unwrap();
    assert_eq!(written.message.kind, MessageKind::Incoming);
    assert!(matches!(written.message.author, Author::Contact(_)));
    let both = NewReply { as_contact: true, private: true, ..reply("x") };
    assert!(matches!(send(&world, &import, visitor.conversation, both).await, Err(Error::Invalid { .. })));
}

both_engines!(
    a_reply_goes_out_at_once_and_ends_the_wait,
    notes_answer_nobody_and_stay_inside,
    the_same_reference_sends_once,
    numbers_have_no_gaps_whoever_writes_at_once,
    writing_needs_its_right_and_access,
    a_message_of_another_conversation_is_not_shown,
    a_disabled_inbox_takes_no_replies,
    a_customer_comes_back_to_an_agent_who_is_there,
    a_customer_of_an_absent_agent_goes_to_the_queue,
    an_inbox_may_forbid_replies_to_what_is_over,
    an_import_may_write_as_the_contact,
);
