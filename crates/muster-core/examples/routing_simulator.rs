//! Measures rounds of decisions on a large made-up desk.
//!
//! ```sh
//! cargo run --release -p muster-core --example routing_simulator
//! ```
//!
//! *busy*: everybody there is full; one conversation ends, the round gives its place away, a new
//! conversation joins the queue. *all absent*: nobody may have anything, which is known already.
//! *morning*: everybody has room at once; one round empties as much of the queue as it can.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]
#![expect(clippy::unwrap_used, reason = "made-up figures are within range")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use muster_core::Timestamp;
use muster_core::agent::{Channels, MembershipRole};
use muster_core::id::{AgentId, ConversationId, SkillId, TeamId};
use muster_core::inbox::Medium;
use muster_core::presence::{Link, State};
use muster_core::routing::{Board, Candidate, Decision, Outcome, Policy, Seat, TeamRules, Waiting, decide};
use muster_core::skill::RequiredSkill;
use muster_core::team::TeamMode;

const AGENTS: i64 = 1_000;
const TEAMS: i64 = 20;
const SKILLS: i64 = 50;
const WAITING: i64 = 10_000;
const CAPACITY: u16 = 5;
const ROUNDS: usize = 2_000;
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn main() {
    println!("{AGENTS} agents, {TEAMS} teams, {SKILLS} skills, {WAITING} waiting");
    for (name, most_skills) in [("up to one skill each", 1), ("up to two skills each", 2)] {
        println!("\n{name}");
        busy(&mut Desk::new(most_skills, CAPACITY));
        all_absent(&mut Desk::new(most_skills, CAPACITY));
        morning(&mut Desk::new(most_skills, 1_000));
    }
}

fn busy(desk: &mut Desk) {
    desk.round();
    desk.refill();
    desk.round();
    let mut times = Vec::with_capacity(ROUNDS);
    let mut decisions = 0;
    for _ in 0..ROUNDS {
        desk.end_one();
        let started = Instant::now();
        let made = decide(&desk.board, &desk.policy, desk.now);
        times.push(started.elapsed());
        decisions += made.len();
        desk.apply(&made);
        desk.refill();
    }
    report("busy", times, decisions);
}

fn all_absent(desk: &mut Desk) {
    for agent in desk.board.agents().cloned().collect::<Vec<_>>() {
        desk.board.put_agent(Candidate { state: State::new(NOW), ..agent });
    }
    let (first, told) = timed(|| desk.round());
    let mut times = Vec::with_capacity(ROUNDS / 10);
    let mut decisions = 0;
    for _ in 0..ROUNDS / 10 {
        let (took, made) = timed(|| desk.round());
        times.push(took);
        decisions += made;
    }
    report("all absent, first told", vec![first], told);
    report("all absent, known", times, decisions);
}

fn morning(desk: &mut Desk) {
    let started = Instant::now();
    let made = decide(&desk.board, &desk.policy, desk.now);
    report("morning", vec![started.elapsed()], made.len());
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

fn report(name: &str, mut times: Vec<Duration>, decisions: usize) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let total: Duration = times.iter().sum();
    let rounds = times.len();
    let rate = f64::from(u32::try_from(decisions).unwrap()) / total.as_secs_f64();
    println!(
        "{name:<24} {rounds:>5} rounds  p50 {:>8.3} ms  p99 {:>8.3} ms  {decisions:>6} decisions  {rate:>9.0} decisions/s",
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
    );
}

struct Desk {
    board: Board,
    policy: Policy,
    now: Timestamp,
    numbers: Numbers,
    most_skills: i64,
    last_conversation: i64,
}

impl Desk {
    fn new(most_skills: i64, capacity: u16) -> Self {
        let mut desk = Self {
            board: Board::new(),
            policy: Policy::default(),
            now: NOW,
            numbers: Numbers(7),
            most_skills,
            last_conversation: 0,
        };
        for team in 1..=TEAMS {
            desk.board.put_team(TeamRules { id: TeamId(team), open: true, mode: TeamMode::Auto, member_cap: None });
        }
        for agent in 1..=AGENTS {
            let candidate = desk.numbers.candidate(agent, capacity);
            desk.board.put_agent(candidate);
        }
        desk.refill();
        desk
    }

