use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::inboxes::InboxPatch;
use muster_app::privacy::Notes;
use muster_core::actor::Caller;
use muster_core::conversation::CLOSED;
use muster_core::draft::{DraftContent, DraftKind};
use muster_core::id::ConversationId;
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Refusal};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::Map;

use super::{World, id, refusal};

fn draft(kind: DraftKind, content: &str) -> DraftContent {
    DraftContent::new(kind, content.to_owned(), Map::new()).unwrap()
}

async fn contents(world: &World, agent: &Caller) -> Vec<(DraftKind, String)> {
    let drafts = world.app().drafts(agent).await.unwrap();
    drafts.into_iter().map(|placed| (placed.draft.kind, placed.draft.content)).collect()
}

async fn an_agent_has_one_draft_of_each_kind_in_a_conversation(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let (one, other) = (world.visitor("hello").await.conversation, world.visitor("hello").await.conversation);
    let app = world.app();
    let first = app.save_draft(&kim, one, draft(DraftKind::Reply, "Hi")).await.unwrap();
    let again = app.save_draft(&kim, one, draft(DraftKind::Reply, "Hi Pat")).await.unwrap();
    assert_eq!((first.draft.id, first.draft.created_at), (again.draft.id, again.draft.created_at));
    app.save_draft(&kim, one, draft(DraftKind::Note, "Ask Lee")).await.unwrap();
    app.save_draft(&kim, other, draft(DraftKind::Reply, "Bye")).await.unwrap();
    app.save_draft(&lee, one, draft(DraftKind::Reply, "Mine")).await.unwrap();
    let all =
        [(DraftKind::Reply, "Hi Pat".into()), (DraftKind::Note, "Ask Lee".into()), (DraftKind::Reply, "Bye".into())];
    assert_eq!(contents(&world, &kim).await, all);
    assert_eq!(contents(&world, &lee).await, [(DraftKind::Reply, "Mine".into())]);
    app.delete_draft(&kim, one, Some(DraftKind::Note)).await.unwrap();
    assert_eq!(contents(&world, &kim).await, [all[0].clone(), all[2].clone()]);
    app.save_draft(&kim, one, draft(DraftKind::Note, "Ask Lee")).await.unwrap();
    app.delete_draft(&kim, one, None).await.unwrap();
    app.delete_draft(&kim, one, None).await.unwrap();
    assert_eq!(contents(&world, &kim).await, [all[2].clone()]);
    assert_eq!(contents(&world, &lee).await.len(), 1);
}

async fn a_draft_is_for_who_may_read_the_conversation(engine: TestEngine) {
    let world = World::new(engine).await;
    let own = [Permission::ConversationsRead, Permission::ConversationsReadAssigned];
    let kim = world.agent_who_may("kim", &own, &[]).await;
    let lee = world.agent("lee").await;
    let uuid = world.visitor("hello").await.conversation;
    let app = world.app();
    let hidden = app.save_draft(&kim, uuid, draft(DraftKind::Reply, "Hi")).await;
    assert_eq!(refusal(hidden), Refusal::NoAccess);
    assert_eq!(refusal(app.delete_draft(&kim, uuid, None).await), Refusal::NoAccess);
    let reader = world.agent_who_may("pia", &[own[0], own[1], Permission::MessagesWrite], &[]).await;
    app.assign_agent(&world.admin, uuid, id(&reader), None).await.unwrap();
    app.save_draft(&reader, uuid, draft(DraftKind::Reply, "Hi")).await.unwrap();
    assert_eq!(contents(&world, &reader).await.len(), 1);
    app.assign_agent(&world.admin, uuid, id(&lee), None).await.unwrap();
    assert_eq!(contents(&world, &reader).await, [], "it may quote what is no longer to be seen");
    app.assign_agent(&world.admin, uuid, id(&reader), None).await.unwrap();
    assert_eq!(contents(&world, &reader).await.len(), 1);
}

async fn drafts_go_with_their_conversation_and_their_agent(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let visitor = world.visitor("hello").await;
    let kept = world.visitor("hello").await.conversation;
    let app = world.app();
    app.save_draft(&kim, visitor.conversation, draft(DraftKind::Reply, "Hi")).await.unwrap();
    app.save_draft(&kim, kept, draft(DraftKind::Reply, "Hi")).await.unwrap();
    app.save_draft(&lee, kept, draft(DraftKind::Reply, "Hi")).await.unwrap();
    let contact = world.conversation(visitor.conversation).await.contact;
    app.erase_contact(&world.admin, contact).await.unwrap();
    assert_eq!(contents(&world, &kim).await.len(), 1);
    let late = app.save_draft(&kim, visitor.conversation, draft(DraftKind::Reply, "Hi")).await;
    assert!(matches!(late, Err(Error::NotFound(Entity::Conversation))), "{late:?}");
    app.delete_agent(&world.admin, id(&lee)).await.unwrap();
    let (operator, contact) = (Caller::operator(), world.conversation(kept).await.contact);
    let held = app.export_conversation(&operator, contact, ConversationId(0), Notes::Included);
    let drafts = held.await.unwrap().unwrap().asides.drafts;
    assert_eq!(drafts.iter().map(|draft| draft.agent).collect::<Vec<_>>(), [id(&kim)]);
}

async fn drafts_that_nobody_goes_on_with_are_tidied(engine: TestEngine) {
    const HOUR: Duration = Duration::from_secs(3600);
    let desk = TestDesk::new(engine).await;
    let (kim, inbox) = (desk.agent("kim").await, desk.inbox().await);
    let patch = InboxPatch { retention_days: Some(Some(30)), ..InboxPatch::default() };
    desk.app.update_inbox(&Caller::operator(), inbox.id, patch).await.unwrap();
    let (old, changed) = (desk.visitor(&inbox, "Hi").await.conversation, desk.visitor(&inbox, "Hi").await.conversation);
    let save = async |uuid| desk.app.save_draft(&kim.caller(), uuid, draft(DraftKind::Reply, "Hello")).await.unwrap();
    save(old).await;
    save(changed).await;
    desk.app.keep_tidy().await.unwrap();
    desk.clock.jump(200 * HOUR);
    desk.quiet().await;
    save(changed).await;
    desk.clock.jump(161 * HOUR);
    desk.quiet().await;
    let left = desk.app.drafts(&kim.caller()).await.unwrap();
    assert_eq!(left.iter().map(|placed| placed.conversation_uuid).collect::<Vec<_>>(), [changed]);
    // A conversation that is let go takes what stands in it along.
    desk.app.set_status(&Caller::operator(), changed, StatusRef::Id(CLOSED), None).await.unwrap();
    save(changed).await;
    desk.clock.jump(300 * HOUR);
    desk.quiet().await;
    save(changed).await;
    desk.clock.jump(440 * HOUR);
    desk.quiet().await;
    assert_eq!(desk.app.drafts(&kim.caller()).await.unwrap(), []);
    assert!(desk.app.conversation(&Caller::operator(), changed).await.is_err());
}

both_engines!(
    an_agent_has_one_draft_of_each_kind_in_a_conversation,
    a_draft_is_for_who_may_read_the_conversation,
    drafts_go_with_their_conversation_and_their_agent,
    drafts_that_nobody_goes_on_with_are_tidied,
);
