//! `muster mail`: whether mail works.

use anyhow::Result;
use muster_app::{Draw, Entropy as _, OsEntropy};

use crate::cli::{self, TestMail};
use crate::config::Config;
use crate::exit::Usage;
use crate::{mail, out};

pub(crate) async fn run(config: &Config, command: cli::Mail) -> Result<()> {
    match command {
        cli::Mail::Test(TestMail { to }) => test(config, &to).await,
    }
}

async fn test(config: &Config, to: &str) -> Result<()> {
    let public_url = config.public_url(config.server.listen);
    let Some((mailer, broken)) = mail::mailer(config, &public_url)? else {
        return Err(Usage::new("no mail server is set: see [mail] in `muster config`").into());
    };
    for broken in broken {
        out::line(broken)?;
    }
    let number = Draw::new(OsEntropy.seed()).uuid();
    mailer.send_test(to, muster_app::mail::message_id(number, &public_url)).await?;
    out::line(format_args!("{} has taken a mail to {to}.", config.mail.host))?;
    Ok(())
}
