//! Writing up: a while without new conversations after one has ended.

use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::teams::TeamPatch;
use muster_core::actor::Caller;
use muster_core::conversation::{CLOSED, RESOLVED, SNOOZED};
use muster_core::event::Event;
use muster_core::id::{AgentId, StatusId, TeamId};
use muster_core::presence::{Intent, Shown, Wish};
use muster_core::{Error, Refusal};
use muster_store::{outbox, sql};
use muster_testkit::{AgentHandle, TestDesk, TestEngine, both_engines};
use uuid::Uuid;

const WRAP_UP: Duration = Duration::from_secs(20);

/// A desk with a team that grants time to write up, its member Kim, who is there, and a conversation in Kim's hands.
struct World {
    desk: TestDesk,
    team: TeamId,
    kim: AgentHandle,
    held: Uuid,
}

impl World {
    async fn new(engine: TestEngine) -> Self {
        let desk = TestDesk::new(engine).await;
        let team = desk.team("Support").await;
        let wrap_up_ms = i64::try_from(WRAP_UP.as_millis()).ok();
        let patch = TeamPatch { wrap_up_ms, ..TeamPatch::default() };
        desk.app.update_team(&Caller::operator(), team, patch).await.unwrap();
        let kim = desk.agent("kim").team(team).capacity(1).online().await;
        let mut world = Self { desk, team, kim, held: Uuid::nil() };
        world.held = world.visitor().await;
        assert_eq!(world.assignee(world.held).await, Some(world.kim.id));
        world
    }

    async fn visitor(&self) -> Uuid {
        let inbox = self.desk.inbox_of(Some(self.team)).await;
        let uuid = self.desk.visitor(&inbox, "Hello").await.conversation;
        self.desk.quiet().await;
        uuid
    }

    async fn assignee(&self, uuid: Uuid) -> Option<AgentId> {
        self.desk.app.conversation(&Caller::operator(), uuid).await.unwrap().conversation.assignee
    }

    async fn set(&self, uuid: Uuid, status: StatusId) {
        let length = (status == SNOOZED).then_some(Duration::from_secs(3600));
        self.desk.app.set_status(&Caller::operator(), uuid, StatusRef::Id(status), length).await.unwrap();
        self.desk.quiet().await;
    }

    async fn shown(&self) -> Shown {
        let profile = self.desk.profile(&self.kim).await;
        profile.state.shown(&profile.agent, self.desk.now())
    }

    async fn assert_boards(&self) {
        let boards = self.desk.app.boards().await.unwrap();
        assert_eq!(boards.kept, boards.fresh);
    }
}

async fn after_a_conversation_its_agent_gets_no_other_for_a_while(engine: TestEngine) {
    for status in [RESOLVED, CLOSED] {
        let world = World::new(engine).await;
        let next = world.visitor().await;
        assert_eq!(world.assignee(next).await, None, "no room");
        let epoch = world.desk.profile(&world.kim).await.state.epoch;
        world.set(world.held, status).await;
        let state = world.desk.profile(&world.kim).await.state;
        assert_eq!((state.load, state.wrap_up_until), (0, Some(world.desk.now() + WRAP_UP)));
        assert!(state.epoch > epoch);
        assert_eq!(world.shown().await, Shown::WrapUp);
        world.assert_boards().await;
        world.desk.advance(WRAP_UP - Duration::from_millis(1)).await;
        assert_eq!(world.assignee(next).await, None);
        world.desk.advance(Duration::from_millis(1)).await;
        assert_eq!(world.assignee(next).await, Some(world.kim.id), "woken at its instant");
        let state = world.desk.profile(&world.kim).await.state;
        assert_eq!((state.wrap_up_until, world.shown().await), (None, Shown::Ready));
        world.assert_boards().await;
    }
}

