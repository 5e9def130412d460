use std::time::Duration;

use muster_app::agents::{AgentPatch, MembershipPatch};
use muster_app::conversations::StatusRef;
use muster_app::teams::TeamPatch;
use muster_core::actor::Caller;
use muster_core::conversation::{CLOSED, Category, Priority, RESOLVED, SNOOZED};
use muster_core::id::{AgentId, StatusId, TeamId};
use muster_core::{Entity, Error, Refusal, Why};
use muster_testkit::{TestEngine, both_engines};
use uuid::Uuid;

use super::{World, id, refusal};

async fn assign(world: &World, by: &Caller, uuid: Uuid, to: &Caller) -> muster_core::Result<()> {
    world.app().assign_agent(by, uuid, id(to), None).await
}

async fn set(world: &World, by: &Caller, uuid: Uuid, status: StatusId) {
    let length = (status == SNOOZED).then_some(Duration::from_secs(3600));
    world.app().set_status(by, uuid, StatusRef::Id(status), length).await.unwrap();
}

async fn taking_giving_and_returning_keep_load_and_queue(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let uuid = world.visitor("hello").await.conversation;
    assign(&world, &kim, uuid, &kim).await.unwrap();
    assert_eq!((world.load(&kim).await, world.waiting(uuid).await), (1, None));
    assign(&world, &kim, uuid, &lee).await.unwrap();
    assert_eq!((world.load(&kim).await, world.load(&lee).await), (0, 1));
    world.app().unassign_agent(&lee, uuid).await.unwrap();
    let waiting = world.waiting(uuid).await.unwrap();
    assert_eq!(waiting.excluded.len(), 1);
    assert_eq!(waiting.excluded[0].until, world.desk.now() + Duration::from_secs(300));
    assert_eq!(waiting.excluded[0].agent, id(&lee));
    world.assert_books().await;
    let events = world.events(uuid).await;
    let expected = [
        "conversation.created",
        "message.received",
        "conversation.queued",
        "conversation.assigned",
        "message.activity",
        "conversation.unassigned",
        "conversation.assigned",
        "message.activity",
        "conversation.unassigned",
        "conversation.queued",
        "message.activity",
    ];
    assert_eq!(events, expected);
}

async fn saying_what_is_true_changes_no_table(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let team = world.team("Support").await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_team(&kim, uuid, Some(team)).await.unwrap();
    assign(&world, &kim, uuid, &kim).await.unwrap();
    world.app().set_priority(&kim, uuid, Priority::from_rank(1)).await.unwrap();
    let before = world.desk.digest().await;
    assign(&world, &kim, uuid, &kim).await.unwrap();
    world.app().assign_team(&kim, uuid, Some(team)).await.unwrap();
    world.app().set_priority(&kim, uuid, Priority::from_rank(1)).await.unwrap();
    world.app().set_status(&kim, uuid, StatusRef::Name(" OPEN ".into()), None).await.unwrap();
    assert_eq!(world.desk.digest().await, before);
}

async fn capacity_is_a_gate_for_everybody_on_open_work(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent_with("kim", |new| new.extension.capacity = Some(Some(1))).await;
    let first = world.visitor("one").await.conversation;
    let second = world.visitor("two").await.conversation;
    assign(&world, &kim, first, &kim).await.unwrap();
    for by in [&kim, &world.admin] {
        let before = world.desk.digest().await;
        assert_eq!(refusal(assign(&world, by, second, &kim).await), Refusal::AtCapacity(id(&kim)));
        assert_eq!(world.desk.digest().await, before);
    }
    set(&world, &kim, second, SNOOZED).await;
    assign(&world, &kim, second, &kim).await.unwrap();
    assert_eq!(world.load(&kim).await, 1);
    set(&world, &kim, first, RESOLVED).await;
    let third = world.visitor("three").await.conversation;
    assign(&world, &kim, third, &kim).await.unwrap();
    world.assert_books().await;
}

async fn a_teams_cap_counts_only_its_own_conversations(engine: TestEngine) {
    let world = World::new(engine).await;
    let cap = TeamPatch { member_cap: Some(Some(2)), ..TeamPatch::default() };
    let team = world.team_with("Support", cap).await;
    let kim = world.agent_with("kim", |new| new.teams = vec![team]).await;
    let own = MembershipPatch { team, role: None, capacity: Some(Some(1)), order: None };
    let mut patch = AgentPatch::default();
    patch.extension.memberships = Some(vec![own]);
    world.patch(&kim, patch).await;
    let mut uuids = Vec::new();
    for message in ["one", "two", "three"] {
        uuids.push(world.visitor(message).await.conversation);
    }
    world.app().assign_team(&kim, uuids[0], Some(team)).await.unwrap();
    world.app().assign_team(&kim, uuids[1], Some(team)).await.unwrap();
    assign(&world, &kim, uuids[0], &kim).await.unwrap();
    assert_eq!(refusal(assign(&world, &kim, uuids[1], &kim).await), Refusal::AtCapacity(id(&kim)));
    assign(&world, &kim, uuids[2], &kim).await.unwrap();
    let profile = world.app().agent(&world.admin, id(&kim)).await.unwrap();
    assert_eq!((profile.teams[0].membership.load, profile.state.load), (1, 2));
    assert_eq!(profile.teams[0].membership.assignment_count, 1);
    world.assert_books().await;
}

