//! What the program says to the person, or the script, at the other end: results on standard
//! output, complaints on standard error. The log is not this: see [`crate::telemetry`].

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints one line and hands it over at once, so that a script that waits for it sees it.
///
/// # Errors
/// Those of standard output.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Prints a complaint. There is nobody left to tell if that fails.
pub(crate) fn complaint(text: impl Display) {
    drop(writeln!(io::stderr().lock(), "muster: {text}"));
}
