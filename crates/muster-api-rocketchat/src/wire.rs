//! The shapes on the wire, without logic beyond translation.

pub(crate) mod agent;
pub(crate) mod department;
pub(crate) mod department_agents;
pub(crate) mod department_request;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod user;
pub(crate) mod user_request;

use muster_core::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// An instant: ISO 8601, UTC, always with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct Time(pub(crate) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = self.0.as_millis();
        let whole = Timestamp::from_millis(millis - millis.rem_euclid(1000)).to_string();
        let fraction = millis.rem_euclid(1000);
        serializer.serialize_str(&format!("{}.{fraction:03}Z", whole.trim_end_matches('Z')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_three_digits_of_a_second() {
        let shown = |millis| serde_json::to_string(&Time(Timestamp::from_millis(millis))).unwrap();
        assert_eq!(shown(1_756_375_200_000), "\"2025-08-28T10:00:00.000Z\"");
        assert_eq!(shown(1_756_375_200_120), "\"2025-08-28T10:00:00.120Z\"");
        assert_eq!(shown(-1), "\"1969-12-31T23:59:59.999Z\"");
    }
}
