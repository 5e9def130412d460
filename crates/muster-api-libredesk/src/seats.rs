//! How many sockets somebody has open.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Seats for each key: a contact, an agent, an address. Clones are the same seats.
#[derive(Debug, Clone)]
pub(crate) struct Seats<K> {
    most: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// A seat; given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat<K: Eq + Hash> {
    seats: Seats<K>,
    key: K,
}

impl<K> Seats<K> {
    /// At most so many for each key.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone> Seats<K> {
    /// A seat, unless all are taken.
    pub(crate) fn take(&self, key: K) -> Option<Seat<K>> {
        let mut taken = self.taken();
        let count = taken.get(&key).copied().unwrap_or_default();
        if count >= self.most {
            return None;
        }
        taken.insert(key.clone(), count + 1);
        drop(taken);
        Some(Seat { seats: self.clone(), key })
    }
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_and_gets_them_back() {
        let seats = Seats::new(10);
        let mut taken: Vec<_> = (0..10).filter_map(|_| seats.take(1)).collect();
        assert_eq!(taken.len(), 10);
        assert!(seats.take(1).is_none());
        assert!(seats.take(2).is_some());
        taken.pop();
        assert!(seats.take(1).is_some());
        taken.clear();
        assert!(seats.taken().is_empty());
    }
}
