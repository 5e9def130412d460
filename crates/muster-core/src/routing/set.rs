/// A set of agents by their place in the roster, one bit each. Sets that are combined have the
/// same size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set(Vec<u64>);

const BITS: usize = u64::BITS as usize;

impl Set {
    pub(super) fn empty(size: usize) -> Self {
        Self(vec![0; size.div_ceil(BITS)])
    }

    /// Everybody from 0 to `size`.
    pub(super) fn everybody(size: usize) -> Self {
        let mut set = Self::empty(size);
        for at in 0..size {
            set.insert(at);
        }
        set
    }

    pub(super) fn insert(&mut self, at: usize) {
        self.0[at / BITS] |= 1 << (at % BITS);
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.0[at / BITS] &= !(1 << (at % BITS));
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.0[at / BITS] & (1 << (at % BITS)) != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn intersects(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Keeps those who are in `other` too.
    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    /// In ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * BITS + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const SIZE: usize = 150;

    fn set(members: &BTreeSet<usize>) -> Set {
        let mut set = Set::empty(SIZE);
        members.iter().for_each(|at| set.insert(*at));
        set
    }

    proptest! {
        #[test]
        fn behaves_as_an_ordered_set(a in prop::collection::btree_set(0..SIZE, 0..SIZE), b in prop::collection::btree_set(0..SIZE, 0..SIZE)) {
            let (x, y) = (set(&a), set(&b));
            let both: BTreeSet<usize> = a.intersection(&b).copied().collect();
            let only: BTreeSet<usize> = a.difference(&b).copied().collect();
            prop_assert_eq!(x.iter().collect::<Vec<_>>(), a.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(x.len(), a.len());
            prop_assert_eq!(x.is_empty(), a.is_empty());
            prop_assert_eq!(x.intersects(&y), !both.is_empty());
            prop_assert_eq!(x.and(&y), set(&both));
            prop_assert_eq!(x.without(&y), set(&only));
            let mut kept = x.clone();
            kept.keep(&y);
            prop_assert_eq!(kept, set(&both));
            prop_assert!((0..SIZE).all(|at| x.contains(at) == a.contains(&at)));
            prop_assert_eq!(Set::everybody(SIZE).without(&x).len(), SIZE - a.len());
        }
    }
}
