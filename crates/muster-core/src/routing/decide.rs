use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, btree_map};
use std::iter::Peekable;
use std::sync::Arc;

use super::board::{Line, Place};
use super::explain::{Because, CANDIDATES_NAMED, Findings};
use super::order::Pool;
use super::roster::{Need, Roster};
use super::{Board, Policy, Reasons, Waiting};
use crate::id::{AgentId, ConversationId};
use crate::time::Timestamp;

/// What becomes of a waiting conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Assign(AgentId),
    /// Nobody may have it now, for other reasons than those of its `last_reasons`.
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub conversation: ConversationId,
    pub outcome: Outcome,
    pub because: Arc<Because>,
}

/// Decides who gets which waiting conversation. Equal boards give equal decisions, whatever the
/// order in which they were filled.
///
/// First come the assignments, in the order of the queue; each counts for those after it. Then one
/// [`Outcome::Nobody`] for each entry that stays for other reasons than its `last_reasons`.
/// Conversations of manual teams are left alone.
#[must_use]
pub fn decide(board: &Board, policy: &Policy, now: Timestamp) -> Vec<Decision> {
    if board.waiting_len() == 0 || policy.desk_mode_manual {
        return Vec::new();
    }
    let mut round = Round::new(board, policy, now);
    let queues = round.queues();
    round.assign(&queues);
    round.tell_the_rest(&queues);
    round.decisions
}

struct Round<'a> {
    roster: Roster<'a>,
    given: BTreeSet<ConversationId>,
    decisions: Vec<Decision>,
}

/// A line that the router serves.
struct Queue<'a> {
    need: Need<'a>,
    line: &'a Line,
}

/// A line of which somebody may have something, and what of it wasn't looked at yet.
struct Served<'q> {
    need: &'q Need<'q>,
    pool: Pool,
    rest: Peekable<btree_map::Iter<'q, Place, Waiting>>,
}

impl Served<'_> {
    fn head(&mut self) -> Option<Reverse<Place>> {
        self.rest.peek().map(|(place, _)| Reverse(**place))
    }
}

impl<'a> Round<'a> {
    fn new(board: &'a Board, policy: &'a Policy, now: Timestamp) -> Self {
        Self { roster: Roster::new(board, policy, now), given: BTreeSet::new(), decisions: Vec::new() }
    }

    fn queues(&mut self) -> Vec<Queue<'a>> {
        let (board, policy) = (self.roster.board(), self.roster.policy());
        let served = board.lines().filter(|(demand, _)| !board.is_manual(demand.team, policy));
        served.map(|(demand, line)| Queue { need: self.roster.need(demand), line }).collect()
    }

    /// Gives out what can be given out, in the order of the whole queue.
    fn assign(&mut self, queues: &[Queue<'_>]) {
        let served = queues.iter().filter(|queue| self.roster.is_served(&queue.need));
        let mut lines: Vec<_> = served
            .map(|Queue { need, line }| Served {
                need,
                pool: Pool::new(&self.roster, need),
                rest: line.entries().iter().peekable(),
            })
            .collect();
        let heads = lines.iter_mut().enumerate().filter_map(|(at, line)| Some((line.head()?, at)));
        let mut heads: BinaryHeap<_> = heads.collect();
        while let Some((_, at)) = heads.pop() {
            let line = &mut lines[at];
            if line.pool.refresh(&self.roster, line.need)
                && let Some((_, waiting)) = line.rest.next()
            {
                self.assign_one(line, waiting);
                heads.extend(line.head().map(|head| (head, at)));
            }
        }
    }

    fn assign_one(&mut self, line: &mut Served<'_>, waiting: &Waiting) {
        let ranked = line.pool.ranked(&self.roster, line.need, waiting, CANDIDATES_NAMED);
        let Some(first) = ranked.first().copied() else { return };
        let findings = Findings { waiting, pool: line.pool.members(), ranked, reasons: Reasons::NONE };
        self.decisions.push(Decision {
            conversation: waiting.conversation,
            outcome: Outcome::Assign(self.roster.agent(first).id),
            because: Arc::new(findings.explain(&self.roster, line.need)),
        });
        self.given.insert(waiting.conversation);
        self.roster.take(first, waiting.team);
    }

    /// Says why the others stay, where that isn't known yet.
    fn tell_the_rest(&mut self, queues: &[Queue<'_>]) {
        for Queue { need, line } in queues {
            let reasons = self.roster.nearest(need);
            if line.all_told(&reasons) {
                continue;
            }
            let mut shared = None;
            let stays = |waiting: &&Waiting| !self.given.contains(&waiting.conversation);
            let news = |waiting: &&Waiting| waiting.last_reasons.as_ref() != Some(&reasons);
            for waiting in line.entries().values().filter(news).filter(stays) {
                let because = self.why_nobody(need, waiting, &reasons, &mut shared);
                let outcome = Outcome::Nobody;
                self.decisions.push(Decision { conversation: waiting.conversation, outcome, because });
            }
        }
    }

    /// Explains the same to all entries of a line that have neither preference nor exclusion.
    fn why_nobody(
        &self,
        need: &Need<'_>,
        waiting: &Waiting,
        reasons: &Reasons,
        shared: &mut Option<Arc<Because>>,
    ) -> Arc<Because> {
        let explain = || {
            let pool = self.roster.pool(need);
            let findings = Findings { waiting, pool: &pool, ranked: Vec::new(), reasons: reasons.clone() };
            Arc::new(findings.explain(&self.roster, need))
        };
        if waiting.preferred_agent.is_some() || !waiting.excluded.is_empty() {
            explain()
        } else {
            Arc::clone(shared.get_or_insert_with(explain))
        }
    }
}
