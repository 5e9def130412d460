//! How a backup file begins and ends, around its compressed and perhaps encrypted body.
//!
//! It begins with a line of text, `muster backup 1 plain` or `muster backup 1 sealed <memory> <passes> <salt> <nonce>`,
//! and ends with the line `sha256 <hash of everything before it>`.

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

/// The form that this program writes and reads.
const FORM: &str = "1";
const MAGIC: &str = "muster backup ";
/// The length of the longest first line.
pub(super) const LONGEST: u64 = 256;
const HASH_WORD: &str = "sha256 ";
/// The length of the last line: its word, 64 digits and the line end.
pub(super) const TRAILER: u64 = 72;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Header {
    Plain,
    Sealed(Sealing),
}

/// How the body is encrypted: what the key was made with, beside the passphrase, and what tells this file's frames from
/// another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sealing {
    /// Argon2id's memory and passes.
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) salt: [u8; 32],
    pub(super) nonce: [u8; 16],
}

impl Header {
    pub(super) fn line(&self) -> String {
        match self {
            Self::Plain => format!("{MAGIC}{FORM} plain\n"),
            Self::Sealed(Sealing { memory_kib, passes, salt, nonce }) => {
                format!("{MAGIC}{FORM} sealed {memory_kib} {passes} {} {}\n", hex::encode(salt), hex::encode(nonce))
            }
        }
    }

    /// Reads what the first line says, without its end.
    pub(super) fn parse(line: &str) -> Result<Self> {
        let words = line.strip_prefix(MAGIC).context("this is not a backup of a Muster desk")?;
        let words: Vec<&str> = words.split(' ').collect();
        match words[..] {
            [FORM, "plain"] => Ok(Self::Plain),
            [FORM, "sealed", memory, passes, salt, nonce] => {
                let sealing = sealing(memory, passes, salt, nonce);
                sealing.map(Self::Sealed).context("the backup's first line is damaged")
            }
            [form, ..] if form != FORM && form.bytes().all(|digit| digit.is_ascii_digit()) => {
                bail!("the backup is of form {form}, which this program doesn't know: use the program that wrote it")
            }
            _ => bail!("the backup's first line is damaged"),
        }
    }
}

fn sealing(memory: &str, passes: &str, salt: &str, nonce: &str) -> Option<Sealing> {
    Some(Sealing {
        memory_kib: memory.parse().ok()?,
        passes: passes.parse().ok()?,
        salt: hex::decode(salt).ok()?.try_into().ok()?,
        nonce: hex::decode(nonce).ok()?.try_into().ok()?,
    })
}

/// The last line of a file whose other bytes have gone through `hash`.
pub(super) fn trailer(hash: Sha256) -> String {
    format!("{HASH_WORD}{}\n", hex::encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_read_back() {
        let sealing = Sealing { memory_kib: 65536, passes: 3, salt: [7; 32], nonce: [9; 16] };
        for header in [Header::Plain, Header::Sealed(sealing)] {
            let line = header.line();
            assert!(line.len() as u64 <= LONGEST);
            assert_eq!(Header::parse(line.trim_end()).unwrap(), header);
        }
        assert_eq!(trailer(Sha256::new()).len() as u64, TRAILER);
    }

    #[test]
    fn what_is_no_backup_or_of_another_form_is_told_apart() {
        let told = |line| Header::parse(line).unwrap_err().to_string();
        assert!(told("SQLite format 3").contains("not a backup"));
        assert!(told("muster backup 2 plain").contains("form 2"));
        assert!(told("muster backup 1 plane").contains("damaged"));
        assert!(told("muster backup 1 sealed 1 1 00 00").contains("damaged"));
    }
}
