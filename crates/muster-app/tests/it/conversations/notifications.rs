use std::time::Duration;

use muster_app::messages::NewReply;
use muster_core::actor::Caller;
use muster_core::id::{AgentId, TeamId};
use muster_core::mention::Mentions;
use muster_core::message::ContentType;
use muster_core::notification::{NotificationCounts, NotificationKind, NotificationView};
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result, Why};
use muster_store::{SqlBuf, mentions};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use uuid::Uuid;

use super::{World, id};

fn note(text: &str, agents: &[AgentId], teams: &[TeamId]) -> NewReply {
    NewReply {
        content: text.to_owned(),
        content_type: ContentType::Text,
        private: true,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        attachments: Vec::new(),
        mentions: Mentions::new(agents.to_vec(), teams.to_vec()).unwrap(),
    }
}

async fn told(world: &World, agent: &Caller) -> Vec<NotificationView> {
    world.app().notifications(agent, 100, 0).await.unwrap()
}

fn titles(told: &[NotificationView]) -> Vec<&str> {
    told.iter().map(|view| view.notification.title.as_str()).collect()
}

async fn mentioned(world: &World, uuid: Uuid) -> Vec<(i64, Option<AgentId>, Option<TeamId>)> {
    let id = world.conversation(uuid).await.id;
    let found = world.app().store().read(move |tx| Box::pin(mentions::list_of_conversation(tx, id))).await.unwrap();
    found.into_iter().map(|mention| (mention.seq, mention.agent, mention.team)).collect()
}

async fn a_note_calls_each_agent_once_and_nobody_themselves(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let in_team = |new: &mut muster_app::agents::NewAgent| new.teams = vec![team];
    let kim = world.agent_with("kim", in_team).await;
    let lee = world.agent_with("lee", in_team).await;
    let pia = world.agent("pia").await;
    let uuid = world.visitor("hello").await.conversation;
    let called = note("Please look", &[id(&lee), id(&kim), id(&pia), id(&lee)], &[team, team]);
    let written = world.app().send_message(&kim, uuid, called).await.unwrap();
    let seq = written.message.seq;
    let mut all = vec![(seq, Some(id(&kim)), None), (seq, Some(id(&lee)), None), (seq, Some(id(&pia)), None)];
    all.push((seq, None, Some(team)));
    assert_eq!(mentioned(&world, uuid).await, all);
    assert_eq!(told(&world, &kim).await, []);
    for agent in [&lee, &pia] {
        let told = told(&world, agent).await;
        assert_eq!(
            titles(&told),
            [format!("kim mentioned you in conversation {}", world.conversation(uuid).await.number)]
        );
        let NotificationView { notification, actor, conversation_uuid, message_uuid, .. } = &told[0];
        assert_eq!((notification.kind, notification.body.as_deref()), (NotificationKind::Mention, Some("Please look")));
        assert_eq!((notification.actor, actor.as_ref().unwrap().first_name.as_str()), (Some(id(&kim)), "kim"));
        assert_eq!((*conversation_uuid, *message_uuid), (Some(uuid), Some(written.message.uuid)));
    }
    assert_eq!(world.events(uuid).await.iter().filter(|name| *name == "mention.created").count(), 1);
}

async fn what_is_sent_again_or_to_the_customer_calls_nobody(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let uuid = world.visitor("hello").await.conversation;
    let once = || NewReply { client_ref: Some("a1".into()), ..note("Look", &[id(&lee)], &[]) };
    world.app().send_message(&kim, uuid, once()).await.unwrap();
    world.app().send_message(&kim, uuid, once()).await.unwrap();
    let public = NewReply { private: false, ..note("Hi", &[id(&lee)], &[]) };
    world.app().send_message(&kim, uuid, public).await.unwrap();
    assert_eq!((told(&world, &lee).await.len(), mentioned(&world, uuid).await.len()), (1, 1));
}