    fn refill(&mut self) {
        while self.board.waiting_len() < usize::try_from(WAITING).unwrap() {
            self.last_conversation += 1;
            let waiting = self.numbers.waiting(self.last_conversation, self.most_skills);
            self.board.put_waiting(waiting);
        }
    }

    fn round(&mut self) -> usize {
        let made = decide(&self.board, &self.policy, self.now);
        self.apply(&made);
        made.len()
    }

    fn apply(&mut self, made: &[Decision]) {
        for decision in made {
            let Some(mut waiting) = self.board.remove_waiting(decision.conversation) else { continue };
            match decision.outcome {
                Outcome::Assign(agent) => {
                    let mut candidate = self.board.agent(agent).unwrap().clone();
                    candidate.take(waiting.team, self.now);
                    self.board.put_agent(candidate);
                }
                Outcome::Nobody => {
                    waiting.last_reasons = Some(decision.because.reasons.clone());
                    self.board.put_waiting(waiting);
                }
            }
        }
    }

    /// Some agent's conversation ends, a moment later.
    fn end_one(&mut self) {
        self.now = self.now + Duration::from_millis(5);
        let agent = AgentId(self.numbers.up_to(AGENTS) + 1);
        let mut candidate = self.board.agent(agent).unwrap().clone();
        candidate.state.load = candidate.state.load.saturating_sub(1);
        self.board.put_agent(candidate);
    }
}

/// A small generator of the same numbers in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn up_to(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 1).unwrap() % end
    }

    fn candidate(&mut self, id: i64, capacity: u16) -> Candidate {
        let mut state = State::new(NOW);
        state.link = Link::Live;
        state.lease_until = Some(NOW + Duration::from_secs(3_600));
        let levels: BTreeMap<_, _> = (0..8).map(|_| (SkillId(self.up_to(SKILLS) + 1), self.level())).collect();
        Candidate {
            id: AgentId(id),
            name: format!("Agent {id}"),
            deleted: false,
            enabled: true,
            locked: false,
            serves: true,
            answers: true,
            reads_unassigned: true,
            channels: Channels::DEFAULT,
            capacity: Some(capacity),
            state,
            memberships: (0..3).map(|n| self.seat(n)).collect(),
            levels,
        }
    }

    fn level(&mut self) -> u8 {
        u8::try_from(self.up_to(100) + 1).unwrap()
    }

    /// One of the teams of which `n` is the rest modulo three, so that no team comes twice.
    fn seat(&mut self, n: i64) -> Seat {
        let team = TeamId(self.up_to(TEAMS / 3) * 3 + n + 1);
        Seat { team, role: MembershipRole::Agent, capacity: None, order: 0, assignment_count: 0, load: 0 }
    }

    fn waiting(&mut self, id: i64, most_skills: i64) -> Waiting {
        let skills = self.up_to(most_skills + 1);
        let ask = |numbers: &mut Self| RequiredSkill {
            skill: SkillId(numbers.up_to(SKILLS) + 1),
            level: if numbers.up_to(2) == 0 { 1 } else { 50 },
        };
        Waiting {
            conversation: ConversationId(id),
            team: (self.up_to(10) > 0).then(|| TeamId(self.up_to(TEAMS - 2) + 1)),
            medium: Medium::Chat,
            rank: if self.up_to(10) == 0 { self.up_to(5) + 1 } else { 99 },
            queued_at: NOW + Duration::from_millis(u64::try_from(id).unwrap()),
            excluded: Vec::new(),
            required_skills: (0..skills).map(|_| ask(self)).collect(),
            preferred_agent: None,
            last_reasons: None,
        }
    }
}
