//! Sealing: secrets that the desk has to read again (not only compare) are stored encrypted, under a
//! key that isn't in the database.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use muster_core::{Error, Result};
use sha2::Sha256;

use crate::Draw;

/// The key of `secret.key`.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key for one purpose, from which neither this one nor that of another purpose can be found.
    pub(crate) fn derived(&self, purpose: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key may have any length");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

/// Says how a stored text was sealed: XChaCha20-Poly1305, base64 of nonce and ciphertext.
const PREFIX: &str = "sealed:1:";
const NONCE_LEN: usize = 24;

pub(crate) struct Seal(XChaCha20Poly1305);

impl Seal {
    pub(crate) fn new(key: &SecretKey) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(key.0)))
    }

    /// Seals a secret for the store.
    pub(crate) fn close(&self, secret: &str, draw: &mut Draw) -> Result<String> {
        let random = draw.bytes();
        let nonce: [u8; NONCE_LEN] = std::array::from_fn(|at| random[at]);
        let sealed = self.0.encrypt(&XNonce::from(nonce), secret.as_bytes()).map_err(|_| failed("seal"))?;
        Ok(format!("{PREFIX}{}", STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// Opens what [`Self::close`] sealed.
    pub(crate) fn open(&self, stored: &str) -> Result<String> {
        let opened = stored.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok()).and_then(|bytes| {
            let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
            self.0.decrypt(&XNonce::from(*nonce), sealed).ok()
        });
        opened.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| failed("open"))
    }
}

fn failed(what: &str) -> Error {
    Error::internal(format!("can't {what} a stored secret: secret.key doesn't fit the database"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&SecretKey::new([byte; 32]))
    }

    #[test]
    fn only_the_same_key_opens_what_was_sealed() {
        let mut draw = Draw::new([7; 32]);
        let stored = seal(1).close("letters and digits", &mut draw).unwrap();
        assert!(!stored.contains("letters"));
        assert_eq!(seal(1).open(&stored).unwrap(), "letters and digits");
        assert!(seal(2).open(&stored).is_err());
        assert!(seal(1).open(&stored.replace(PREFIX, "")).is_err());
        assert_ne!(stored, seal(1).close("letters and digits", &mut draw).unwrap());
    }
}
