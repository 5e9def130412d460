//! What the desk takes on at most, so that a flood or a full disk leaves it working.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::section::section;
use crate::exit::Usage;

section! {
    /// What the desk takes on at most: see docs/operate/overload.md.
    Limits of "limits" {
        /// Below this much free space on the disk of the data directory the desk becomes read-only,
        /// before the disk is really full: work can still be ended and erased. "0" asks for nothing.
        /// A database on PostgreSQL is that server's business.
        min_free: ByteSize = ByteSize::mebibytes(64),
        /// What the SQLite database may grow to; beyond it the desk is read-only, as on a full disk.
        /// "0" sets no bound.
        database_size: ByteSize = ByteSize::mebibytes(0),
        /// Connections open at once on each listener, without sockets. More wait to be accepted.
        connections: usize = 4_000,
        /// Of these, how many one address may have. Loopback addresses and server.trusted_proxies may
        /// have all.
        connections_per_address: usize = 1_000,
        /// Visitors' sockets open at once. Each needs an open file: see `ulimit -n`.
        visitor_sockets: usize = 15_000,
        /// Of these, how many one address may have.
        visitor_sockets_per_address: usize = 500,
        /// Messages of one visitor in any minute.
        visitor_messages_per_minute: usize = 30,
    }
}

/// More than any machine has connections for.
const CONNECTIONS_MAX: usize = 1_000_000;

impl Limits {
    /// # Errors
    /// Numbers with which a desk would answer nobody, or that it can't count to.
    pub(super) fn check(&self) -> Result<(), Usage> {
        for (key, count) in
            [("connections", self.connections), ("connections_per_address", self.connections_per_address)]
        {
            if count == 0 || count > CONNECTIONS_MAX {
                return Err(Usage::new(format!("limits.{key}: expected a number from 1 to {CONNECTIONS_MAX}")));
            }
        }
        if self.visitor_sockets > CONNECTIONS_MAX {
            return Err(Usage::new(format!("limits.visitor_sockets: expected {CONNECTIONS_MAX} at the most")));
        }
        Ok(())
    }
}

/// A number of bytes, written with a unit: "64MiB".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ByteSize(u64);

/// The units, the largest first.
const UNITS: [(&str, u64); 6] =
    [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)];

impl ByteSize {
    const fn mebibytes(count: u64) -> Self {
        Self(count << 20)
    }

    pub(crate) const fn bytes(self) -> u64 {
        self.0
    }

    /// `None` for 0.
    pub(crate) fn bound(self) -> Option<u64> {
        Some(self.0).filter(|bytes| *bytes > 0)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, size)| self.0 > 0 && self.0.is_multiple_of(*size)) {
            Some((unit, size)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for ByteSize {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let unit = UNITS.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)));
        let (number, size) = unit.unwrap_or((text, 1));
        let bytes = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(size));
        bytes.map(Self).ok_or("expected a size such as \"64MiB\", or \"0\"")
    }
}

impl TryFrom<String> for ByteSize {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ByteSize> for String {
    fn from(size: ByteSize) -> Self {
        size.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_that_would_answer_nobody_is_refused() {
        let fine = Limits { visitor_sockets: 0, ..Limits::default() };
        assert!(fine.check().is_ok());
        for count in [0, CONNECTIONS_MAX + 1] {
            assert!(Limits { connections: count, ..Limits::default() }.check().is_err(), "{count}");
            assert!(Limits { connections_per_address: count, ..Limits::default() }.check().is_err(), "{count}");
        }
        assert!(Limits { visitor_sockets: usize::MAX, ..Limits::default() }.check().is_err());
    }

    #[test]
    fn a_size_is_read_and_written() {
        for (text, bytes, written) in [
            ("64MiB", 64 << 20, "64MiB"),
            (" 2 GiB ", 2 << 30, "2GiB"),
            ("1536KiB", 1536 << 10, "1536KiB"),
            ("5MB", 5_000_000, "5MB"),
            ("7", 7, "7"),
            ("0", 0, "0"),
        ] {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!((size.bytes(), size.to_string().as_str()), (bytes, written), "{text}");
        }
        for text in ["", "MiB", "-1", "1.5GiB", "99999999999GiB", "64 megabytes"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
