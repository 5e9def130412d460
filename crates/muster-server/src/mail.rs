//! Mail out, as the configuration wants it.

use anyhow::Result;
use muster_app::App;
use muster_channels::mail::{Broken, Mailer, Templates};

use crate::config::Config;
use crate::exit::Usage;

/// The way out for mails of a desk that people reach at `public_url`, and the templates that can't be used; `None`: there
/// is no mail server.
///
/// # Errors
/// What is wrong with the configuration.
pub(crate) fn mailer(config: &Config, public_url: &str) -> Result<Option<(Mailer, Vec<Broken>)>> {
    let Some(settings) = config.mail_settings()? else { return Ok(None) };
    let (templates, broken) = Templates::load(&config.mail_templates());
    let mailer = Mailer::new(&settings, templates, public_url).map_err(|error| Usage::new(error.to_string()))?;
    Ok(Some((mailer, broken)))
}

/// Lets a desk that is served send its mails, if there is a mail server.
///
/// # Errors
/// As [`mailer`].
pub(crate) fn register(app: &App, config: &Config) -> Result<()> {
    let Some((mailer, broken)) = mailer(config, &app.settings().public_url)? else { return Ok(()) };
    for broken in broken {
        tracing::warn!("{broken}");
    }
    mailer.register(app);
    Ok(())
}
