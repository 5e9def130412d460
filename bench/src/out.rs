//! What the run says: progress to standard error, results to standard output.

use std::io::Write as _;

pub(crate) fn progress(text: &str) {
    // A closed terminal is no reason to stop measuring.
    writeln!(std::io::stderr(), "{text} ...").ok();
}

pub(crate) fn result(text: &str) {
    writeln!(std::io::stdout(), "{text}").ok();
}
