//! `muster doctor`: says in plain words what is wrong or missing.

mod backup;
mod certificate;
mod clock;
mod configuration;
mod database;
mod disk;
mod files;
mod mail;
mod postgres;
mod system;

use std::path::Path;

use anyhow::Result;

use crate::config::Config;
use crate::out;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Fine(String),
    /// Nothing is broken, but it may not be what was meant.
    Note(String),
    Wrong(String),
}

/// Looks at everything and prints what it found.
///
/// # Errors
/// How many things are wrong, if any.
pub(crate) async fn run(config: &Config, file: Option<&Path>) -> Result<()> {
    let mut findings = configuration::look(config);
    findings.extend(certificate::look(config));
    findings.extend(file.and_then(files::configuration));
    findings.extend(files::look(config));
    findings.extend(system::look(config));
    findings.push(clock::look());
    findings.extend(database::look(config).await);
    findings.extend(backup::look(config));
    findings.extend(mail::look(config).await);
    for finding in &findings {
        out::line(match finding {
            Finding::Fine(text) => format!("ok     {text}"),
            Finding::Note(text) => format!("note   {text}"),
            Finding::Wrong(text) => format!("WRONG  {text}"),
        })?;
    }
    match findings.iter().filter(|finding| matches!(finding, Finding::Wrong(_))).count() {
        0 => Ok(()),
        1 => anyhow::bail!("one thing is wrong"),
        wrong => anyhow::bail!("{wrong} things are wrong"),
    }
}
