//! Where the desk's numbers are shown.

use std::net::SocketAddr;

use super::section::section;
use super::value::blank;

section! {
    /// Numbers for Prometheus and whatever reads OpenMetrics.
    Metrics of "metrics" {
        /// An address and port of their own, such as "127.0.0.1:9464", that answers GET /metrics over
        /// plain HTTP. Whoever reaches it may read them: keep it private. Empty: they aren't shown.
        #[serde(with = "blank")]
        listen: Option<SocketAddr> = None,
    }
}
