//! Encryption with a passphrase: Argon2id makes the key, XChaCha20-Poly1305 seals the body frame by frame.
//!
//! A frame's nonce is the file's own, the frame's number and whether it is the last one, so frames can be neither left
//! out nor exchanged nor added; the file's first line is authenticated with each of them.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use muster_app::Entropy;

use super::header::{Header, Sealing};
use crate::exit::Usage;

/// Bytes of a frame before it is sealed; the last one may have fewer.
const FRAME: usize = 64 * 1024;
/// What sealing adds to a frame.
const TAG: usize = 16;
/// Argon2id's cost for new backups.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// More than any program of ours asks for; what a stranger's file may ask for at most.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 32;
/// The fewest characters of a passphrase for a new backup.
const SHORTEST: usize = 12;

/// What the operator keeps and the file doesn't hold.
#[derive(Clone)]
pub(crate) struct Passphrase(String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

impl Passphrase {
    /// Reads a file that holds a passphrase in its one line.
    ///
    /// # Errors
    /// [`Usage`] if the file can't be read or holds nothing.
    pub(crate) fn read(file: &Path) -> Result<Self, Usage> {
        let text = fs::read_to_string(file);
        let text = text.map_err(|error| Usage::new(format!("the passphrase file {}: {error}", file.display())))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Usage::new(format!("the passphrase file {} is empty", file.display())));
        }
        Ok(Self(text.to_owned()))
    }

    /// Makes sure that it is good enough for a new backup.
    ///
    /// # Errors
    /// [`Usage`] if it is too short.
    pub(crate) fn check(&self) -> Result<(), Usage> {
        if self.0.chars().count() < SHORTEST {
            return Err(Usage::new(format!("the passphrase is too short: it takes {SHORTEST} characters or more")));
        }
        Ok(())
    }
}

impl Sealing {
    /// How a new backup is sealed.
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let random = entropy.seed();
        let nonce = std::array::from_fn(|at| random[at]);
        Self { memory_kib: MEMORY_KIB, passes: PASSES, salt: entropy.seed(), nonce }
    }
}

/// Seals and opens the frames of one file, in order.
struct Frames {
    cipher: XChaCha20Poly1305,
    /// Of the file.
    nonce: [u8; 16],
    /// Authenticated with each frame.
    line: String,
    next: u64,
}

impl Frames {
    fn new(sealing: &Sealing, passphrase: &Passphrase) -> Result<Self> {
        if sealing.memory_kib > MOST_MEMORY_KIB || sealing.passes > MOST_PASSES {
            bail!("the backup asks for more work to make its key than any backup of ours");
        }
        let params = Params::new(sealing.memory_kib, sealing.passes, 1, Some(32));
        let params = params.map_err(|error| anyhow::anyhow!("the key can't be made: {error}"))?;
        let mut key = [0; 32];
        let made = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            passphrase.0.as_bytes(),
            &sealing.salt,
            &mut key,
        );
        made.map_err(|error| anyhow::anyhow!("the key can't be made: {error}"))?;
        let cipher = XChaCha20Poly1305::new(&Key::from(key));
        Ok(Self { cipher, nonce: sealing.nonce, line: Header::Sealed(sealing.clone()).line(), next: 0 })
    }

    fn seal(&mut self, frame: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.nonce(is_last);
        let payload = Payload { msg: frame, aad: self.line.as_bytes() };
        self.cipher.encrypt(&nonce, payload).map_err(|_| io::Error::other("the backup can't be encrypted"))
    }

    fn open(&mut self, frame: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.nonce(is_last);
        let payload = Payload { msg: frame, aad: self.line.as_bytes() };
        let opened = self.cipher.decrypt(&nonce, payload);
        opened
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the passphrase is not the one it was sealed with"))
    }

    /// The nonce of the next frame: 16 bytes of the file, 7 of the number, 1 of whether it is the last.
    fn nonce(&mut self, is_last: bool) -> XNonce {
        let mut nonce = [0; 24];
        nonce[..16].copy_from_slice(&self.nonce);
        nonce[16..23].copy_from_slice(&self.next.to_be_bytes()[1..]);
        nonce[23] = u8::from(is_last);
        self.next += 1;
        XNonce::from(nonce)
    }
}