async fn a_note_that_calls_nobody_there_is_not_written(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee, gone) = (world.agent("kim").await, world.agent("lee").await, world.agent("gone").await);
    world.app().delete_agent(&world.admin, id(&gone)).await.unwrap();
    let visitor = world.visitor("hello").await;
    let contact = world.conversation(visitor.conversation).await.contact;
    let before = world.desk.digest().await;
    for (agents, teams) in [
        (vec![id(&lee), id(&gone)], vec![]),
        (vec![AgentId(contact.0)], vec![]),
        (vec![AgentId(999)], vec![]),
        (vec![id(&lee)], vec![TeamId(999)]),
    ] {
        let refused = world.app().send_message(&kim, visitor.conversation, note("Look", &agents, &teams)).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "mentions", why: Why::Unknown })), "{refused:?}");
    }
    assert_eq!(world.desk.digest().await.changed_since(&before), Vec::<String>::new());
    let many = (1..=101).map(AgentId).collect();
    assert!(matches!(Mentions::new(many, Vec::new()), Err(Error::Invalid { field: "mentions", .. })));
}

async fn who_is_given_a_conversation_is_told_unless_it_was_their_own_doing(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    world.online(&lee).await;
    let [taken, given, routed] = [world.visitor("a").await, world.visitor("b").await, world.visitor("c").await];
    let app = world.app();
    app.assign_agent(&lee, taken.conversation, id(&lee), None).await.unwrap();
    assert_eq!(told(&world, &lee).await, []);
    app.assign_agent(&kim, given.conversation, id(&lee), None).await.unwrap();
    app.assign_agent(&kim, given.conversation, id(&lee), None).await.unwrap();
    world.claim(routed.conversation, &lee).await.unwrap();
    let mut numbers = Vec::new();
    for visitor in [&given, &routed] {
        numbers.push(world.conversation(visitor.conversation).await.number);
    }
    let told = told(&world, &lee).await;
    let by_router = format!("Conversation {} was assigned to you", numbers[1]);
    assert_eq!(titles(&told), [by_router, format!("kim assigned conversation {} to you", numbers[0])]);
    assert_eq!((told[0].notification.actor, told[1].notification.actor), (None, Some(id(&kim))));
    assert!(told.iter().all(|view| view.notification.kind == NotificationKind::Assignment));
}

async fn an_agent_sees_and_changes_the_own_notifications_alone(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee, pia) = (world.agent("kim").await, world.agent("lee").await, world.agent("pia").await);
    let uuid = world.visitor("hello").await.conversation;
    for text in ["one", "two", "three"] {
        world.app().send_message(&kim, uuid, note(text, &[id(&lee), id(&pia)], &[])).await.unwrap();
    }
    let app = world.app();
    let bodies =
        |told: &[NotificationView]| told.iter().filter_map(|it| it.notification.body.clone()).collect::<Vec<_>>();
    assert_eq!(bodies(&told(&world, &lee).await), ["three", "two", "one"]);
    assert_eq!(bodies(&app.notifications(&lee, 1, 1).await.unwrap()), ["two"]);
    let first = told(&world, &lee).await[2].notification.id;
    for refused in [app.read_notification(&pia, first).await, app.delete_notification(&pia, first).await] {
        assert!(matches!(refused, Err(Error::NotFound(Entity::Notification))), "{refused:?}");
    }
    app.read_notification(&lee, first).await.unwrap();
    app.read_notification(&lee, first).await.unwrap();
    assert_eq!(app.count_notifications(&lee).await.unwrap(), NotificationCounts { unread: 2, total: 3 });
    app.delete_notification(&lee, first).await.unwrap();
    assert!(app.delete_notification(&lee, first).await.is_err());
    app.read_all_notifications(&lee).await.unwrap();
    assert_eq!(app.count_notifications(&lee).await.unwrap(), NotificationCounts { unread: 0, total: 2 });
    app.delete_notifications(&lee).await.unwrap();
    assert_eq!(app.count_notifications(&lee).await.unwrap(), NotificationCounts { unread: 0, total: 0 });
    assert_eq!(app.count_notifications(&pia).await.unwrap(), NotificationCounts { unread: 3, total: 3 });
}

