//! `muster backup`: a copy of the whole desk in one file.

use std::path::Path;

use anyhow::Result;
use muster_app::{Clock as _, SystemClock};

use crate::backup::take::take;
use crate::backup::{Passphrase, Summary, verify};
use crate::cli;
use crate::config::Config;
use crate::data::DataDir;
use crate::desk;
use crate::exit::Usage;
use crate::out;

/// # Errors
/// Why the backup can't be written, or what is wrong with it.
pub(crate) async fn run(config: &Config, command: cli::Backup) -> Result<()> {
    let cli::Backup { file, encrypt, passphrase_file, verify: only_verify } = command;
    if passphrase_file.is_some() && !encrypt && !only_verify {
        return Err(Usage::new("--passphrase-file goes with --encrypt or --verify").into());
    }
    let passphrase = passphrase_file.as_deref().map(Passphrase::read).transpose()?;
    if only_verify {
        let summary = verify(&file, passphrase.as_ref())?;
        out::line(format_args!("{} is whole.", file.display()))?;
        return tell(&file, &summary);
    }
    if let Some(passphrase) = &passphrase {
        passphrase.check()?;
    }
    let summary = of_desk(config, &file, passphrase.as_ref()).await?;
    tell(&file, &summary)?;
    if !summary.is_encrypted {
        out::line("It is not encrypted and holds the desk's key: keep it where nobody else can read it.")?;
    }
    Ok(())
}

async fn of_desk(config: &Config, file: &Path, passphrase: Option<&Passphrase>) -> Result<Summary> {
    let app = desk::open(config).await?;
    let data = DataDir::new(&config.server.data);
    let taken = take(app.store(), &data, file, passphrase, SystemClock.now()).await;
    app.store().close().await;
    taken
}

/// Says what is in a backup.
pub(super) fn tell(file: &Path, summary: &Summary) -> Result<()> {
    let Summary { at, program, schema, position, tables, rows, files, size, is_encrypted } = summary;
    let kind = if *is_encrypted { ", encrypted" } else { "" };
    out::line(format_args!("{}: {}{kind}", file.display(), human(*size)))?;
    out::line(format_args!("{rows} rows in {tables} tables, {files} stored files, events up to {position}"))?;
    out::line(format_args!("the desk as it was at {at}, schema version {schema}, by muster {program}"))?;
    Ok(())
}

fn human(bytes: u64) -> String {
    const MEBIBYTE: u64 = 1024 * 1024;
    if bytes < MEBIBYTE {
        return format!("{} KiB", bytes.div_ceil(1024));
    }
    format!("{}.{} MiB", bytes / MEBIBYTE, bytes % MEBIBYTE * 10 / MEBIBYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_kibibytes_and_mebibytes() {
        assert_eq!([1, 1024, 1_572_864].map(human), ["1 KiB", "1 KiB", "1.5 MiB"]);
    }
}
