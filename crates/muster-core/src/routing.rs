#![doc = include_str!("routing/README.md")]

mod board;
mod candidate;
mod decide;
mod eligible;
mod explain;
mod order;
mod policy;
mod reason;
mod roster;
mod set;
mod timing;
mod verdicts;

pub use board::{Board, Exclusion, TeamRules, Waiting};
pub use candidate::{Candidate, Seat};
pub use decide::{Decision, Outcome, decide};
pub use eligible::{able, eligible, room};
pub use explain::{Asked, Because, CANDIDATES_NAMED, EXCLUDED_NAMED, Excluded, Explanation, Ranked, explain};
pub use policy::Policy;
pub use reason::{Reason, Reasons, UnknownReason};
pub use timing::next_change;
