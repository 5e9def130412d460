use std::collections::BTreeMap;
use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch};
use muster_app::conversations::StatusRef;
use muster_app::teams::TeamPatch;
use muster_core::actor::Caller;
use muster_core::conversation::{Conversation, OPEN, Priority, RESOLVED, SNOOZED};
use muster_core::event::DecisionOutcome;
use muster_core::id::AgentId;
use muster_core::presence::Wish;
use muster_core::routing::Board;
use muster_core::team::TeamMode;
use muster_testkit::{AgentHandle, TestDesk, TestEngine, VisitorHandle, both_engines};
use proptest::prelude::{Strategy as _, any};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

async fn conversation(desk: &TestDesk, visitor: &VisitorHandle) -> Conversation {
    desk.app.conversation(&Caller::operator(), visitor.conversation).await.unwrap().conversation
}

async fn assignee(desk: &TestDesk, visitor: &VisitorHandle) -> Option<AgentId> {
    conversation(desk, visitor).await.assignee
}

async fn whoever_is_there_gets_what_waits(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
    let routing = desk.app.routing(&Caller::operator(), visitor.conversation).await.unwrap();
    assert_eq!(routing.decisions.len(), 1);
    assert_eq!((routing.decisions[0].outcome, routing.decisions[0].agent), (DecisionOutcome::Assigned, Some(kim.id)));
}

async fn what_waits_for_nobody_is_told_once_and_given_to_who_comes(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.advance(Duration::from_secs(3600)).await;
    assert_eq!(assignee(&desk, &visitor).await, None);
    desk.goes_online(&kim).await;
    desk.quiet().await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
    let routing = desk.app.routing(&Caller::operator(), visitor.conversation).await.unwrap();
    let outcomes: Vec<_> = routing.decisions.iter().map(|decision| decision.outcome).collect();
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.contains(&DecisionOutcome::Nobody) && outcomes.contains(&DecisionOutcome::Assigned));
}

async fn freed_room_is_filled_again(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").capacity(1).online().await;
    let inbox = desk.inbox().await;
    let first = desk.visitor(&inbox, "First").await;
    let second = desk.visitor(&inbox, "Second").await;
    desk.quiet().await;
    assert_eq!((assignee(&desk, &first).await, assignee(&desk, &second).await), (Some(kim.id), None));
    desk.app.set_status(&kim.caller(), first.conversation, StatusRef::Id(RESOLVED), None).await.unwrap();
    desk.quiet().await;
    assert_eq!(assignee(&desk, &second).await, Some(kim.id));
}

async fn a_crowd_is_spread_within_capacity(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let mut agents = Vec::new();
    for name in ["kim", "lee", "max", "noa", "pat"] {
        agents.push(desk.agent(name).capacity(30).online().await);
    }
    let inbox = desk.inbox().await;
    for number in 0..160 {
        desk.visitor(&inbox, &format!("Number {number}")).await;
    }
    desk.quiet().await;
    for agent in &agents {
        assert_eq!(desk.profile(agent).await.state.load, 30);
    }
    assert_eq!(desk.app.boards().await.unwrap().kept.waiting_len(), 10);
}

async fn a_renewed_lease_counts_although_nothing_tells_of_it(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    desk.quiet().await;
    desk.advance(Duration::from_secs(8 * 3600)).await;
    desk.goes_online(&kim).await;
    desk.advance(Duration::from_secs(8 * 3600)).await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
}

async fn an_agent_kept_from_a_conversation_gets_it_when_time_is_up(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    desk.app.unassign_agent(&kim.caller(), visitor.conversation).await.unwrap();
    desk.quiet().await;
    let excluded_for = desk.app.settings().routing.exclude_for;
    desk.advance(excluded_for - Duration::from_millis(1)).await;
    assert_eq!(assignee(&desk, &visitor).await, None);
    desk.advance(Duration::from_millis(1)).await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
}

