//! How long a test goes on: `make test` must end within minutes, `make test-long` may take hours.

use crate::environment::variable;

/// The number of rounds a race, crash or random test plays: `usual`, or `long` under `MUSTER_TEST_LONG=1`.
#[must_use]
pub fn rounds(usual: usize, long: usize) -> usize {
    if variable("MUSTER_TEST_LONG").is_some_and(|value| value == "1") { long } else { usual }
}
