//! What is logged, and how.

use serde::{Deserialize, Serialize};

use super::section::section;

section! {
    /// What the desk tells of its life, on standard error.
    Log of "log" {
        /// "text" for people, or "json" for collectors: one object a line.
        format: LogFormat = LogFormat::Text,
        /// How much `muster serve` tells: error, warn, info, debug, or by part such as
        /// "info,muster_http=debug", which tells of every request. MUSTER_LOG goes before it.
        filter: String = "info".to_owned(),
    }
}

/// The shape of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}