/// A board without what renewals change.
fn without_leases(board: &Board) -> Board {
    let mut board = board.clone();
    for mut candidate in board.agents().cloned().collect::<Vec<_>>() {
        candidate.state.lease_until = None;
        board.put_agent(candidate);
    }
    board
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Chat,
    Online(usize),
    Wish(usize, Wish),
    Unassign(usize),
    Resolve(usize),
    Reopen(usize),
    Snooze(usize),
    Rank(usize, i64),
    MoveToTeam(usize, bool),
    Capacity(usize, u16),
    Enable(usize, bool),
    Join(usize, bool),
    TeamMode(bool),
    TeamOpen(bool),
    Pass(u64),
}

fn steps() -> impl proptest::strategy::Strategy<Value = Vec<Step>> {
    let wish = proptest::sample::select(vec![Wish::Ready, Wish::Idle, Wish::Paused, Wish::Reassigning, Wish::Hidden]);
    let at = 0..64_usize;
    proptest::collection::vec(
        proptest::prop_oneof![
            4 => proptest::strategy::Just(Step::Chat),
            2 => at.clone().prop_map(Step::Online),
            2 => (at.clone(), wish).prop_map(|(at, wish)| Step::Wish(at, wish)),
            1 => at.clone().prop_map(Step::Unassign),
            2 => at.clone().prop_map(Step::Resolve),
            1 => at.clone().prop_map(Step::Reopen),
            1 => at.clone().prop_map(Step::Snooze),
            1 => (at.clone(), 1..6_i64).prop_map(|(at, rank)| Step::Rank(at, rank)),
            1 => (at.clone(), any::<bool>()).prop_map(|(at, to)| Step::MoveToTeam(at, to)),
            1 => (at.clone(), 0..4_u16).prop_map(|(at, capacity)| Step::Capacity(at, capacity)),
            1 => (at.clone(), any::<bool>()).prop_map(|(at, on)| Step::Enable(at, on)),
            1 => (at, any::<bool>()).prop_map(|(at, on)| Step::Join(at, on)),
            1 => any::<bool>().prop_map(Step::TeamMode),
            1 => any::<bool>().prop_map(Step::TeamOpen),
            2 => (1..400_u64).prop_map(Step::Pass),
        ],
        30,
    )
}

struct Play {
    desk: TestDesk,
    agents: Vec<AgentHandle>,
    team: muster_core::id::TeamId,
    inbox: muster_core::inbox::Inbox,
    visitors: Vec<VisitorHandle>,
}

impl Play {
    async fn start(engine: TestEngine) -> Self {
        let desk = TestDesk::new(engine).await;
        desk.admin().await;
        let team = desk.team("Support").await;
        let inbox = desk.inbox_of(Some(team)).await;
        let mut agents = Vec::new();
        for name in ["kim", "lee", "max"] {
            agents.push(desk.agent(name).team(team).capacity(2).online().await);
        }
        Self { desk, agents, team, inbox, visitors: Vec::new() }
    }

