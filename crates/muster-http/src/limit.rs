//! A rate limit: at most so many calls in any stretch of time so long.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use muster_core::Timestamp;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Keys remembered unless told otherwise.
pub const DEFAULT_MAX_KEYS: usize = 100_000;

/// Counts calls per key in a window that slides with the clock.
///
/// Refused calls count like any other, so somebody who never pauses stays refused. Time comes as
/// an argument; a clock that steps back is taken to stand still. Not a token bucket: between any
/// instant and the same instant plus the window no more than `limit` calls pass.
#[derive(Debug)]
pub struct SlidingWindow<K = String> {
    limit: usize,
    window: Duration,
    max_keys: usize,
    calls: Mutex<HashMap<K, VecDeque<Timestamp>>>,
}

/// The answer to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    /// Calls allowed in a window.
    pub limit: usize,
    /// Calls that would still pass right now.
    pub remaining: usize,
    /// When the oldest counted call leaves the window: whole seconds since 1970, rounded up.
    pub reset: i64,
}

impl Verdict {
    /// Whole seconds from `now` until the oldest counted call leaves the window, at least one: what `Retry-After` tells
    /// whoever was refused.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> u64 {
        let seconds = self.reset.saturating_sub(now.as_millis().div_euclid(1000));
        u64::try_from(seconds).unwrap_or(0).max(1)
    }

    /// Writes `X-RateLimit-Limit`, `-Remaining` and `-Reset`. `reset` is the verdict's in the unit
    /// that the dialect has.
    pub fn note_on(&self, headers: &mut HeaderMap, reset: i64) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(reset));
    }
}

impl<K: Eq + Hash + Clone> SlidingWindow<K> {
    /// At most `limit` calls per key in any `window`.
    #[must_use]
    pub fn new(limit: usize, window: Duration) -> Self {
        Self { limit, window, max_keys: DEFAULT_MAX_KEYS, calls: Mutex::default() }
    }

    /// Remembers at most this many keys. Beyond it the keys that have been silent longest are
    /// forgotten, a quarter at once.
    #[must_use]
    pub fn max_keys(self, max_keys: usize) -> Self {
        Self { max_keys: max_keys.max(1), ..self }
    }

    /// Counts one call and says whether it may pass.
    pub fn check(&self, key: &K, now: Timestamp) -> Verdict {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if !calls.contains_key(key) {
            self.make_room(&mut calls, now);
        }
        self.count(calls.entry(key.clone()).or_default(), now)
    }

    /// What [`Self::check`] would say now, without counting.
    pub fn look(&self, key: &K, now: Timestamp) -> Verdict {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        self.count(&mut calls.get(key).cloned().unwrap_or_default(), now)
    }

    /// Only the last `limit` calls are kept: an older one can't change any answer.
    fn count(&self, calls: &mut VecDeque<Timestamp>, now: Timestamp) -> Verdict {
        let now = calls.back().map_or(now, |last| now.max(*last));
        while calls.front().is_some_and(|first| self.is_over(*first, now)) {
            calls.pop_front();
        }
        let before = calls.len();
        calls.push_back(now);
        if calls.len() > self.limit {
            calls.pop_front();
        }
        let oldest = calls.front().copied().unwrap_or(now);
        Verdict {
            allowed: before < self.limit,
            limit: self.limit,
            remaining: self.limit.saturating_sub(before + 1),
            reset: ceil_seconds(oldest + self.window),
        }
    }

    fn is_over(&self, call: Timestamp, now: Timestamp) -> bool {
        call + self.window <= now
    }

    fn make_room(&self, calls: &mut HashMap<K, VecDeque<Timestamp>>, now: Timestamp) {
        if calls.len() < self.max_keys {
            return;
        }
        calls.retain(|_, times| times.back().is_some_and(|last| !self.is_over(*last, now)));
        let surplus = calls.len().saturating_sub(self.max_keys - self.max_keys.div_ceil(4));
        if surplus == 0 {
            return;
        }
        let mut silent: Vec<(Option<Timestamp>, K)> =
            calls.iter().map(|(key, times)| (times.back().copied(), key.clone())).collect();
        silent.select_nth_unstable_by_key(surplus - 1, |(last, _)| *last);
        for (_, key) in &silent[..surplus] {
            calls.remove(key);
        }
    }
}

