use std::time::Duration;

use muster_app::agents::AgentPatch;
use muster_app::conversations::StatusRef;
use muster_app::inboxes::InboxPatch;
use muster_core::conversation::{Category, RESOLVED, SNOOZED};
use muster_core::presence::Wish;
use muster_testkit::{TestEngine, both_engines};
use uuid::Uuid;

use super::{World, id};

/// Kim with an open, a parked and a resolved conversation, and Lee with none.
struct Held {
    world: World,
    kim: muster_core::actor::Caller,
    open: Uuid,
    parked: Uuid,
    resolved: Uuid,
}

async fn held(engine: TestEngine) -> Held {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let mut uuids = Vec::new();
    for message in ["open", "parked", "resolved"] {
        let uuid = world.visitor(message).await.conversation;
        world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
        uuids.push(uuid);
    }
    let hour = Some(Duration::from_secs(3600));
    world.app().set_status(&kim, uuids[1], StatusRef::Id(SNOOZED), hour).await.unwrap();
    world.app().set_status(&kim, uuids[2], StatusRef::Id(RESOLVED), None).await.unwrap();
    Held { world, kim, open: uuids[0], parked: uuids[1], resolved: uuids[2] }
}

impl Held {
    /// Whether Kim still has the open, the parked, the resolved one.
    async fn keeps(&self) -> [bool; 3] {
        let mut keeps = [false; 3];
        for (at, uuid) in [self.open, self.parked, self.resolved].into_iter().enumerate() {
            keeps[at] = self.world.conversation(uuid).await.assignee == Some(id(&self.kim));
        }
        keeps
    }
}

