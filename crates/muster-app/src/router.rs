//! The router at work: keeps the board of who works here and what waits, decides whenever something changed, and has
//! each decision claimed.
//!
//! The board lives in memory, is filled from the store at the start, and is kept right by reading anew whatever an event
//! touched. A claim judges everything again under locks, so a board that lags behind costs another look and nothing
//! else.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use muster_core::id::{AgentId, ConversationId};
use muster_core::presence::Link;
use muster_core::routing::{self, Board, Decision, Outcome, Policy};
use muster_core::{Error, Result, Timestamp};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use crate::claim::ClaimOutcome;
use crate::runtime::{Backoff, Task};
use crate::{App, board};

mod fresh;
mod touched;

use fresh::Fresh;
use touched::Marks;
pub(crate) use touched::Touched;

/// Claims made at the same time.
const AT_ONCE: usize = 64;
/// After so many rounds that gave out nothing although something was to be given, the router rests before each other.
const FRUITLESS: u32 = 3;

pub(crate) struct Router {
    app: App,
    policy: Policy,
    board: Board,
    /// The last event that the board knows of.
    position: i64,
    /// When time alone changes a decision.
    next_change: Option<Timestamp>,
    fruitless: u32,
}

/// How the claims of a round went.
#[derive(Debug, Default)]
struct Round {
    won: usize,
    lost: usize,
    /// The first claim that could not be made.
    error: Option<Error>,
}

impl Router {
    /// Fills the board. It knows all events up to `position`, and maybe more.
    pub(crate) async fn open(app: &App, position: i64) -> Result<Self> {
        let board = app.read(|tx| Box::pin(board::load_board(tx))).await?;
        let policy = app.settings().routing.policy();
        Ok(Self { app: app.clone(), policy, board, position, next_change: Some(app.now()), fruitless: 0 })
    }

    pub(crate) async fn run(mut self) {
        let app = self.app.clone();
        let runtime = &app.inner.runtime;
        let mut backoff = Backoff::of("router");
        while !app.inner.stop.is_cancelled() {
            if let Err(error) = self.settle().await {
                self.next_change = Some(app.now());
                backoff.held_up(&error).await;
                continue;
            }
            if self.fruitless >= FRUITLESS {
                self.next_change = Some(app.now());
                backoff.pause().await;
                continue;
            }
            backoff.reset();
            self.app.inner.metrics.routed(self.position, self.board.waiting_len(), self.board.agents().count());
            self.show_board();
            runtime.progress.idle(Task::Router, self.position, self.next_change);
            tokio::select! {
                () = app.inner.stop.cancelled() => {}
                () = runtime.touched.changed() => {}
                () = app.sleep_until(self.next_change) => {}
            }
        }
    }

    /// Decides until nothing is left that can be given to anybody, or claims fail to go through.
    async fn settle(&mut self) -> Result<()> {
        while self.refresh().await? && !self.app.inner.stop.is_cancelled() {
            self.app.inner.runtime.progress.busy(Task::Router);
            let now = self.app.now();
            let round = self.decide(now).await?;
            self.next_change = routing::next_change(&self.board, &self.policy, now);
            self.fruitless = if round.won == 0 && round.lost > 0 { self.fruitless + 1 } else { 0 };
            if let Some(error) = round.error {
                return Err(error);
            }
            if self.fruitless >= FRUITLESS {
                return Ok(());
            }
        }
        Ok(())
    }

