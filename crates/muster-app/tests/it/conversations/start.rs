use muster_app::conversations::{Initiator, NewConversation};
use muster_core::actor::Caller;
use muster_core::agent::Attributes;
use muster_core::conversation::{Category, Priority};
use muster_core::message::MessageKind;
use muster_core::permission::Permission;
use muster_core::skill::RequiredSkill;
use muster_core::view::PageRequest;
use muster_core::{Entity, Error, Refusal};
use muster_testkit::{TestEngine, both_engines};
use serde_json::json;

use super::{World, id, refusal};

pub(super) fn about(world: &World) -> NewConversation {
    NewConversation {
        inbox: world.inbox.id,
        contact_email: " Mia@Example.org ".into(),
        first_name: "Mia".into(),
        last_name: "Roe".into(),
        subject: Some("Invoice".into()),
        content: "<p>My <b>invoice</b><script>x</script></p>".into(),
        initiator: Initiator::Contact,
        agent: None,
        team: None,
        priority: None,
        required_skills: Vec::new(),
        attributes: Attributes::new(),
        attachments: Vec::new(),
    }
}

async fn starter(world: &World) -> Caller {
    let rights = [Permission::ConversationsWrite, Permission::ConversationsRead, Permission::ConversationsReadAll];
    world.agent_who_may("starter", &rights, &[]).await
}

async fn what_a_contact_said_is_queued_as_theirs(engine: TestEngine) {
    let world = World::new(engine).await;
    let starter = starter(&world).await;
    let (team, french) = (world.team("Support").await, world.skill("French").await);
    let new = NewConversation {
        team: Some(team),
        priority: Priority::from_rank(2),
        required_skills: vec![RequiredSkill { skill: french, level: 50 }],
        attributes: [("plan".to_owned(), json!("gold"))].into(),
        ..about(&world)
    };
    let view = world.app().start_conversation(&starter, new).await.unwrap();
    let conversation = &view.conversation;
    assert_eq!((conversation.team, conversation.number.as_str()), (Some(team), "100"));
    assert_eq!(view.required_skills, [(french, "French".to_owned(), 50)]);
    assert_eq!((view.contact.email.as_deref(), view.contact.name().as_str()), (Some("mia@example.org"), "Mia Roe"));
    assert!(conversation.attributes.is_empty(), "no such attribute is defined");
    assert_eq!((conversation.category, conversation.waiting_since), (Category::Open, Some(world.desk.now())));
    let waiting = world.waiting(conversation.uuid).await.unwrap();
    assert_eq!((waiting.team, waiting.rank, waiting.required_skills.len()), (Some(team), 2, 1));
    let events = world.events(conversation.uuid).await;
    assert_eq!(events, ["conversation.created", "message.received", "conversation.queued"]);
    let page = PageRequest { page: 1, size: 10 };
    let messages = world.app().messages(&world.admin, conversation.uuid, page, Default::default()).await.unwrap();
    let first = &messages.items[0];
    assert_eq!((messages.total, first.message.kind, first.message.seq), (1, MessageKind::Incoming, 1));
    assert_eq!(first.message.content, "<p>My <b>invoice</b></p>");
    assert_eq!(first.author.first_name, "Mia");
    world.assert_books().await;
}

async fn a_known_address_keeps_its_name(engine: TestEngine) {
    let world = World::new(engine).await;
    let starter = starter(&world).await;
    let first = world.app().start_conversation(&starter, about(&world)).await.unwrap();
    let again = NewConversation { first_name: "Somebody".into(), last_name: "Else".into(), ..about(&world) };
    let second = world.app().start_conversation(&starter, again).await.unwrap();
    assert_eq!((second.contact.id, second.contact.name().as_str()), (first.contact.id, "Mia Roe"));
}

async fn it_may_begin_with_an_agent_within_capacity(engine: TestEngine) {
    let world = World::new(engine).await;
    let starter = starter(&world).await;
    let kim = world.agent_with("kim", |new| new.extension.capacity = Some(Some(1))).await;
    let new = NewConversation { agent: Some(id(&kim)), ..about(&world) };
    let view = world.app().start_conversation(&starter, new.clone()).await.unwrap();
    assert_eq!(view.conversation.assignee, Some(id(&kim)));
    let events = world.events(view.conversation.uuid).await;
    let expected = ["conversation.created", "message.received", "conversation.assigned", "message.activity"];
    assert_eq!(events, expected);
    world.assert_books().await;
    let before = world.desk.digest().await;
    let second = world.app().start_conversation(&starter, new).await;
    assert_eq!(refusal(second), Refusal::AtCapacity(id(&kim)));
    assert_eq!(world.desk.digest().await, before);
}

async fn an_agents_first_words_are_a_reply(engine: TestEngine) {
    let world = World::new(engine).await;
    let starter = starter(&world).await;
    let new = NewConversation { initiator: Initiator::Agent, ..about(&world) };
    let view = world.app().start_conversation(&starter, new).await.unwrap();
    let conversation = view.conversation;
    assert_eq!((conversation.first_reply_at, conversation.waiting_since), (Some(world.desk.now()), None));
    assert!(world.events(conversation.uuid).await.contains(&"message.sent".to_owned()));
}

async fn what_does_not_exist_is_refused_and_leaves_nothing(engine: TestEngine) {
    let world = World::new(engine).await;
    let (starter, kim) = (starter(&world).await, world.agent("kim").await);
    let before = world.desk.digest().await;
    let wrong = [
        (NewConversation { inbox: muster_core::id::InboxId(77), ..about(&world) }, Entity::Inbox),
        (NewConversation { team: Some(muster_core::id::TeamId(77)), ..about(&world) }, Entity::Team),
        (NewConversation { agent: Some(muster_core::id::AgentId(77)), ..about(&world) }, Entity::Agent),
        (
            NewConversation {
                required_skills: vec![RequiredSkill { skill: muster_core::id::SkillId(77), level: 1 }],
                ..about(&world)
            },
            Entity::Skill,
        ),
    ];
    for (new, missing) in wrong {
        let error = world.app().start_conversation(&starter, new).await.unwrap_err();
        assert!(matches!(error, Error::NotFound(entity) if entity == missing), "{error}");
    }
    let unreadable = NewConversation { contact_email: "nobody".into(), ..about(&world) };
    assert!(world.app().start_conversation(&starter, unreadable).await.is_err());
    let denied = world.app().start_conversation(&kim, about(&world)).await.unwrap_err();
    assert!(matches!(denied, Error::Denied(Permission::ConversationsWrite)));
    assert_eq!(world.desk.digest().await, before);
}

both_engines!(
    what_a_contact_said_is_queued_as_theirs,
    a_known_address_keeps_its_name,
    it_may_begin_with_an_agent_within_capacity,
    an_agents_first_words_are_a_reply,
    what_does_not_exist_is_refused_and_leaves_nothing,
);
