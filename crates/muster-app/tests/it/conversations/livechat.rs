use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::inboxes::InboxPatch;
use muster_app::livechat::VisitorStart;
use muster_core::actor::Actor;
use muster_core::contact::ContactKind;
use muster_core::conversation::{Category, RESOLVED};
use muster_core::inbox::Form;
use muster_core::message::{MessageKind, VISITOR_MAX};
use muster_core::{Entity, Error, Refusal};
use muster_store::{params, sql};
use muster_testkit::{TestEngine, both_engines};
use serde_json::json;
use uuid::Uuid;

use super::{Visitor, World, chat, id, origin, refusal};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn a_first_message_makes_a_guest_with_a_token(engine: TestEngine) {
    let world = World::new(engine).await;
    let started = world.start(None, " <b>Hello</b> \n there ").await.unwrap();
    let token = started.token.unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!((started.contact.kind, started.contact.name().as_str()), (ContactKind::Visitor, "Guest 100"));
    let [message] = started.messages.as_slice() else { panic!("one message") };
    assert_eq!(message.message.text, "<b>Hello</b> \n there");
    assert_eq!(message.message.content, "&lt;b&gt;Hello&lt;/b&gt; \n there");
    assert_eq!((started.view.category, started.view.unread), (Category::Open, 0));
    let (actor, contact) = world.app().authenticate_visitor(world.inbox.uuid, &token).await.unwrap();
    assert_eq!(actor, Actor::Visitor { contact: started.contact.id, inbox: world.inbox.id });
    assert_eq!(contact.id, started.contact.id);
    let events = world.events(started.view.uuid).await;
    assert_eq!(events, ["conversation.created", "message.received", "conversation.queued"]);
    let actors = world.app().store().read(|tx| {
        Box::pin(async move {
            let rows =
                tx.query(sql!("SELECT actor FROM events WHERE name = 'conversation.created'"), &params![]).await?;
            rows.iter().map(|row| row.get::<String>("actor")).collect::<muster_core::Result<Vec<_>>>()
        })
    });
    assert_eq!(actors.await.unwrap(), [format!("contact:{}", contact.id)]);
}

async fn nobody_reads_or_writes_in_anothers_conversation(engine: TestEngine) {
    let world = World::new(engine).await;
    let (mia, ned) = (world.visitor("mine").await, world.visitor("yours").await);
    let app = world.app();
    assert_eq!(refusal(app.visitor_conversation(&ned.caller, mia.conversation).await), Refusal::NoAccess);
    assert_eq!(refusal(app.visitor_send(&ned.caller, mia.conversation, "x", None).await), Refusal::NoAccess);
    assert_eq!(refusal(app.visitor_seen(&ned.caller, mia.conversation).await), Refusal::NoAccess);
    let own = app.visitor_conversations(&ned.caller).await.unwrap();
    assert_eq!(own.iter().map(|view| view.uuid).collect::<Vec<_>>(), [ned.conversation]);
    assert!(matches!(app.visitor_conversation(&ned.caller, Uuid::nil()).await, Err(Error::NotFound(_))));
    assert!(matches!(app.visitor_conversations(&world.admin).await, Err(Error::Unauthenticated)));
    assert!(app.conversation(&ned.caller, ned.conversation).await.is_ok());
}

async fn a_token_is_good_for_its_inbox_while_it_lasts(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("hello").await;
    let other = world.app().create_inbox(&world.admin, chat("Shop", json!({}))).await.unwrap();
    let auth = |inbox, token: &str| {
        let (app, token) = (world.app().clone(), token.to_owned());
        async move { app.authenticate_visitor(inbox, &token).await }
    };
    assert!(matches!(auth(other.uuid, &visitor.token).await, Err(Error::Unauthenticated)));
    assert!(matches!(auth(world.inbox.uuid, "guess").await, Err(Error::Unauthenticated)));
    assert!(matches!(auth(Uuid::nil(), &visitor.token).await, Err(Error::NotFound(Entity::Inbox))));
    world.desk.clock.move_to(world.desk.now() + DAY * 179);
    assert!(auth(world.inbox.uuid, &visitor.token).await.is_ok());
    let before = world.desk.digest().await;
    assert!(auth(world.inbox.uuid, &visitor.token).await.is_ok());
    assert_eq!(world.desk.digest().await, before, "a session is moved at most daily");
    world.desk.clock.move_to(world.desk.now() + DAY * 179);
    assert!(auth(world.inbox.uuid, &visitor.token).await.is_ok(), "each visit extends it");
    world.desk.clock.move_to(world.desk.now() + DAY * 181);
    assert!(matches!(auth(world.inbox.uuid, &visitor.token).await, Err(Error::Unauthenticated)));
}