async fn an_expected_assignee_makes_it_compare_and_set(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let uuid = world.visitor("hello").await.conversation;
    let app = world.app();
    app.assign_agent(&kim, uuid, id(&kim), Some(None)).await.unwrap();
    let late = app.assign_agent(&lee, uuid, id(&lee), Some(None)).await.unwrap_err();
    assert!(matches!(late, Error::Conflict(Entity::Conversation)));
    app.assign_agent(&lee, uuid, id(&lee), Some(Some(id(&kim)))).await.unwrap();
    assert_eq!(world.conversation(uuid).await.assignee, Some(id(&lee)));
}

async fn only_somebody_who_can_answer_is_given_conversations(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let uuid = world.visitor("hello").await.conversation;
    let analyst = world.role("analyst").await;
    let reader = world.agent_with("reader", |new| new.roles = vec![analyst]).await;
    let disabled = world.agent_with("off", |new| new.enabled = false).await;
    for to in [&reader, &disabled] {
        assert_eq!(refusal(assign(&world, &kim, uuid, to).await), Refusal::NotAssignable(id(to)));
    }
    let nobody = world.app().assign_agent(&kim, uuid, AgentId(4711), None).await.unwrap_err();
    assert!(matches!(nobody, Error::NotFound(Entity::Agent)));
    let no_team = world.app().assign_team(&kim, uuid, Some(TeamId(4711))).await.unwrap_err();
    assert!(matches!(no_team, Error::NotFound(Entity::Team)));
    let no_conversation = assign(&world, &kim, Uuid::nil(), &kim).await.unwrap_err();
    assert!(matches!(no_conversation, Error::NotFound(Entity::Conversation)));
}

async fn a_changed_team_takes_it_from_its_agent(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let team = world.team("Support").await;
    let uuid = world.visitor("hello").await.conversation;
    let queued_at = world.waiting(uuid).await.unwrap().queued_at;
    world.desk.clock.move_to(world.desk.now() + Duration::from_secs(10));
    world.app().assign_team(&kim, uuid, Some(team)).await.unwrap();
    let waiting = world.waiting(uuid).await.unwrap();
    assert_eq!((waiting.team, waiting.queued_at), (Some(team), queued_at), "the place stays");
    assign(&world, &kim, uuid, &kim).await.unwrap();
    world.app().assign_team(&kim, uuid, None).await.unwrap();
    let conversation = world.conversation(uuid).await;
    assert_eq!((conversation.team, conversation.assignee), (None, None));
    assert!(world.waiting(uuid).await.unwrap().excluded.is_empty());
    world.assert_books().await;
}

async fn statuses_move_it_through_its_states(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.online(&kim).await;
    let uuid = world.visitor("hello").await.conversation;
    assign(&world, &kim, uuid, &kim).await.unwrap();
    let hour = Duration::from_secs(3600);
    world.app().set_status(&kim, uuid, StatusRef::Name("snoozed".into()), Some(hour)).await.unwrap();
    let parked = world.conversation(uuid).await;
    assert_eq!((parked.category, parked.snoozed_until), (Category::Waiting, Some(world.desk.now() + hour)));
    assert_eq!((parked.assignee, world.load(&kim).await), (Some(id(&kim)), 0));
    world.app().set_status(&kim, uuid, StatusRef::Name("Open".into()), None).await.unwrap();
    assert_eq!(world.load(&kim).await, 1);
    set(&world, &kim, uuid, CLOSED).await;
    let closed = world.conversation(uuid).await;
    assert!(closed.is_closed && closed.closed_by == Some(id(&kim)) && closed.waiting_since.is_none());
    assert_eq!(refusal(assign(&world, &kim, uuid, &world.admin).await), Refusal::Closed(closed.id));
    let unknown = world.app().set_status(&kim, uuid, StatusRef::Name("Nope".into()), None).await.unwrap_err();
    assert!(matches!(unknown, Error::Invalid { field: "status", .. }));
    for status in [StatusRef::Id(SNOOZED), StatusRef::Name(" snoozed ".into())] {
        let endless = world.app().set_status(&kim, uuid, status, None).await.unwrap_err();
        assert!(matches!(endless, Error::Invalid { field: "snoozed_until", why: Why::Empty }));
    }
    world.assert_books().await;
}

async fn what_was_snoozed_wakes_by_itself(engine: TestEngine) {
    let world = World::new(engine).await;
    world.desk.app.start().await.unwrap();
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let kept = world.visitor("one").await.conversation;
    let lost = world.visitor("two").await.conversation;
    assign(&world, &kim, kept, &kim).await.unwrap();
    assign(&world, &lee, lost, &lee).await.unwrap();
    world.online(&kim).await;
    let soon = Duration::from_secs(60);
    for (agent, uuid) in [(&kim, kept), (&lee, lost)] {
        let status = StatusRef::Id(SNOOZED);
        world.app().set_status(agent, uuid, status, Some(soon)).await.unwrap();
    }
    world.desk.advance(soon).await;
    let woken = world.conversation(kept).await;
    assert_eq!((woken.category, woken.assignee), (Category::Open, Some(id(&kim))), "back to who is there");
    let lost = world.conversation(lost).await;
    assert_eq!((lost.category, lost.preferred_agent), (Category::Open, None), "given to kim, who is there");
    assert_eq!(lost.assignee, Some(id(&kim)));
    world.assert_books().await;
}

both_engines!(
    taking_giving_and_returning_keep_load_and_queue,
    saying_what_is_true_changes_no_table,
    capacity_is_a_gate_for_everybody_on_open_work,
    a_teams_cap_counts_only_its_own_conversations,
    an_expected_assignee_makes_it_compare_and_set,
    only_somebody_who_can_answer_is_given_conversations,
    a_changed_team_takes_it_from_its_agent,
    statuses_move_it_through_its_states,
    what_was_snoozed_wakes_by_itself,
);
