//! Tags of conversations.

use futures_util::future::join_all;
use muster_app::conversations::StatusRef;
use muster_app::teams::TeamPatch;
use muster_core::actor::Caller;
use muster_core::conversation::{CLOSED, OPEN, RESOLVED};
use muster_core::permission::Permission as P;
use muster_core::tag::{NAMED_MAX, TagChange};
use muster_core::{Entity, Error, Refusal, Why};
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};
use uuid::Uuid;

use super::{World, refusal};

async fn tagged(world: &World, uuid: Uuid) -> Vec<String> {
    world.app().conversation(&world.admin, uuid).await.unwrap().tags
}

async fn change(world: &World, by: &Caller, uuid: Uuid, change: TagChange, names: &[&str]) -> muster_core::Result<()> {
    let names = names.iter().map(ToString::to_string).collect();
    world.app().change_tags(by, uuid, change, names).await
}

async fn tags_are_put_to_conversations_by_name(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    for name in ["returns", "Billing", "bug"] {
        world.app().create_tag(&world.admin, name).await.unwrap();
    }
    let uuid = world.visitor("hello").await.conversation;
    change(&world, &kim, uuid, TagChange::Add, &["BILLING ", "returns", "no such tag"]).await.unwrap();
    assert_eq!(tagged(&world, uuid).await, ["Billing", "returns"]);
    let before = world.desk.digest().await;
    change(&world, &kim, uuid, TagChange::Add, &["billing"]).await.unwrap();
    change(&world, &kim, uuid, TagChange::Remove, &["bug", "nothing"]).await.unwrap();
    change(&world, &kim, uuid, TagChange::Set, &["returns", "billing"]).await.unwrap();
    assert_eq!(world.desk.digest().await, before);
    change(&world, &kim, uuid, TagChange::Set, &["bug"]).await.unwrap();
    assert_eq!(tagged(&world, uuid).await, ["bug"]);
    change(&world, &kim, uuid, TagChange::Remove, &["Bug"]).await.unwrap();
    assert!(tagged(&world, uuid).await.is_empty());
    let events = world.events(uuid).await;
    let of = |name: &str| events.iter().filter(|event| *event == name).count();
    assert_eq!((of("conversation.tags_changed"), of("message.activity")), (3, 6));
}

async fn only_whoever_may_changes_tags(engine: TestEngine) {
    let world = World::new(engine).await;
    world.app().create_tag(&world.admin, "billing").await.unwrap();
    let uuid = world.visitor("hello").await.conversation;
    let reader = world.agent_who_may("reader", &[P::ConversationsRead, P::ConversationsReadAll], &[]).await;
    let outsider = world.agent_who_may("outsider", &[P::ConversationsRead, P::ConversationsUpdateTags], &[]).await;
    let before = world.desk.digest().await;
    let denied = change(&world, &reader, uuid, TagChange::Add, &["billing"]).await;
    assert!(matches!(denied, Err(Error::Denied(P::ConversationsUpdateTags))));
    assert_eq!(refusal(change(&world, &outsider, uuid, TagChange::Add, &["billing"]).await), Refusal::NoAccess);
    let absent = change(&world, &world.admin, Uuid::nil(), TagChange::Add, &["billing"]).await;
    assert!(matches!(absent, Err(Error::NotFound(Entity::Conversation))));
    let many = vec!["billing"; NAMED_MAX + 1];
    let too_many = change(&world, &world.admin, uuid, TagChange::Set, &many).await;
    assert!(matches!(too_many, Err(Error::Invalid { field: "tags", why: Why::OutOfRange })));
    assert!(matches!(world.app().create_tag(&reader, "x").await, Err(Error::Denied(P::TagsManage))));
    assert!(matches!(world.app().create_tag(&world.admin, "BILLING").await, Err(Error::Conflict(Entity::Tag))));
    assert_eq!(world.desk.digest().await, before);
}

async fn a_deleted_tag_is_gone_from_conversations(engine: TestEngine) {
    let world = World::new(engine).await;
    let billing = world.app().create_tag(&world.admin, "billing").await.unwrap();
    world.app().create_tag(&world.admin, "bug").await.unwrap();
    let uuid = world.visitor("hello").await.conversation;
    change(&world, &world.admin, uuid, TagChange::Set, &["billing", "bug"]).await.unwrap();
    let renamed = world.app().rename_tag(&world.admin, billing.id, "invoices").await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.version), ("invoices", 2));
    assert_eq!(tagged(&world, uuid).await, ["bug", "invoices"]);
    world.app().delete_tag(&world.admin, billing.id).await.unwrap();
    assert_eq!(tagged(&world, uuid).await, ["bug"]);
    assert!(matches!(world.app().delete_tag(&world.admin, billing.id).await, Err(Error::NotFound(Entity::Tag))));
}

async fn tags_are_changed_while_others_of_theirs_are_deleted(engine: TestEngine) {
    let world = World::new(engine).await;
    world.app().create_tag(&world.admin, "kept").await.unwrap();
    let mut uuids = Vec::new();
    for _ in 0..4 {
        uuids.push(world.visitor("hello").await.conversation);
    }
    let on_all = async |to, name: &str| {
        let world = &world;
        let changes = uuids.iter().map(|uuid| async move { change(world, &world.admin, *uuid, to, &[name]).await });
        join_all(changes).await.into_iter().for_each(|changed| changed.unwrap());
    };
    for round in 0..rounds(10, 300) {
        let name = format!("gone {round}");
        let gone = world.app().create_tag(&world.admin, &name).await.unwrap().id;
        on_all(TagChange::Set, &name).await;
        let how = if round % 2 == 0 { TagChange::Add } else { TagChange::Set };
        let ((), deleted) = tokio::join!(on_all(how, "kept"), world.app().delete_tag(&world.admin, gone));
        deleted.unwrap();
        for uuid in &uuids {
            assert_eq!(tagged(&world, *uuid).await, ["kept"]);
        }
    }
}

async fn a_team_may_ask_for_a_tag_before_work_is_resolved(engine: TestEngine) {
    let world = World::new(engine).await;
    let asks = TeamPatch { tag_required: Some(true), ..TeamPatch::default() };
    let team = world.team_with("Support", asks).await;
    world.app().create_tag(&world.admin, "billing").await.unwrap();
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_team(&world.admin, uuid, Some(team)).await.unwrap();
    let set = async |status| world.app().set_status(&world.admin, uuid, StatusRef::Id(status), None).await;
    let before = world.desk.digest().await;
    for status in [RESOLVED, CLOSED] {
        assert_eq!(refusal(set(status).await), Refusal::TagRequired(team));
    }
    assert_eq!(world.desk.digest().await, before);
    change(&world, &world.admin, uuid, TagChange::Set, &["billing"]).await.unwrap();
    set(RESOLVED).await.unwrap();
    change(&world, &world.admin, uuid, TagChange::Set, &[]).await.unwrap();
    set(CLOSED).await.unwrap();
    set(OPEN).await.unwrap();
    assert_eq!(refusal(set(CLOSED).await), Refusal::TagRequired(team));
    world.assert_books().await;
}

both_engines!(
    tags_are_put_to_conversations_by_name,
    only_whoever_may_changes_tags,
    a_deleted_tag_is_gone_from_conversations,
    tags_are_changed_while_others_of_theirs_are_deleted,
    a_team_may_ask_for_a_tag_before_work_is_resolved,
);
