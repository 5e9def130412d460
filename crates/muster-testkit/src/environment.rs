//! The test runner's environment.

/// The value of an environment variable, unless it is missing, empty or not UTF-8.
#[expect(clippy::disallowed_methods, reason = "the test runner's environment, not the desk's")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