async fn a_notification_is_shown_while_its_conversation_may_be_read(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let own = [Permission::ConversationsRead, Permission::ConversationsReadAssigned, Permission::MessagesWrite];
    let lee = world.agent_who_may("lee", &own, &[]).await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().send_message(&kim, uuid, note("secret", &[id(&lee)], &[])).await.unwrap();
    assert_eq!(told(&world, &lee).await, []);
    assert_eq!(world.app().count_notifications(&lee).await.unwrap().total, 0);
    world.app().assign_agent(&kim, uuid, id(&lee), None).await.unwrap();
    assert_eq!(told(&world, &lee).await.len(), 2);
    assert_eq!(world.app().count_notifications(&lee).await.unwrap().unread, 2);
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    assert_eq!(told(&world, &lee).await, []);
}

async fn count(world: &World, select: &'static str) -> i64 {
    let read = world
        .app()
        .store()
        .read(move |tx| Box::pin(async move { tx.query_buf(&SqlBuf::new(select)).await?[0].get("count") }));
    read.await.unwrap()
}

async fn notifications_and_mentions_go_with_what_they_are_about(engine: TestEngine) {
    const TOLD: &str = "SELECT COUNT(*) AS count FROM notifications";
    const CALLED: &str = "SELECT COUNT(*) AS count FROM mentions";
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let (kim, lee) = (world.agent("kim").await, world.agent_with("lee", |new| new.teams = vec![team]).await);
    let (gone, kept) = (world.visitor("hello").await, world.visitor("hello").await);
    for visitor in [&gone, &kept] {
        world.app().send_message(&kim, visitor.conversation, note("Look", &[id(&lee)], &[team])).await.unwrap();
    }
    assert_eq!((count(&world, TOLD).await, count(&world, CALLED).await), (2, 4));
    let contact = world.conversation(gone.conversation).await.contact;
    world.app().erase_contact(&world.admin, contact).await.unwrap();
    assert_eq!((count(&world, TOLD).await, count(&world, CALLED).await), (1, 4));
    world.app().delete_team(&world.admin, team).await.unwrap();
    assert_eq!((count(&world, TOLD).await, count(&world, CALLED).await), (1, 2));
    world.app().delete_agent(&world.admin, id(&lee)).await.unwrap();
    assert_eq!((count(&world, TOLD).await, count(&world, CALLED).await), (0, 2));
}

async fn notifications_go_after_thirty_days(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, lee) = (desk.agent("kim").await, desk.agent("lee").await);
    let uuid = desk.visitor(&desk.inbox().await, "Hello").await.conversation;
    let call =
        async |text| -> Result<_> { desk.app.send_message(&kim.caller(), uuid, note(text, &[lee.id], &[])).await };
    call("old").await.unwrap();
    desk.app.keep_tidy().await.unwrap();
    desk.clock.jump(Duration::from_secs(29 * 24 * 3600));
    desk.quiet().await;
    call("new").await.unwrap();
    assert_eq!(desk.app.count_notifications(&lee.caller()).await.unwrap().total, 2);
    desk.clock.jump(Duration::from_secs(25 * 3600));
    desk.quiet().await;
    let left = desk.app.notifications(&lee.caller(), 10, 0).await.unwrap();
    assert_eq!(left[0].notification.body.as_deref(), Some("new"));
    assert_eq!(left.len(), 1);
}

both_engines!(
    a_note_calls_each_agent_once_and_nobody_themselves,
    what_is_sent_again_or_to_the_customer_calls_nobody,
    a_note_that_calls_nobody_there_is_not_written,
    who_is_given_a_conversation_is_told_unless_it_was_their_own_doing,
    an_agent_sees_and_changes_the_own_notifications_alone,
    a_notification_is_shown_while_its_conversation_may_be_read,
    notifications_and_mentions_go_with_what_they_are_about,
    notifications_go_after_thirty_days,
);