async fn its_beginning_and_its_end_are_told(engine: TestEngine) {
    let world = World::new(engine).await;
    world.set(world.held, RESOLVED).await;
    world.desk.advance(WRAP_UP).await;
    let all = world.desk.app.store().read(|tx| Box::pin(outbox::events_after(tx, 0, 10_000))).await.unwrap();
    let told = all.iter().filter_map(|record| match &record.event {
        Event::PresenceChanged { from, to, .. } => Some((from.as_str(), to.as_str())),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [("offline", "ready"), ("ready", "wrap_up"), ("wrap_up", "ready")]);
    let intervals = world.desk.app.store().read(|tx| {
        Box::pin(async move {
            tx.query(sql!("SELECT state, to_at - from_at AS length FROM state_intervals ORDER BY id"), &[]).await
        })
    });
    let intervals = intervals.await.unwrap();
    let stretches = intervals.iter().map(|row| (row.get("state").unwrap(), row.get("length").unwrap()));
    let expected = [("ready", Some(0)), ("wrap_up", i64::try_from(WRAP_UP.as_millis()).ok()), ("ready", None)];
    let expected = expected.map(|(state, length)| (state.to_owned(), length));
    assert_eq!(stretches.collect::<Vec<(String, Option<i64>)>>(), expected);
}

async fn what_is_not_in_hand_has_nothing_to_write_up(engine: TestEngine) {
    let world = World::new(engine).await;
    world.set(world.held, SNOOZED).await;
    assert_eq!(world.shown().await, Shown::Ready, "parked is not over");
    world.set(world.held, RESOLVED).await;
    assert_eq!(world.shown().await, Shown::Ready);
    world.set(world.held, CLOSED).await;
    assert_eq!(world.shown().await, Shown::Ready);
    let inbox = world.desk.inbox().await;
    let elsewhere = world.desk.visitor(&inbox, "Hello").await.conversation;
    world.desk.quiet().await;
    assert_eq!(world.assignee(elsewhere).await, Some(world.kim.id));
    world.set(elsewhere, RESOLVED).await;
    assert_eq!(world.shown().await, Shown::Ready, "no team grants the time");
}

async fn who_is_gone_has_nothing_to_write_up(engine: TestEngine) {
    let world = World::new(engine).await;
    world.desk.app.set_my_presence(&world.kim.caller(), Wish::Hidden, false).await.unwrap();
    world.set(world.held, RESOLVED).await;
    assert_eq!(world.desk.profile(&world.kim).await.state.wrap_up_until, None);
}

async fn the_later_end_counts(engine: TestEngine) {
    let world = World::new(engine).await;
    world.set(world.held, RESOLVED).await;
    world.desk.advance(Duration::from_secs(5)).await;
    let second = world.visitor().await;
    world.desk.app.assign_agent(&Caller::operator(), second, world.kim.id, None).await.unwrap();
    world.set(second, RESOLVED).await;
    world.desk.advance(Duration::from_secs(15)).await;
    assert_eq!(world.shown().await, Shown::WrapUp, "the first end doesn't end the second");
    world.desk.advance(Duration::from_secs(5)).await;
    assert_eq!(world.shown().await, Shown::Ready);
}

async fn nobody_is_paused_while_writing_up(engine: TestEngine) {
    let world = World::new(engine).await;
    world.set(world.held, RESOLVED).await;
    let app = &world.desk.app;
    let operator = Caller::operator();
    let pause = || app.pause_agent(&operator, world.kim.id, "Break");
    let refused = pause().await;
    assert!(matches!(&refused, Err(Error::Refused(Refusal::InWrapUp(agent))) if *agent == world.kim.id), "{refused:?}");
    app.resume_agent(&operator, world.kim.id).await.unwrap();
    assert_eq!(world.shown().await, Shown::WrapUp);
    app.set_my_presence(&world.kim.caller(), Wish::Paused, false).await.unwrap();
    assert_eq!(pause().await.unwrap().state.pause_reason, None, "paused is paused");
    world.desk.advance(WRAP_UP).await;
    assert_eq!(world.desk.profile(&world.kim).await.state.intent, Intent::Paused);
}

both_engines!(
    after_a_conversation_its_agent_gets_no_other_for_a_while,
    its_beginning_and_its_end_are_told,
    what_is_not_in_hand_has_nothing_to_write_up,
    who_is_gone_has_nothing_to_write_up,
    the_later_end_counts,
    nobody_is_paused_while_writing_up,
);
