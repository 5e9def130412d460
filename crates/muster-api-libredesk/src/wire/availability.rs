//! The five words for presence.

use muster_core::presence::{Shown, Wish};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Failure, Result};

// Wire (documented, "Update agent", 2025-09): the words and their order.
/// Whether an agent is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AvailabilityStatus {
    Online,
    /// Without input for a while.
    Away,
    /// Chosen.
    AwayManual,
    Offline,
    /// Chosen; open conversations go back to the queue.
    AwayAndReassigning,
}

impl AvailabilityStatus {
    const ALL: [(&'static str, Self); 5] = [
        ("online", Self::Online),
        ("away", Self::Away),
        ("away_manual", Self::AwayManual),
        ("offline", Self::Offline),
        ("away_and_reassigning", Self::AwayAndReassigning),
    ];

    /// Reads the word a caller sent in `field`.
    pub(crate) fn parse(field: &str, word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|(known, _)| *known == word);
        found.map(|(_, status)| status).ok_or_else(|| Failure::invalid(field))
    }

    /// What a caller who sends it wants.
    pub(crate) const fn wish(self) -> Wish {
        match self {
            Self::Online => Wish::Ready,
            Self::Away => Wish::Idle,
            Self::AwayManual => Wish::Paused,
            Self::Offline => Wish::Hidden,
            Self::AwayAndReassigning => Wish::Reassigning,
        }
    }
}

impl From<Shown> for AvailabilityStatus {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Ready | Shown::WrapUp | Shown::Declared { idle: false } => Self::Online,
            Shown::Idle | Shown::Declared { idle: true } => Self::Away,
            Shown::Paused => Self::AwayManual,
            Shown::Reassigning => Self::AwayAndReassigning,
            Shown::Offline | Shown::Blocked => Self::Offline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_as_it_is_written() {
        for (word, status) in AvailabilityStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), word);
            assert_eq!(AvailabilityStatus::parse("status", word).unwrap(), status);
        }
        for word in ["", "Online", "busy"] {
            assert!(AvailabilityStatus::parse("status", word).is_err(), "{word}");
        }
    }
}
