use std::time::Duration;

use muster_app::hub::{Heard, Kick, Listener, Notice};
use muster_app::messages::NewReply;
use muster_core::access::may_read;
use muster_core::actor::{Actor, ActorRef, Via};
use muster_core::event::{Event, EventRecord};
use muster_core::id::TagId;
use muster_core::message::{Author, ContentType};
use muster_core::presence::{Shown, Wish};
use muster_store::{outbox, params, sql};
use muster_testkit::{AgentHandle, TestDesk, TestEngine, VisitorHandle, both_engines};
use uuid::Uuid;

/// Everything that has been heard, once the desk is quiet.
async fn heard(desk: &TestDesk, listener: &mut Listener) -> Vec<Heard> {
    desk.quiet().await;
    let mut all = Vec::new();
    while let Ok(heard) = tokio::time::timeout(Duration::ZERO, listener.next()).await {
        let is_last = matches!(heard, Heard::Kicked(_) | Heard::Stopped);
        all.push(heard);
        if is_last {
            break;
        }
    }
    all
}

fn notices(heard: &[Heard]) -> Vec<&Notice> {
    heard.iter().filter_map(|heard| if let Heard::Notice(notice) = heard { Some(&**notice) } else { None }).collect()
}

fn names(heard: &[Heard]) -> Vec<&'static str> {
    notices(heard).iter().map(|notice| notice.record.event.name()).collect()
}

fn reply(content: &str, private: bool) -> NewReply {
    NewReply {
        content: content.to_owned(),
        content_type: ContentType::Text,
        private,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: Vec::new(),
    }
}

async fn answered_chat(desk: &TestDesk) -> (AgentHandle, VisitorHandle) {
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    (kim, visitor)
}

async fn agents_hear_what_they_may_read_in_order(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    desk.quiet().await;
    let mut listener = desk.app.hub().subscribe(kim.caller().actor);
    let visitor = desk.visitor(&inbox, "Hello").await;
    let heard = heard(&desk, &mut listener).await;
    let notices = notices(&heard);
    assert!(notices.windows(2).all(|pair| pair[0].record.position < pair[1].record.position));
    let names = names(&heard);
    for name in ["conversation.created", "conversation.queued", "message.received", "conversation.assigned"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    let message = notices.iter().find_map(|notice| notice.message.as_ref()).unwrap();
    assert_eq!((message.message.text.as_str(), message.message.seq), ("Hello", 1));
    let item = notices.last().unwrap().conversation.as_ref().unwrap();
    assert_eq!((item.uuid, item.assignee), (visitor.conversation, Some(kim.id)));
}

async fn who_may_no_longer_read_hears_that_it_is_gone(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let operator = muster_core::actor::Caller::operator();
    let own = muster_app::roles::NewRole {
        name: "Own only".to_owned(),
        description: String::new(),
        permissions: [
            muster_core::permission::Permission::ConversationsRead,
            muster_core::permission::Permission::ConversationsReadAssigned,
            muster_core::permission::Permission::MessagesWrite,
        ]
        .into_iter()
        .collect(),
    };
    desk.app.create_role(&operator, own).await.unwrap();
    let kim = desk.agent("kim").role("Own only").await;
    let lee = desk.agent("lee").role("Own only").await;
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.app.assign_agent(&operator, visitor.conversation, kim.id, None).await.unwrap();
    desk.quiet().await;
    let mut of_kim = desk.app.hub().subscribe(kim.caller().actor);
    let mut of_lee = desk.app.hub().subscribe(lee.caller().actor);
    desk.app.assign_agent(&operator, visitor.conversation, lee.id, None).await.unwrap();
    desk.app.send_message(&lee.caller(), visitor.conversation, reply("For the file", true)).await.unwrap();

    let heard_by_kim = heard(&desk, &mut of_kim).await;
    assert_eq!(names(&heard_by_kim), ["conversation.unassigned"]);
    let gone = notices(&heard_by_kim)[0];
    assert!(may_read(of_kim.actor(), &gone.before.unwrap()) && !may_read(of_kim.actor(), &gone.subject.unwrap()));

    let heard_by_lee = heard(&desk, &mut of_lee).await;
    let names = names(&heard_by_lee);
    assert!(names.contains(&"conversation.assigned") && names.contains(&"message.noted"), "{names:?}");
}

async fn visitors_hear_what_is_public_in_their_own_conversation(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, visitor) = answered_chat(&desk).await;
    let mut own = desk.app.hub().subscribe(visitor.caller().actor);
    let inbox = desk.app.inbox_by_uuid(visitor.inbox).await.unwrap().unwrap();
    let other = desk.visitor(&inbox, "Hi").await;
    desk.quiet().await;
    let mut others = desk.app.hub().subscribe(other.caller().actor);
    desk.app.send_message(&kim.caller(), visitor.conversation, reply("Secret", true)).await.unwrap();
    desk.app.send_message(&kim.caller(), visitor.conversation, reply("How can I help?", false)).await.unwrap();
    desk.app.unassign_agent(&kim.caller(), visitor.conversation).await.unwrap();
    let heard_here = heard(&desk, &mut own).await;
    assert_eq!(names(&heard_here), ["message.sent", "conversation.unassigned"]);
    assert_eq!(notices(&heard_here)[0].message.as_ref().unwrap().message.text, "How can I help?");
    assert!(heard(&desk, &mut others).await.is_empty());
}

