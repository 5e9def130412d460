//! Statuses of one's own.

use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::statuses::StatusPatch;
use muster_core::conversation::{Category, OPEN, RESOLVED};
use muster_core::permission::Permission as P;
use muster_core::{Entity, Error, Refusal};
use muster_testkit::{TestEngine, both_engines};

use super::{World, refusal};

async fn a_status_of_ones_own_acts_by_its_category(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_agent(&kim, uuid, super::id(&kim), None).await.unwrap();
    let create = async |name, category| world.app().create_status(&world.admin, name, category).await.unwrap().id;
    let parts = create("Waiting for parts", Category::Waiting).await;
    let escalated = create("Escalated", Category::Open).await;
    let done = create("Done", Category::Resolved).await;
    let set = async |status, length| world.app().set_status(&kim, uuid, StatusRef::Id(status), length).await.unwrap();
    let before = world.events(uuid).await.len();
    set(escalated, None).await;
    assert_eq!(world.load(&kim).await, 1);
    assert_eq!(world.events(uuid).await.last().unwrap(), "message.activity");
    set(parts, Some(Duration::from_secs(60))).await;
    assert_eq!(world.load(&kim).await, 0);
    set(done, None).await;
    let conversation = world.conversation(uuid).await;
    assert_eq!((conversation.category, conversation.is_closed), (Category::Resolved, false));
    set(OPEN, None).await;
    let events = world.events(uuid).await;
    let told: Vec<_> = events[before..].iter().filter(|name| !name.starts_with("message.")).collect();
    let expected = [
        "conversation.status_changed",
        "conversation.status_changed",
        "conversation.parked",
        "conversation.status_changed",
        "conversation.resolved",
        "conversation.status_changed",
        "conversation.reopened",
        "conversation.unassigned",
        "conversation.queued",
    ];
    assert_eq!(told, expected);
    world.assert_books().await;
}

async fn a_status_in_use_keeps_its_category(engine: TestEngine) {
    let world = World::new(engine).await;
    let parts = world.app().create_status(&world.admin, "Waiting for parts", Category::Waiting).await.unwrap().id;
    let uuid = world.visitor("hello").await.conversation;
    world.app().set_status(&world.admin, uuid, StatusRef::Id(parts), None).await.unwrap();
    let patch = |name: Option<&str>, category| StatusPatch { name: name.map(str::to_owned), category };
    let update = async |id, patch| world.app().update_status(&world.admin, id, patch).await;
    let before = world.desk.digest().await;
    assert_eq!(refusal(update(parts, patch(None, Some(Category::Open))).await), Refusal::InUse(Entity::Status));
    assert_eq!(refusal(world.app().delete_status(&world.admin, parts).await), Refusal::InUse(Entity::Status));
    assert_eq!(refusal(update(RESOLVED, patch(Some("Over"), None)).await), Refusal::BuiltIn(Entity::Status));
    assert_eq!(refusal(world.app().delete_status(&world.admin, OPEN).await), Refusal::BuiltIn(Entity::Status));
    assert!(matches!(update(parts, patch(Some(" open"), None)).await, Err(Error::Conflict(Entity::Status))));
    update(parts, patch(Some("Waiting for parts"), Some(Category::Waiting))).await.unwrap();
    assert_eq!(world.desk.digest().await, before);
    assert_eq!(update(parts, patch(Some("On hold"), None)).await.unwrap().name, "On hold");
    assert_eq!(world.app().conversation(&world.admin, uuid).await.unwrap().status_name, "On hold");
    world.app().set_status(&world.admin, uuid, StatusRef::Id(OPEN), None).await.unwrap();
    assert_eq!(update(parts, patch(None, Some(Category::Resolved))).await.unwrap().category, Category::Resolved);
    world.app().delete_status(&world.admin, parts).await.unwrap();
    let gone = world.app().set_status(&world.admin, uuid, StatusRef::Name("On hold".into()), None).await;
    assert!(matches!(gone, Err(Error::Invalid { field: "status", .. })));
}

async fn statuses_are_the_administrators(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let denied = world.app().create_status(&kim, "Mine", Category::Open).await;
    assert!(matches!(denied, Err(Error::Denied(P::StatusManage))));
    for (name, field) in [("", "name"), (" ", "name"), ("x\0", "name"), ("abcdefghijklmnopqrstuvwxyz", "status")] {
        match world.app().create_status(&world.admin, name, Category::Open).await {
            Err(Error::Invalid { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{name:?}: {other:?}"),
        }
    }
}

both_engines!(
    a_status_of_ones_own_acts_by_its_category,
    a_status_in_use_keeps_its_category,
    statuses_are_the_administrators
);
