//! How the program ends: 0 when all went well, 1 when something failed, 2 when it was asked for
//! something that can't be done as it stands.

use std::fmt;
use std::process::ExitCode;

/// A mistake of whoever called the program, or a state of the desk only they can change: wrong
/// flags or configuration, a database of another version. Exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

/// An error in one line, from the outermost to the innermost cause.
pub(crate) fn words(error: &anyhow::Error) -> String {
    let internal = muster_core::Error::internal("").to_string();
    let mut words: Vec<String> = error.chain().map(ToString::to_string).filter(|text| *text != internal).collect();
    words.dedup();
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn an_internal_error_is_told_by_its_cause() {
        let error = Err::<(), _>(muster_core::Error::internal("no such file")).context("the database can't be opened");
        assert_eq!(words(&error.unwrap_err()), "the database can't be opened: no such file");
    }
}
