//! Randomness that is the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use muster_app::Entropy;

/// Seeds counted from a start: the n-th draw of a test is the same in every run.
#[derive(Debug, Default)]
pub struct TestEntropy(AtomicU64);

impl TestEntropy {
    /// Starts another sequence than [`TestEntropy::default`] does.
    #[must_use]
    pub const fn from_start(start: u64) -> Self {
        Self(AtomicU64::new(start))
    }
}

impl Entropy for TestEntropy {
    fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        seed
    }
}
