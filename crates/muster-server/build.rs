//! Tells the program which commit it was built from, where git knows.

use std::process::Command;

fn main() {
    // The log of HEAD changes with every commit and every switch of branches.
    for watched in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", watched]) {
            instruct(&format!("rerun-if-changed={path}"));
        }
    }
    instruct("rerun-if-changed=build.rs");
    // Not the time of the build: the same sources make the same program.
    let committed = git(&["log", "-1", "--format=%ct"]).unwrap_or_else(|| "0".to_owned());
    instruct(&format!("rustc-env=MUSTER_COMMITTED={committed}"));
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    let commit = commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
    instruct(&format!("rustc-env=MUSTER_VERSION={}{commit}", env!("CARGO_PKG_VERSION")));
}

/// What git answers; `None` without git or outside a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !answer.trim().is_empty()).then(|| answer.trim().to_owned())
}

fn instruct(instruction: &str) {
    println!("cargo::{instruction}");
}
