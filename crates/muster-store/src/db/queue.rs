//! A bounded queue between async callers and database threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use muster_core::Busy;

pub(super) struct Queue<J> {
    state: Mutex<State<J>>,
    arrived: Condvar,
    capacity: usize,
}

struct State<J> {
    waiting: VecDeque<J>,
    is_open: bool,
}

impl<J> std::fmt::Debug for Queue<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

impl<J> Queue<J> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { waiting: VecDeque::new(), is_open: true };
        Self { state: Mutex::new(state), arrived: Condvar::new(), capacity }
    }

    /// Lets `job` wait for a thread.
    pub(super) fn push(&self, job: J) -> Result<(), Busy> {
        let mut state = self.lock();
        if !state.is_open {
            return Err(Busy::ShuttingDown);
        }
        if state.waiting.len() >= self.capacity {
            return Err(Busy::QueueFull);
        }
        state.waiting.push_back(job);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for jobs and takes this thread's share of them, `most` at the most. `None` once the queue is closed and
    /// empty. `threads` is how many share the queue.
    pub(super) fn take(&self, most: usize, threads: usize) -> Option<Vec<J>> {
        let waited = self.arrived.wait_while(self.lock(), |state| state.waiting.is_empty() && state.is_open);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let share = state.waiting.len().div_ceil(threads.max(1)).min(most.max(1));
        if share == 0 {
            return None;
        }
        Some(state.waiting.drain(..share).collect())
    }

    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Refuses further jobs; those that wait are still taken.
    pub(super) fn close(&self) {
        self.lock().is_open = false;
        self.arrived.notify_all();
    }

    /// No code that holds this lock can panic between two changes, so a poisoned state is a good one.
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