async fn whose_inbox_is_deleted_is_sent_away(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (_, visitor) = answered_chat(&desk).await;
    let elsewhere = desk.visitor(&desk.inbox().await, "Hi").await;
    desk.quiet().await;
    let mut here = desk.app.hub().subscribe(visitor.caller().actor);
    let mut there = desk.app.hub().subscribe(elsewhere.caller().actor);
    let inbox = desk.app.inbox_by_uuid(visitor.inbox).await.unwrap().unwrap();
    desk.app.delete_inbox(&muster_core::actor::Caller::operator(), inbox.id).await.unwrap();
    assert!(matches!(heard(&desk, &mut here).await[..], [Heard::Kicked(Kick::AccountClosed)]));
    assert!(heard(&desk, &mut there).await.is_empty());
}

async fn agents_hear_of_each_others_presence(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, visitor) = answered_chat(&desk).await;
    let lee = desk.agent("lee").await;
    desk.quiet().await;
    let mut agent = desk.app.hub().subscribe(lee.caller().actor);
    let mut contact = desk.app.hub().subscribe(visitor.caller().actor);
    desk.app.set_my_presence(&kim.caller(), Wish::Paused, false).await.unwrap();
    let heard_by_agent = heard(&desk, &mut agent).await;
    let notice = notices(&heard_by_agent)[0];
    assert!(matches!(notice.record.event, Event::PresenceChanged { agent, .. } if agent == kim.id));
    assert_eq!(notice.shown, Some(Shown::Paused));
    assert!(heard(&desk, &mut contact).await.is_empty());
}

async fn whose_rights_change_is_sent_away(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    desk.admin().await;
    let operator = muster_core::actor::Caller::operator();
    let (kim, lee) = (desk.agent("kim").online().await, desk.agent("lee").online().await);
    desk.quiet().await;
    let mut of_kim = desk.app.hub().subscribe(kim.caller().actor);
    let mut of_lee = desk.app.hub().subscribe(lee.caller().actor);
    let team = desk.team("Support").await;
    let patch = muster_app::agents::AgentPatch { teams: Some(vec![team]), ..Default::default() };
    desk.app.update_agent(&operator, kim.id, patch).await.unwrap();
    let patch = muster_app::agents::AgentPatch { enabled: Some(false), ..Default::default() };
    desk.app.update_agent(&operator, lee.id, patch).await.unwrap();
    assert!(matches!(heard(&desk, &mut of_kim).await.last(), Some(Heard::Kicked(Kick::Changed))));
    let last = heard(&desk, &mut of_lee).await.pop();
    assert!(matches!(last, Some(Heard::Kicked(Kick::AccountClosed | Kick::Revoked))), "{last:?}");
    assert!(matches!(of_lee.next().await, Heard::Kicked(_)), "it is over for good");
}

async fn whoever_does_not_keep_up_is_told_to_reload(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, visitor) = answered_chat(&desk).await;
    let mut slow = desk.app.hub().subscribe(kim.caller().actor);
    for number in 0..600 {
        let reply = reply(&format!("Line {number}"), false);
        desk.app.send_message(&kim.caller(), visitor.conversation, reply).await.unwrap();
    }
    let heard_late = heard(&desk, &mut slow).await;
    assert!(matches!(heard_late[..], [Heard::Lagged]), "{} heard", heard_late.len());
    desk.app.send_message(&kim.caller(), visitor.conversation, reply("Once more", false)).await.unwrap();
    assert_eq!(names(&heard(&desk, &mut slow).await), ["message.sent"]);
}