/// Seals what is written to it.
pub(super) struct Sealer<W> {
    out: W,
    frames: Frames,
    frame: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    pub(super) fn new(out: W, sealing: &Sealing, passphrase: &Passphrase) -> Result<Self> {
        let frames = Frames::new(sealing, passphrase).context("the backup can't be encrypted")?;
        Ok(Self { out, frames, frame: Vec::with_capacity(FRAME) })
    }

    /// Writes the last frame.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let sealed = self.frames.seal(&self.frame, true)?;
        self.out.write_all(&sealed)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.frame.len() == FRAME {
            let sealed = self.frames.seal(&self.frame, false)?;
            self.out.write_all(&sealed)?;
            self.frame.clear();
        }
        let taken = bytes.len().min(FRAME - self.frame.len());
        self.frame.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// A frame is written when it is full, and not before.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens what a [`Sealer`] wrote.
pub(super) struct Opener<R> {
    sealed: R,
    /// Bytes that are still to be read.
    left: u64,
    frames: Frames,
    frame: Vec<u8>,
    /// Of `frame`: bytes that have been handed out.
    read: usize,
}

impl<R: Read> Opener<R> {
    /// `length` is that of all sealed frames together.
    pub(super) fn new(sealed: R, length: u64, sealing: &Sealing, passphrase: &Passphrase) -> Result<Self> {
        Ok(Self { sealed, left: length, frames: Frames::new(sealing, passphrase)?, frame: Vec::new(), read: 0 })
    }

    fn next_frame(&mut self) -> io::Result<()> {
        let full = FRAME + TAG;
        let length = usize::try_from(self.left).unwrap_or(full).min(full);
        let mut sealed = vec![0; length];
        self.sealed.read_exact(&mut sealed)?;
        self.left -= length as u64;
        self.frame = self.frames.open(&sealed, self.left == 0)?;
        self.read = 0;
        Ok(())
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.read == self.frame.len() && self.left > 0 {
            self.next_frame()?;
        }
        let mut rest = &self.frame[self.read..];
        let read = rest.read(out)?;
        self.read += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use muster_app::OsEntropy;

    use super::*;

    fn sealing() -> Sealing {
        Sealing { memory_kib: 8, passes: 1, ..Sealing::new(&OsEntropy) }
    }

    fn passphrase(text: &str) -> Passphrase {
        Passphrase(text.to_owned())
    }

    fn sealed(text: &[u8], sealing: &Sealing) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), sealing, &passphrase("a good passphrase")).unwrap();
        sealer.write_all(text).unwrap();
        sealer.finish().unwrap()
    }

    fn opened(sealed: &[u8], sealing: &Sealing, with: &str) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let mut opener = Opener::new(sealed, sealed.len() as u64, sealing, &passphrase(with)).unwrap();
        opener.read_to_end(&mut text).map(|_| text)
    }

    #[test]
    fn what_was_sealed_is_opened_by_the_same_passphrase_only() {
        for length in [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME] {
            let text: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let sealing = sealing();
            let body = sealed(&text, &sealing);
            assert!(opened(&body, &sealing, "a good passphrase").unwrap() == text, "{length}");
            assert!(opened(&body, &sealing, "a bad passphrase").is_err(), "{length}");
        }
    }

    #[test]
    fn frames_left_out_exchanged_or_of_another_file_are_refused() {
        let sealing = sealing();
        let body = sealed(&vec![7; 2 * FRAME + 9], &sealing);
        let full = FRAME + TAG;
        let (one, two, last) = (&body[..full], &body[full..2 * full], &body[2 * full..]);
        let refused = |frames: &[&[u8]]| opened(&frames.concat(), &sealing, "a good passphrase").is_err();
        assert!(!refused(&[one, two, last]));
        for frames in [&[one, two][..], &[one, last], &[two, one, last], &[one, two, last, last], &[one, one, last]] {
            assert!(refused(frames));
        }
        let other = Sealing { passes: 2, ..sealing.clone() };
        assert!(opened(&body, &other, "a good passphrase").is_err());
    }

    #[test]
    fn a_passphrase_is_one_line_and_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "correct horse\r\n").unwrap();
        let passphrase = Passphrase::read(file.path()).unwrap();
        assert_eq!(passphrase.0, "correct horse");
        assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
        assert!(passphrase.check().is_ok());
        fs::write(file.path(), "short\n").unwrap();
        assert!(Passphrase::read(file.path()).unwrap().check().is_err());
        fs::write(file.path(), "\n").unwrap();
        assert!(Passphrase::read(file.path()).is_err());
    }
}
