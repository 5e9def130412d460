//! Randomness, injected: a desk draws seeds from its [`Entropy`], and everything else from those.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use muster_core::Timestamp;
use muster_core::id::PublicId;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub trait Entropy: Send + Sync + fmt::Debug {
    /// 256 bits nobody can guess.
    fn seed(&self) -> [u8; 32];
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that asks the operating system for randomness"
    )]
    fn seed(&self) -> [u8; 32] {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system's generator works");
        seed
    }
}

/// A stream of random values from one seed: SHA-256 over the seed and a counter. The same seed
/// gives the same values again, so a transaction that is run anew draws the same ids.
#[derive(Clone)]
pub struct Draw {
    seed: [u8; 32],
    count: u64,
}

impl fmt::Debug for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draw").finish_non_exhaustive()
    }
}

impl Draw {
    #[must_use]
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, count: 0 }
    }

    /// The next 32 bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        self.count += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.count.to_be_bytes());
        hash.finalize().into()
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let bytes = self.bytes();
        std::array::from_fn(|at| bytes[at])
    }

    /// A random UUID, for things whose name must not be guessed.
    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.take()).into_uuid()
    }

    /// A UUID that sorts by time, for rows.
    pub fn uuid_at(&mut self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.take()).into_uuid()
    }

    pub fn public_id(&mut self) -> PublicId {
        PublicId::from_random(self.take())
    }

    /// A secret of 256 bits as 43 characters of URL-safe base64.
    pub fn token(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// `length` random letters and digits.
    pub fn alphanumeric(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // 248 is the largest multiple of 62 that fits a byte: what lies above would favour the first letters.
            let fair = self.bytes().into_iter().filter(|byte| *byte < 248);
            text.extend(fair.map(|byte| char::from(ALPHABET[usize::from(byte) % 62])).take(length - text.len()));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_values() {
        let values = |seed| {
            let mut draw = Draw::new([seed; 32]);
            (draw.uuid(), draw.public_id(), draw.token(), draw.alphanumeric(64))
        };
        assert_eq!(values(1), values(1));
        assert_ne!(values(1), values(2));
        let (_, public_id, token, text) = values(3);
        assert_eq!((public_id.as_str().len(), token.len(), text.len()), (17, 43, 64));
    }
}