async fn typing_reaches_the_other_side_only(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, visitor) = answered_chat(&desk).await;
    let lee = desk.agent("lee").await;
    desk.quiet().await;
    let mut of_kim = desk.app.hub().subscribe(kim.caller().actor);
    let mut of_lee = desk.app.hub().subscribe(lee.caller().actor);
    let mut of_visitor = desk.app.hub().subscribe(visitor.caller().actor);
    desk.app.follow(&of_kim, visitor.conversation).await.unwrap();
    assert!(matches!(heard(&desk, &mut of_kim).await[..], [Heard::Viewers]));
    let viewers = desk.app.viewers(&of_kim).await.unwrap().unwrap();
    assert_eq!(viewers.agents.iter().map(|viewer| viewer.agent).collect::<Vec<_>>(), [kim.id]);

    desk.app.typing(&kim.caller(), visitor.conversation, true, false).await.unwrap();
    desk.app.typing(&kim.caller(), visitor.conversation, true, true).await.unwrap();
    desk.app.typing(&visitor.caller(), visitor.conversation, false, false).await.unwrap();

    let typing = |heard: &[Heard]| match heard {
        [Heard::Typing(typing)] => (typing.uuid, typing.from, typing.is_typing),
        other => panic!("{other:?}"),
    };
    let at = visitor.conversation;
    assert_eq!(typing(&heard(&desk, &mut of_visitor).await), (at, Author::Agent(kim.id), true));
    assert_eq!(typing(&heard(&desk, &mut of_kim).await), (at, Author::Contact(visitor.contact), false));
    assert!(heard(&desk, &mut of_lee).await.is_empty());
}

/// Commits events as a use case would.
async fn happened(desk: &TestDesk, events: Vec<Event>) {
    let at = desk.now();
    let record = |(number, event)| EventRecord {
        uuid: Uuid::from_u128(number),
        position: 0,
        seq: None,
        at,
        actor: ActorRef::System,
        via: Via::System,
        request_id: None,
        event,
    };
    let records: Vec<_> = (1..).zip(events).map(record).collect();
    let append = desk.app.store().write(move |tx| {
        let records = records.clone();
        Box::pin(async move { outbox::append(tx, &records).await })
    });
    append.await.unwrap();
}

async fn what_changes_is_told_with_what_it_is_now(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, visitor) = answered_chat(&desk).await;
    let mut listener = desk.app.hub().subscribe(kim.caller().actor);
    let uuid = visitor.conversation;
    let conversation = desk.app.conversation(&kim.caller(), uuid).await.unwrap().conversation.id;
    let tag = sql!(
        "INSERT INTO tags (id, name, name_key, created_at, updated_at, version) VALUES (1, 'Urgent', 'urgent', 0, 0, 1)"
    );
    let tagged = sql!("INSERT INTO conversation_tags (conversation_id, tag_id) VALUES ($1, 1)");
    let write = desk.app.store().write(move |tx| {
        Box::pin(async move {
            tx.execute(tag, &[]).await?;
            tx.execute(tagged, &params![conversation]).await
        })
    });
    write.await.unwrap();
    let contact = visitor.contact;
    let tags = Event::ConversationTagsChanged { conversation, before: Vec::new(), after: vec![TagId(1)] };
    happened(&desk, vec![tags, Event::ContactUpdated { contact, fields: vec!["first_name".to_owned()] }]).await;
    let heard = heard(&desk, &mut listener).await;
    let [tags, contact] = notices(&heard)[..] else { panic!("{heard:?}") };
    assert_eq!(tags.details.as_ref().unwrap().tags, ["Urgent"]);
    let news = contact.contact.as_ref().unwrap();
    assert_eq!((news.contact.id, news.conversations[0].0), (visitor.contact, uuid));
}

async fn a_stopped_desk_says_so(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let mut listener = desk.app.hub().subscribe(Actor::Operator);
    desk.app.stop().await;
    assert!(matches!(listener.next().await, Heard::Stopped));
    let mut late = desk.app.hub().subscribe(Actor::Operator);
    assert!(matches!(late.next().await, Heard::Stopped));
    drop((listener, late));
    assert_eq!(desk.app.hub().listener_count(), 0);
    assert_eq!(desk.app.failure(), None);
}

both_engines!(
    agents_hear_what_they_may_read_in_order,
    who_may_no_longer_read_hears_that_it_is_gone,
    whose_inbox_is_deleted_is_sent_away,
    visitors_hear_what_is_public_in_their_own_conversation,
    agents_hear_of_each_others_presence,
    whose_rights_change_is_sent_away,
    whoever_does_not_keep_up_is_told_to_reload,
    typing_reaches_the_other_side_only,
    what_changes_is_told_with_what_it_is_now,
    a_stopped_desk_says_so,
);
