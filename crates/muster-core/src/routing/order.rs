use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::board::Demand;
use super::roster::{Need, Roster};
use super::set::Set;
use super::{Candidate, Waiting};
use crate::time::Timestamp;

/// Where an agent stands among those who may have a conversation: the smallest gets it. The fields
/// are compared in order.
///
/// Taking a conversation always makes it larger, because the load is compared first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    load: u16,
    /// The lowest of the agent's levels in the skills asked for.
    level: Reverse<u8>,
    order: i32,
    assignment_count: i64,
    /// Never assigned comes first.
    last_assigned_at: Option<Timestamp>,
    /// Place in the roster, which is in order of id.
    agent: usize,
}

impl Standing {
    fn new(agent: usize, candidate: &Candidate, demand: &Demand) -> Self {
        let seat = demand.team.and_then(|team| candidate.seat(team));
        let levels = demand.skills.iter().filter_map(|asked| candidate.levels.get(&asked.skill));
        Self {
            load: candidate.state.load,
            level: Reverse(levels.min().copied().unwrap_or_default()),
            order: seat.map_or(0, |seat| seat.order),
            assignment_count: seat.map_or(0, |seat| seat.assignment_count),
            last_assigned_at: candidate.state.last_assigned_at,
            agent,
        }
    }
}

/// The agents who may have what waits in one line, and their order.
///
/// Within a round nobody's standing gets better. So a standing noted earlier is a lower bound, and
/// is worked out again only when its turn comes.
pub(super) struct Pool {
    members: Set,
    standings: Option<BinaryHeap<Reverse<Standing>>>,
}

impl Pool {
    pub(super) fn new(roster: &Roster<'_>, need: &Need<'_>) -> Self {
        Self { members: roster.pool(need), standings: None }
    }

    pub(super) fn members(&self) -> &Set {
        &self.members
    }

    /// Drops whoever has no room any more, and tells whether anybody is left.
    pub(super) fn refresh(&mut self, roster: &Roster<'_>, need: &Need<'_>) -> bool {
        roster.refresh(need, &mut self.members);
        !self.members.is_empty()
    }

    /// The first `limit` agents in order, by their place in the roster: the preferred one, then by
    /// standing. Whoever the entry excludes is left out.
    pub(super) fn ranked(
        &mut self,
        roster: &Roster<'_>,
        need: &Need<'_>,
        waiting: &Waiting,
        limit: usize,
    ) -> Vec<usize> {
        let preferred = waiting.preferred_agent.filter(|agent| !waiting.excludes(*agent, roster.now()));
        let preferred = preferred.and_then(|agent| roster.find(agent)).filter(|at| self.members.contains(*at));
        let mut ranked: Vec<usize> = preferred.into_iter().collect();
        let mut passed = Vec::new();
        while ranked.len() < limit
            && let Some(standing) = self.pop(roster, need)
        {
            passed.push(Reverse(standing));
            let at = standing.agent;
            if Some(at) != preferred && !waiting.excludes(roster.agent(at).id, roster.now()) {
                ranked.push(at);
            }
        }
        self.standings(roster, need).extend(passed);
        ranked
    }

    /// Takes the best standing that is still true.
    fn pop(&mut self, roster: &Roster<'_>, need: &Need<'_>) -> Option<Standing> {
        loop {
            let Reverse(noted) = self.standings(roster, need).pop()?;
            if !self.members.contains(noted.agent) {
                continue;
            }
            let current = Standing::new(noted.agent, roster.agent(noted.agent), need.demand);
            if current == noted {
                return Some(noted);
            }
            self.standings(roster, need).push(Reverse(current));
        }
    }

    fn standings(&mut self, roster: &Roster<'_>, need: &Need<'_>) -> &mut BinaryHeap<Reverse<Standing>> {
        let members = &self.members;
        let standing = |at| Reverse(Standing::new(at, roster.agent(at), need.demand));
        self.standings.get_or_insert_with(|| members.iter().map(standing).collect())
    }
}