async fn a_blocked_visitor_and_a_closed_inbox_end_it(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("hello").await;
    let block = |blocked: bool| {
        world.app().store().write(move |tx| {
            Box::pin(async move { tx.execute(sql!("UPDATE contacts SET blocked = $1"), &params![blocked]).await })
        })
    };
    block(true).await.unwrap();
    let auth = world.app().authenticate_visitor(world.inbox.uuid, &visitor.token).await;
    assert!(matches!(auth, Err(Error::Unauthenticated)));
    assert!(matches!(world.start(Some(&visitor.token), "x").await, Err(Error::Unauthenticated)));
    let sent = world.app().visitor_send(&visitor.caller, visitor.conversation, "x", None).await;
    assert_eq!(refusal(sent), Refusal::Blocked);
    block(false).await.unwrap();
    let off = InboxPatch { enabled: Some(false), ..InboxPatch::default() };
    world.app().update_inbox(&world.admin, world.inbox.id, off).await.unwrap();
    let auth = world.app().authenticate_visitor(world.inbox.uuid, &visitor.token).await;
    assert!(matches!(auth, Err(Error::NotFound(Entity::Inbox))));
    assert!(matches!(world.start(None, "x").await, Err(Error::NotFound(Entity::Inbox))));
}

async fn the_inbox_says_who_may_start_and_how_many(engine: TestEngine) {
    let world = World::with_config(engine, json!({ "visitors": { "prevent_multiple_conversations": true } })).await;
    let visitor = world.visitor("hello").await;
    let second = world.start(Some(&visitor.token), "again").await;
    assert_eq!(refusal(second), Refusal::SecondConversation);
    let done = StatusRef::Id(RESOLVED);
    world.app().set_status(&world.admin, visitor.conversation, done, None).await.unwrap();
    let next = world.start(Some(&visitor.token), "again").await.unwrap();
    assert_eq!(next.token, None, "the visitor is known");
    let closed = InboxPatch {
        config: Some(json!({ "visitors": { "allow_start_conversation": false } })),
        ..InboxPatch::default()
    };
    world.app().update_inbox(&world.admin, world.inbox.id, closed).await.unwrap();
    let before = world.desk.digest().await;
    assert_eq!(refusal(world.start(None, "hello").await), Refusal::StartPrevented);
    assert_eq!(world.desk.digest().await, before);
}

async fn fifty_conversations_a_day_are_enough(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("1").await;
    for at in 2..=50 {
        world.start(Some(&visitor.token), &at.to_string()).await.unwrap();
    }
    assert_eq!(refusal(world.start(Some(&visitor.token), "51").await), Refusal::TooManyConversations);
    world.desk.clock.move_to(world.desk.now() + DAY);
    assert!(world.start(Some(&visitor.token), "51").await.is_ok());
}

async fn what_a_visitor_types_is_a_claim(engine: TestEngine) {
    let form = json!({ "prechat_form": { "enabled": true, "fields": [
        { "key": "name", "required": true }, { "key": "email", "required": false },
        { "key": "plan", "custom_attribute_id": 1, "required": true },
    ] } });
    let world = World::with_config(engine, form).await;
    let start = |answers: serde_json::Value| {
        let form: Form = serde_json::from_value(answers).unwrap();
        let start =
            VisitorStart { client_ref: None, inbox: world.inbox.uuid, token: None, message: "hello".into(), form };
        let app = world.app().clone();
        async move { app.visitor_start(&origin(), start).await }
    };
    let missing = start(json!({ "email": "mia@example.org" })).await;
    assert!(matches!(missing, Err(Error::Invalid { field: "form_data", .. })));
    let first = start(json!({ "name": "Mia Roe", "email": "MIA@example.org" })).await.unwrap().contact;
    let second = start(json!({ "name": "Mallory", "email": "mia@example.org" })).await.unwrap().contact;
    assert_ne!(first.id, second.id);
    assert_eq!((first.name().as_str(), second.name().as_str()), ("Mia Roe", "Mallory"));
    assert_eq!((first.email.as_deref(), second.email.as_deref()), (Some("mia@example.org"), Some("mia@example.org")));
    assert_eq!(second.kind, ContactKind::Visitor);
}

