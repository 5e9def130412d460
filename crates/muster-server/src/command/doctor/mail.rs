//! Whether mail can go out, and what waits for it.

use std::time::Duration;

use anyhow::Result;
use muster_app::auth::Purpose;
use muster_channels::mail::{MailSettings, Security, Smtp, Templates};
use muster_store::db::Process;
use muster_store::jobs;

use super::Finding::{self, Fine, Note, Wrong};
use crate::config::Config;
use crate::desk;

/// How long the mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let settings = match config.mail_settings() {
        Ok(Some(settings)) => settings,
        Ok(None) => return vec![without(config).await],
        Err(error) => return vec![Wrong(error.to_string())],
    };
    let mut findings = vec![server(config, &settings).await];
    if settings.security == Security::None && !is_loopback(&settings.host) {
        let text = format!(
            "mail.security is \"none\": links that set passwords can be read on their way to {}",
            settings.host
        );
        findings.push(Note(text));
    }
    findings.extend(templates(config));
    findings
}

/// Desks without a mail server keep their mails until there is one.
async fn without(config: &Config) -> Finding {
    const BY_HAND: &str = "`muster admin invite-link` and `muster admin reset-password` print the links instead";
    match waiting(config).await {
        Ok(0) => Note(format!("no mail server is set (mail.host): {BY_HAND}")),
        Ok(1) => Note(format!("no mail server is set (mail.host) and one mail waits for it: {BY_HAND}")),
        Ok(count) => Note(format!("no mail server is set (mail.host) and {count} mails wait for it: {BY_HAND}")),
        // What is wrong with the database is told by its own check.
        Err(_) => Note(format!("no mail server is set (mail.host): {BY_HAND}")),
    }
}

async fn waiting(config: &Config) -> Result<i64> {
    let store = desk::open_store(config, Process::Command, PATIENCE).await?;
    let names = Purpose::ALL.map(Purpose::job);
    let count = store.read(move |tx| Box::pin(async move { jobs::count_waiting(tx, &names).await })).await;
    store.close().await;
    Ok(count?)
}

async fn server(config: &Config, settings: &MailSettings) -> Finding {
    let settings = MailSettings { timeout: settings.timeout.min(PATIENCE), ..settings.clone() };
    let smtp = match Smtp::new(&settings, &config.public_url(config.server.listen)) {
        Ok(smtp) => smtp,
        Err(error) => return Wrong(error.to_string()),
    };
    match (smtp.check().await, &settings.login) {
        (Ok(()), Some(_)) => Fine(format!("{smtp} accepts the login")),
        (Ok(()), None) => Fine(format!("{smtp} can be reached")),
        (Err(error), _) => Wrong(error.to_string()),
    }
}

fn templates(config: &Config) -> Vec<Finding> {
    let (templates, broken) = Templates::load(&config.mail_templates());
    let own = match templates.own() {
        0 => None,
        count => Some(Fine(format!("{count} of the mails' templates are your own"))),
    };
    own.into_iter().chain(broken.iter().map(|broken| Wrong(broken.to_string()))).collect()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}