fn ceil_seconds(at: Timestamp) -> i64 {
    let millis = at.as_millis();
    millis.div_euclid(1000) + i64::from(millis.rem_euclid(1000) > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1000)
    }

    fn allowed(window: &SlidingWindow<&str>, seconds: i64) -> bool {
        window.check(&"k", at(seconds)).allowed
    }

    #[test]
    fn nothing_trickles_through_before_the_window_has_passed() {
        let window = SlidingWindow::new(5, MINUTE);
        assert!((0..5).all(|second| allowed(&window, second)));
        assert!(!allowed(&window, 12));
        assert!(!allowed(&window, 59));
    }

    #[test]
    fn refused_calls_count() {
        let window = SlidingWindow::new(1, MINUTE);
        assert!(allowed(&window, 0));
        assert!(!allowed(&window, 59));
        assert!(!allowed(&window, 61));
        assert!(!allowed(&window, 120));
        assert!(allowed(&window, 180));
    }

    #[test]
    fn the_verdict_tells_what_is_left() {
        let window = SlidingWindow::new(2, MINUTE);
        let verdict = window.check(&"k", at(0));
        assert_eq!(verdict, Verdict { allowed: true, limit: 2, remaining: 1, reset: 1_700_000_060 });
        assert_eq!(window.check(&"k", at(10)).remaining, 0);
        let refused = window.check(&"k", Timestamp::from_millis(at(20).as_millis() + 1));
        assert_eq!(refused, Verdict { allowed: false, limit: 2, remaining: 0, reset: 1_700_000_070 });
    }

    #[test]
    fn a_refused_call_is_told_when_to_come_again() {
        let window = SlidingWindow::new(2, MINUTE);
        window.check(&"k", at(0));
        window.check(&"k", at(5));
        let later = |seconds, millis| Timestamp::from_millis(at(seconds).as_millis() + millis);
        for (now, seconds) in [(at(5), 60), (at(10), 55), (later(10, 1), 55), (later(58, 999), 7), (at(59), 6)] {
            assert_eq!(window.look(&"k", now).retry_after(now), seconds, "{now:?}");
        }
        let verdict = window.look(&"k", at(5));
        assert_eq!((verdict.retry_after(at(65)), verdict.retry_after(at(90))), (1, 1));
    }

    #[test]
    fn a_look_counts_nothing() {
        let window = SlidingWindow::new(1, MINUTE);
        assert!(window.look(&"k", at(0)).allowed);
        assert!(window.look(&"k", at(0)).allowed);
        assert!(allowed(&window, 0));
        assert!(!window.look(&"k", at(59)).allowed);
        assert!(window.look(&"k", at(60)).allowed);
    }

    #[test]
    fn keys_do_not_share_and_zero_refuses_all() {
        let window = SlidingWindow::new(1, MINUTE);
        assert!(window.check(&"a", at(0)).allowed);
        assert!(window.check(&"b", at(0)).allowed);
        assert!(!SlidingWindow::new(0, MINUTE).check(&"a", at(0)).allowed);
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_away() {
        let window = SlidingWindow::new(1, MINUTE);
        assert!(allowed(&window, 100));
        assert!(!allowed(&window, 0));
        assert!(!allowed(&window, 159));
    }

    #[test]
    fn memory_is_bounded_and_the_silent_are_forgotten_first() {
        let window = SlidingWindow::new(1, MINUTE).max_keys(8);
        for key in 0..100 {
            assert!(window.check(&key, at(i64::from(key) % 60)).allowed || key >= 60);
            assert!(window.calls.lock().unwrap().len() <= 8);
        }
        let window = SlidingWindow::new(1, MINUTE).max_keys(4);
        for key in 0..5 {
            window.check(&key, at(key));
        }
        assert!(!window.check(&3, at(6)).allowed);
        assert!(window.check(&0, at(6)).allowed);
    }

    proptest! {
        #[test]
        fn agrees_with_counting_all_calls(limit in 0_usize..6, steps in prop::collection::vec(0_i64..40, 1..60)) {
            let window = SlidingWindow::new(limit, MINUTE);
            let mut all: Vec<i64> = Vec::new();
            let mut now = 0;
            for step in steps {
                now += step;
                let inside = all.iter().filter(|call| **call > now - 60).count();
                all.push(now);
                let verdict = window.check(&"k", at(now));
                prop_assert_eq!(verdict.allowed, inside < limit);
                prop_assert_eq!(verdict.remaining, limit.saturating_sub(inside + 1));
            }
        }
    }
}
