//! `muster restore`: a desk made from a backup, where there is none.

use anyhow::Result;

use super::backup::tell;
use crate::backup::Passphrase;
use crate::backup::restore::restore;
use crate::cli;
use crate::config::Config;
use crate::out;

/// # Errors
/// Why the desk can't be restored.
pub(crate) async fn run(config: &Config, command: cli::Restore) -> Result<()> {
    let passphrase = command.passphrase_file.as_deref().map(Passphrase::read).transpose()?;
    let summary = restore(config, &command.file, passphrase.as_ref()).await?;
    tell(&command.file, &summary)?;
    out::line("The desk is restored, with its sessions and keys as they were. `muster serve` runs it.")?;
    Ok(())
}
