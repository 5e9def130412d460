//! Wrong passwords and codes, counted by account: after so many the account takes none for a while, right or wrong.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use muster_core::id::AgentId;
use muster_core::{Refusal, Result, Timestamp};
use sha2::{Digest as _, Sha256};

/// What failures are counted in.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// More accounts than this and those that nobody has are forgotten.
const MOST: usize = 50_000;

/// What somebody tries to get into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Account {
    Agent(AgentId),
    /// A name that nobody has, which must not show: its hash.
    Nobody([u8; 32]),
}

impl Account {
    pub(crate) fn nobody(name: &str) -> Self {
        Self::Nobody(Sha256::digest(name.as_bytes()).into())
    }
}

#[derive(Debug)]
pub(crate) struct Attempts {
    /// Failures in a window; 0: as many as come.
    limit: usize,
    failures: Mutex<HashMap<Account, VecDeque<Timestamp>>>,
}

impl Attempts {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, failures: Mutex::default() }
    }

    /// Whether the account takes a try now. To be asked before a password is looked at, and again before it counts as
    /// right: others may have failed meanwhile.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`].
    pub(crate) fn check(&self, account: Account, now: Timestamp) -> Result<()> {
        match self.failures().get_mut(&account) {
            Some(times) => self.look(times, now),
            None => Ok(()),
        }
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] if the account takes no tries: then nobody is to hear that this one was wrong.
    pub(crate) fn fail(&self, account: Account, now: Timestamp) -> Result<()> {
        if self.limit == 0 {
            return Ok(());
        }
        let mut failures = self.failures();
        if failures.len() >= MOST {
            make_room(&mut failures, now);
        }
        let times = failures.entry(account).or_default();
        self.look(times, now)?;
        times.push_back(now);
        Ok(())
    }

    fn look(&self, times: &mut VecDeque<Timestamp>, now: Timestamp) -> Result<()> {
        while times.front().is_some_and(|first| is_over(*first, now)) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= self.limit => {
                let wait = (*first + WINDOW).since(now).as_millis().div_ceil(1000);
                Err(Refusal::TooManyAttempts { wait: u64::try_from(wait).unwrap_or(u64::MAX) }.into())
            }
            _ => Ok(()),
        }
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<Account, VecDeque<Timestamp>>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(failure: Timestamp, now: Timestamp) -> bool {
    failure + WINDOW <= now
}

fn make_room(failures: &mut HashMap<Account, VecDeque<Timestamp>>, now: Timestamp) {
    failures.retain(|_, times| times.back().is_some_and(|last| !is_over(*last, now)));
    if failures.len() >= MOST {
        failures.retain(|account, _| matches!(account, Account::Agent(_)));
    }
}

#[cfg(test)]
mod tests {
    use muster_core::Error;

    use super::*;

    const KIM: Account = Account::Agent(AgentId(1));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn an_account_takes_no_try_until_its_oldest_failure_is_over() {
        let attempts = Attempts::new(2);
        attempts.fail(KIM, at(0)).unwrap();
        attempts.check(KIM, at(1)).unwrap();
        attempts.fail(KIM, at(60)).unwrap();
        for refused in [attempts.check(KIM, at(61)), attempts.fail(KIM, at(61))] {
            assert!(matches!(refused, Err(Error::Refused(Refusal::TooManyAttempts { wait: 839 }))), "{refused:?}");
        }
        attempts.check(Account::nobody("kim"), at(61)).unwrap();
        attempts.check(KIM, at(900)).unwrap();
        attempts.fail(KIM, at(900)).unwrap();
        assert!(attempts.check(KIM, at(901)).is_err());
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let attempts = Attempts::new(0);
        for second in 0..100 {
            attempts.fail(KIM, at(second)).unwrap();
        }
        attempts.check(KIM, at(100)).unwrap();
    }

    #[test]
    fn a_flood_of_made_up_names_does_not_wash_an_agent_away() {
        let attempts = Attempts::new(1);
        attempts.fail(KIM, at(0)).unwrap();
        for number in 0..=MOST {
            attempts.fail(Account::nobody(&number.to_string()), at(1)).unwrap();
        }
        assert!(attempts.check(KIM, at(2)).is_err());
        assert!(attempts.failures().len() < MOST);
    }
}