async fn a_disabled_agent_loses_what_is_not_over(engine: TestEngine) {
    let held = held(engine).await;
    held.world.patch(&held.kim, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await;
    assert_eq!(held.keeps().await, [false, false, true]);
    let open = held.world.conversation(held.open).await;
    assert_eq!((open.category, open.preferred_agent), (Category::Open, Some(id(&held.kim))));
    assert_eq!(held.world.conversation(held.parked).await.category, Category::Waiting);
    assert!(held.world.waiting(held.open).await.unwrap().excluded.is_empty());
    let events = held.world.events(held.open).await;
    assert_eq!(events[5..], ["conversation.unassigned", "conversation.queued", "message.activity"]);
    held.world.assert_books().await;
    held.world.patch(&held.kim, AgentPatch { enabled: Some(true), ..AgentPatch::default() }).await;
    assert_eq!(held.keeps().await, [false, false, true], "nothing comes back by itself");
}

async fn a_locked_agent_loses_it_too(engine: TestEngine) {
    let held = held(engine).await;
    let mut lock = AgentPatch::default();
    lock.extension.locked = Some(true);
    held.world.patch(&held.kim, lock).await;
    assert_eq!(held.keeps().await, [false, false, true]);
    held.world.assert_books().await;
}

async fn a_deleted_agent_is_remembered_by_what_is_over(engine: TestEngine) {
    let held = held(engine).await;
    held.world.app().delete_agent(&held.world.admin, id(&held.kim)).await.unwrap();
    assert_eq!(held.keeps().await, [false, false, true]);
    assert_eq!(held.world.conversation(held.open).await.preferred_agent, None);
    let status = StatusRef::Name("Open".into());
    held.world.app().set_status(&held.world.admin, held.resolved, status, None).await.unwrap();
    let reopened = held.world.conversation(held.resolved).await;
    assert_eq!((reopened.assignee, reopened.preferred_agent), (None, None));
    held.world.assert_books().await;
}

async fn whoever_gives_work_away_keeps_what_is_parked(engine: TestEngine) {
    let held = held(engine).await;
    held.world.app().set_my_presence(&held.kim, Wish::Reassigning, false).await.unwrap();
    assert_eq!(held.keeps().await, [false, true, true]);
    let status = StatusRef::Name("Open".into());
    held.world.app().set_status(&held.world.admin, held.parked, status, None).await.unwrap();
    assert_eq!(held.keeps().await, [false, false, true], "its return goes to the queue");
    held.world.assert_books().await;
}

async fn an_absent_agents_waiting_chats_go_to_others_after_a_while(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.online(&kim).await;
    let waiting = world.visitor("waiting").await.conversation;
    let answered = world.visitor("answered").await.conversation;
    for uuid in [waiting, answered] {
        world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    }
    let reply = muster_app::messages::NewReply {
        content: "<p>done</p>".into(),
        content_type: muster_core::message::ContentType::Html,
        private: false,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: Vec::new(),
    };
    world.app().send_message(&kim, answered, reply).await.unwrap();
    world.desk.app.start().await.unwrap();
    world.desk.advance(Duration::from_secs(90)).await;
    assert_eq!(world.conversation(waiting).await.assignee, Some(id(&kim)), "not at once");
    world.desk.advance(Duration::from_secs(61)).await;
    assert_eq!(world.conversation(waiting).await.preferred_agent, Some(id(&kim)));
    assert_eq!(world.conversation(waiting).await.assignee, None);
    assert_eq!(world.conversation(answered).await.assignee, Some(id(&kim)), "nobody waits there");
    world.assert_books().await;
}

async fn a_deleted_team_leaves_everybody_their_place(engine: TestEngine) {
    let world = World::new(engine).await;
    let (team, fallback) = (world.team("Support").await, world.team("Everybody").await);
    let kim = world.agent_with("kim", |new| new.teams = vec![team]).await;
    let (queued, active, over) = (
        world.visitor("queued").await.conversation,
        world.visitor("active").await.conversation,
        world.visitor("over").await.conversation,
    );
    for uuid in [queued, active, over] {
        world.app().assign_team(&world.admin, uuid, Some(team)).await.unwrap();
    }
    world.app().assign_agent(&kim, active, id(&kim), None).await.unwrap();
    world.app().set_status(&kim, over, StatusRef::Id(RESOLVED), None).await.unwrap();
    let place = world.waiting(queued).await.unwrap().queued_at;
    let default = InboxPatch { default_team: Some(Some(fallback)), ..InboxPatch::default() };
    world.app().update_inbox(&world.admin, world.inbox.id, default).await.unwrap();
    world.desk.clock.move_to(world.desk.now() + Duration::from_secs(10));
    world.app().delete_team(&world.admin, team).await.unwrap();
    let waiting = world.waiting(queued).await.unwrap();
    assert_eq!((waiting.team, waiting.queued_at), (Some(fallback), place));
    let active = world.conversation(active).await;
    assert_eq!((active.team, active.assignee), (None, Some(id(&kim))));
    assert_eq!(world.conversation(over).await.team, None);
    assert_eq!(world.events(queued).await.iter().filter(|name| *name == "conversation.team_changed").count(), 2);
    world.assert_books().await;
}

async fn the_inbox_forgets_a_deleted_team(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let default = InboxPatch { default_team: Some(Some(team)), ..InboxPatch::default() };
    world.app().update_inbox(&world.admin, world.inbox.id, default).await.unwrap();
    let uuid = world.visitor("hello").await.conversation;
    assert_eq!(world.waiting(uuid).await.unwrap().team, Some(team));
    world.app().delete_team(&world.admin, team).await.unwrap();
    assert_eq!(world.waiting(uuid).await.unwrap().team, None);
    assert_eq!(world.app().inbox(&world.admin, world.inbox.id).await.unwrap().default_team, None);
}

async fn joining_a_team_counts_the_work_held_there(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let kim = world.agent("kim").await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_team(&kim, uuid, Some(team)).await.unwrap();
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    world.patch(&kim, AgentPatch { teams: Some(vec![team]), ..AgentPatch::default() }).await;
    world.assert_books().await;
    world.app().unassign_agent(&kim, uuid).await.unwrap();
    world.assert_books().await;
}

both_engines!(
    a_disabled_agent_loses_what_is_not_over,
    a_locked_agent_loses_it_too,
    a_deleted_agent_is_remembered_by_what_is_over,
    whoever_gives_work_away_keeps_what_is_parked,
    an_absent_agents_waiting_chats_go_to_others_after_a_while,
    a_deleted_team_leaves_everybody_their_place,
    the_inbox_forgets_a_deleted_team,
    joining_a_team_counts_the_work_held_there,
);
