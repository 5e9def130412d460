use std::borrow::Cow;
use std::collections::BTreeMap;

use super::set::Set;
use super::{Candidate, Reason};

/// What one line of the predicate says of everybody.
pub(super) struct Verdicts {
    pub(super) pass: Set,
    missed: BTreeMap<Reason, Set>,
}

impl Verdicts {
    pub(super) fn judge(agents: &[Cow<'_, Candidate>], line: impl Fn(&Candidate) -> Result<(), Reason>) -> Self {
        let mut verdicts = Self { pass: Set::empty(agents.len()), missed: BTreeMap::new() };
        for (at, agent) in agents.iter().enumerate() {
            verdicts.put(at, agents.len(), line(agent));
        }
        verdicts
    }

    /// Everybody misses for the same reason.
    pub(super) fn all_missed(reason: Reason, size: usize) -> Self {
        Self { pass: Set::empty(size), missed: BTreeMap::from([(reason, Set::everybody(size))]) }
    }

    /// Replaces what was said of an agent.
    pub(super) fn replace(&mut self, at: usize, size: usize, verdict: Result<(), Reason>) {
        self.missed.values_mut().for_each(|set| set.remove(at));
        self.put(at, size, verdict);
    }

    fn put(&mut self, at: usize, size: usize, verdict: Result<(), Reason>) {
        match verdict {
            Ok(()) => self.pass.insert(at),
            Err(reason) => self.missed.entry(reason).or_insert_with(|| Set::empty(size)).insert(at),
        }
    }

    /// Those of `among` who miss, by reason.
    pub(super) fn missed_by(&self, among: &Set) -> Vec<(Reason, Set)> {
        let hit = self.missed.iter().filter(|(_, set)| set.intersects(among));
        hit.map(|(reason, set)| (*reason, set.and(among))).collect()
    }
}