async fn messages_are_bounded(engine: TestEngine) {
    let world = World::new(engine).await;
    for bad in ["", "  ", "a\0b", &"x".repeat(VISITOR_MAX + 1)] {
        assert!(matches!(world.start(None, bad).await, Err(Error::Invalid { field: "message", .. })));
    }
    assert!(world.start(None, &"ü".repeat(VISITOR_MAX)).await.is_ok());
}

async fn the_visitor_sees_replies_and_who_answers_but_no_address(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("hello").await;
    let uuid = visitor.conversation;
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    let reply = muster_app::messages::NewReply {
        content: "<p>hi</p>".into(),
        content_type: muster_core::message::ContentType::Html,
        private: false,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: Vec::new(),
    };
    world.app().send_message(&kim, uuid, reply).await.unwrap();
    let (view, messages) = world.app().visitor_conversation(&visitor.caller, uuid).await.unwrap();
    let kinds: Vec<_> = messages.iter().map(|view| view.message.kind).collect();
    assert_eq!(kinds, [MessageKind::Incoming, MessageKind::Outgoing]);
    assert_eq!((view.unread, view.status_name.as_str()), (1, "Open"));
    let assignee = view.assignee.unwrap();
    assert_eq!((assignee.first_name.as_str(), assignee.email), ("kim", None));
    assert!(messages.iter().all(|view| view.author.email.is_none()));
    world.app().visitor_seen(&visitor.caller, uuid).await.unwrap();
    assert_eq!(world.app().visitor_conversations(&visitor.caller).await.unwrap()[0].unread, 0);
}

async fn whoever_waits_sees_the_own_place_in_the_queue(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, sales) = (world.agent("kim").await, world.team("Sales").await);
    let mut waiting = Vec::new();
    for message in ["first", "second", "third", "fourth"] {
        waiting.push(world.visitor(message).await);
    }
    assert_eq!(places(&world, &waiting).await, [Some(1), Some(2), Some(3), Some(4)]);
    let [first, second, ..] = waiting.as_slice() else { panic!("four") };
    world.app().assign_team(&world.admin, second.conversation, Some(sales)).await.unwrap();
    assert_eq!(places(&world, &waiting).await, [Some(1), Some(1), Some(2), Some(3)], "another team is another queue");
    world.app().assign_agent(&world.admin, first.conversation, id(&kim), None).await.unwrap();
    assert_eq!(places(&world, &waiting).await, [None, Some(1), Some(1), Some(2)]);
    world.app().assign_team(&world.admin, waiting[3].conversation, Some(sales)).await.unwrap();
    assert_eq!(places(&world, &waiting).await, [None, Some(1), Some(1), Some(2)], "behind who waited there longer");
    let listed = world.app().visitor_conversations(&waiting[3].caller).await.unwrap();
    assert_eq!(listed[0].queue_position, None, "counted only for the one that is open");
}

async fn places(world: &World, waiting: &[Visitor]) -> Vec<Option<i64>> {
    let mut places = Vec::new();
    for Visitor { caller, conversation, .. } in waiting {
        let (view, _) = world.app().visitor_conversation(caller, *conversation).await.unwrap();
        places.push(view.queue_position);
    }
    places
}

both_engines!(
    a_first_message_makes_a_guest_with_a_token,
    nobody_reads_or_writes_in_anothers_conversation,
    a_token_is_good_for_its_inbox_while_it_lasts,
    a_blocked_visitor_and_a_closed_inbox_end_it,
    the_inbox_says_who_may_start_and_how_many,
    fifty_conversations_a_day_are_enough,
    what_a_visitor_types_is_a_claim,
    messages_are_bounded,
    the_visitor_sees_replies_and_who_answers_but_no_address,
    whoever_waits_sees_the_own_place_in_the_queue,
);
