//! Jobs: work to be done later or outside a transaction.

use crate::word::words;

words! {
    /// How a job stands.
    pub enum JobState {
        /// Given up; only a person brings it back.
        Dead = "dead",
        /// To be done, now or later, or in hand.
        Waiting = "waiting",
        Done = "done",
    }
}