    /// One round: decides, and has claimed or stored what came of it.
    async fn decide(&mut self, now: Timestamp) -> Result<Round> {
        let span = info_span!(parent: None, "decision", waiting = self.board.waiting_len(), assigned = Empty, decide_us = Empty);
        async {
            let begun = Instant::now();
            let decisions = routing::decide(&self.board, &self.policy, now);
            let took = begun.elapsed();
            let assigned = decisions.iter().filter(|it| matches!(it.outcome, Outcome::Assign(_))).count();
            self.app.inner.metrics.decided(took, assigned, decisions.len() - assigned);
            Span::current().record("assigned", assigned);
            Span::current().record("decide_us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
            self.carry_out(decisions, now).await
        }
        .instrument(span)
        .await
    }

    /// Gives a copy of the board to whoever asked for it; whoever doesn't wait for it any more goes without.
    fn show_board(&self) {
        for asked in self.app.inner.runtime.touched.take_asked() {
            drop(asked.send(self.board.clone()));
        }
    }

    /// Reads anew what was touched since the last look. False if there is no reason to decide again.
    async fn refresh(&mut self) -> Result<bool> {
        let mut marks = self.app.inner.runtime.touched.take();
        self.position = self.position.max(marks.position);
        let now = self.app.now();
        let is_time = self.next_change.is_some_and(|at| at <= now);
        if !marks.touches_anything() && !is_time {
            return Ok(false);
        }
        self.mark_kin(&mut marks, now);
        let marks = Arc::new(marks);
        let fresh = {
            let marks = Arc::clone(&marks);
            self.app.read(move |tx| {
                let marks = Arc::clone(&marks);
                Box::pin(async move { Fresh::read(tx, &marks).await })
            })
        };
        match fresh.await {
            Ok(fresh) => fresh.put_on(&mut self.board),
            Err(error) => {
                self.app.inner.runtime.touched.put_back(&marks);
                return Err(error);
            }
        }
        Ok(true)
    }

    /// Marks what events don't name: members of a touched team, and agents whose presence seems to have run out, since
    /// renewing a lease is no event.
    fn mark_kin(&self, marks: &mut Marks, now: Timestamp) {
        let is_member =
            |agent: &&routing::Candidate| agent.memberships.iter().any(|seat| marks.teams.contains(&seat.team));
        let has_run_out = |agent: &&routing::Candidate| {
            matches!(agent.state.link, Link::Live | Link::Declared)
                && agent.state.lease_until.is_none_or(|at| at <= now)
        };
        let look = self.board.waiting_len() > 0 || !marks.conversations.is_empty();
        let kin = self.board.agents().filter(|agent| is_member(agent) || (look && has_run_out(agent)));
        let kin: BTreeSet<AgentId> = kin.map(|agent| agent.id).collect();
        marks.agents.extend(kin);
    }

    async fn carry_out(&mut self, decisions: Vec<Decision>, now: Timestamp) -> Result<Round> {
        let mut round = Round::default();
        let (mut given, mut kept) = (Vec::new(), Vec::new());
        for decision in decisions {
            match decision.outcome {
                Outcome::Assign(agent) => given.push((decision, agent)),
                Outcome::Nobody => kept.push(decision),
            }
        }
        for chunk in given.chunks(AT_ONCE) {
            let claims = chunk.iter().map(|(decision, agent)| self.claim(decision, *agent));
            let outcomes = join_all(claims).await;
            for ((decision, agent), outcome) in chunk.iter().zip(outcomes) {
                self.take_in(decision.conversation, *agent, outcome, now, &mut round);
            }
        }
        self.record(kept).await?;
        Ok(round)
    }

    async fn claim(&self, decision: &Decision, agent: AgentId) -> Result<ClaimOutcome> {
        let epoch = self.board.agent(agent).map_or(0, |candidate| candidate.state.epoch);
        let because = serde_json::to_value(&*decision.because).map_err(Error::internal)?;
        self.app.claim(decision.conversation, agent, epoch, because, self.policy.version).await
    }

    fn take_in(
        &mut self,
        conversation: ConversationId,
        agent: AgentId,
        outcome: Result<ClaimOutcome>,
        now: Timestamp,
        round: &mut Round,
    ) {
        self.app.inner.metrics.claimed(&outcome);
        if matches!(outcome, Ok(ClaimOutcome::Won)) {
            round.won += 1;
            let team = self.board.remove_waiting(conversation).and_then(|waiting| waiting.team);
            if let Some(mut candidate) = self.board.remove_agent(agent) {
                candidate.take(team, now);
                self.board.put_agent(candidate);
            }
            return;
        }
        round.lost += 1;
        self.app.inner.runtime.touched.pair(conversation, agent);
        if let Err(error) = outcome {
            round.error.get_or_insert(error);
        }
    }

    /// Stores why conversations stay in the queue.
    async fn record(&mut self, kept: Vec<Decision>) -> Result<()> {
        if kept.is_empty() {
            return Ok(());
        }
        let mut nobodies = Vec::with_capacity(kept.len());
        for decision in &kept {
            let because = serde_json::to_value(&*decision.because).map_err(Error::internal)?;
            nobodies.push((decision.conversation, because, decision.because.reasons.clone()));
        }
        self.app.record_nobody(nobodies).await?;
        for decision in kept {
            if let Some(mut waiting) = self.board.remove_waiting(decision.conversation) {
                waiting.last_reasons = Some(decision.because.reasons.clone());
                self.board.put_waiting(waiting);
            }
        }
        Ok(())
    }
}

/// Two boards that have to be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boards {
    /// The one that the router keeps.
    pub kept: Board,
    /// One filled from the store just now.
    pub fresh: Board,
}

impl App {
    /// The router's board beside one made from the store. On a quiet desk they are equal, but for leases that were
    /// renewed: that is no event, and the router looks when it matters.
    ///
    /// # Errors
    /// Those of reading the store; [`Error::Internal`] if no router runs.
    pub async fn boards(&self) -> Result<Boards> {
        let kept = self.inner.runtime.touched.ask().await.map_err(Error::internal)?;
        let fresh = self.read(|tx| Box::pin(board::load_board(tx))).await?;
        Ok(Boards { kept, fresh })
    }

    /// Has the router look at a conversation again although no event tells it to.
    pub(crate) fn look_again(&self, conversation: ConversationId) {
        self.inner.runtime.progress.busy(Task::Router);
        self.inner.runtime.touched.conversation(conversation);
    }
}