    /// Plays a step. What the desk refuses is no part of this test.
    async fn step(&mut self, step: Step) {
        let app = self.desk.app.clone();
        let operator = Caller::operator();
        let agent = |at: usize| self.agents[at % self.agents.len()].clone();
        let uuid = |at: usize| self.visitors.get(at % self.visitors.len().max(1)).map(|visitor| visitor.conversation);
        let patch = |patch: AgentPatch| (app.clone(), patch);
        match step {
            Step::Chat => {
                let visitor = self.desk.visitor(&self.inbox, "Hello").await;
                self.visitors.push(visitor);
            }
            Step::Online(at) => {
                let caller = self.desk.caller(&agent(at)).await;
                let proof = muster_core::presence::LeaseKind::Rest;
                drop(app.prove_presence(&caller, "play", proof, true).await);
            }
            Step::Wish(at, wish) => {
                let caller = self.desk.caller(&agent(at)).await;
                drop(app.set_my_presence(&caller, wish, false).await);
            }
            Step::Unassign(at) => {
                if let Some(uuid) = uuid(at) {
                    drop(app.unassign_agent(&operator, uuid).await);
                }
            }
            Step::Resolve(at) | Step::Reopen(at) | Step::Snooze(at) => {
                let (to, until) = match step {
                    Step::Resolve(_) => (RESOLVED, None),
                    Step::Reopen(_) => (OPEN, None),
                    _ => (SNOOZED, Some(Duration::from_secs(120))),
                };
                if let Some(uuid) = uuid(at) {
                    drop(app.set_status(&operator, uuid, StatusRef::Id(to), until).await);
                }
            }
            Step::Rank(at, rank) => {
                if let Some(uuid) = uuid(at) {
                    drop(app.set_priority(&operator, uuid, Priority::from_rank(rank)).await);
                }
            }
            Step::MoveToTeam(at, there) => {
                if let Some(uuid) = uuid(at) {
                    drop(app.assign_team(&operator, uuid, there.then_some(self.team)).await);
                }
            }
            Step::Capacity(at, capacity) => {
                let extension = AgentExtension { capacity: Some(Some(capacity)), ..AgentExtension::default() };
                let (app, patch) = patch(AgentPatch { extension, ..AgentPatch::default() });
                drop(app.update_agent(&operator, agent(at).id, patch).await);
            }
            Step::Enable(at, on) => {
                let (app, patch) = patch(AgentPatch { enabled: Some(on), ..AgentPatch::default() });
                drop(app.update_agent(&operator, agent(at).id, patch).await);
            }
            Step::Join(at, on) => {
                let teams = if on { vec![self.team] } else { Vec::new() };
                let (app, patch) = patch(AgentPatch { teams: Some(teams), ..AgentPatch::default() });
                drop(app.update_agent(&operator, agent(at).id, patch).await);
            }
            Step::TeamMode(manual) => {
                let mode = if manual { TeamMode::Manual } else { TeamMode::Auto };
                let patch = TeamPatch { mode: Some(mode), ..TeamPatch::default() };
                drop(app.update_team(&operator, self.team, patch).await);
            }
            Step::TeamOpen(open) => {
                let patch = TeamPatch { enabled: Some(open), ..TeamPatch::default() };
                drop(app.update_team(&operator, self.team, patch).await);
            }
            Step::Pass(seconds) => self.desk.advance(Duration::from_secs(seconds)).await,
        }
    }

    /// The board is what the store says, and loads are what is held.
    async fn check(&self) {
        self.desk.quiet().await;
        let boards = self.desk.app.boards().await.unwrap();
        assert_eq!(without_leases(&boards.kept), without_leases(&boards.fresh));
        let mut held: BTreeMap<AgentId, u16> = BTreeMap::new();
        for visitor in &self.visitors {
            let conversation = conversation(&self.desk, visitor).await;
            assert_eq!(boards.fresh.waiting(conversation.id).is_some(), conversation.is_queued());
            if let (true, Some(agent)) = (conversation.is_open(), conversation.assignee) {
                *held.entry(agent).or_default() += 1;
            }
        }
        for agent in &self.agents {
            let load = held.get(&agent.id).copied().unwrap_or(0);
            assert_eq!(self.desk.profile(agent).await.state.load, load, "{}", agent.email);
        }
    }
}

async fn the_board_stays_what_the_store_says(engine: TestEngine) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..muster_testkit::effort::rounds(3, 100) {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let mut play = Play::start(engine).await;
        for (number, step) in steps.into_iter().enumerate() {
            play.step(step).await;
            if number % 5 == 4 {
                play.check().await;
            }
        }
        play.check().await;
    }
}

both_engines!(
    whoever_is_there_gets_what_waits,
    what_waits_for_nobody_is_told_once_and_given_to_who_comes,
    freed_room_is_filled_again,
    a_crowd_is_spread_within_capacity,
    a_renewed_lease_counts_although_nothing_tells_of_it,
    an_agent_kept_from_a_conversation_gets_it_when_time_is_up,
    the_board_stays_what_the_store_says,
);
