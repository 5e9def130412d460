//! The muster program: command line, configuration, wiring and listeners.
//!
//! Start reading at [`run`]: one line for each command. The desk itself is in `muster-app`, what it
//! speaks in the dialects' crates; this crate puts them together and is the only one that reads the
//! environment, prints, or ends the process.

mod backup;
mod certificate;
mod cli;
mod command;
mod config;
mod data;
mod demo;
mod desk;
mod dialect;
mod exit;
mod limits;
mod mail;
mod metrics;
mod mount;
mod out;
mod pages;
mod serve;
mod signals;
mod telemetry;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::config::{Config, Environment};
use crate::telemetry::Filter;

fn main() -> ExitCode {
    let ended = tokio::runtime::Runtime::new().context("no threads").and_then(|runtime| {
        let ended = runtime.block_on(run());
        // Who is told twice to end waits for nothing more.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::complaint(exit::words(&error));
            exit::code(&error)
        }
    }
}

async fn run() -> Result<()> {
    let Cli { place, command } = Cli::parse();
    let environment = Environment::of_process()?;
    let mut config = Config::load(&place, &environment)?;
    let traces = if matches!(command, Command::Serve(_)) { config.tracing.endpoint()? } else { None };
    let exporter = telemetry::start(&config, filter(&config, &environment, &command), traces)?;
    match command {
        Command::Serve(serve) => {
            config.server.listen = serve.listen.unwrap_or(config.server.listen);
            serve::run(&config, &environment, exporter).await
        }
        Command::Demo(demo) => demo::run(&place, config, demo).await,
        Command::Admin(admin) => command::on_desk(&config, async |app| command::admin::run(app, admin).await).await,
        Command::ApiKey(key) => command::on_desk(&config, async |app| command::api_key::run(app, key).await).await,
        Command::Contact(contact) => {
            command::on_desk(&config, async |app| command::contact::run(app, contact).await).await
        }
        Command::Integration(integration) => {
            command::on_desk(&config, async |app| command::integration::run(app, integration).await).await
        }
        Command::Backup(backup) => command::backup::run(&config, backup).await,
        Command::Restore(restore) => command::restore::run(&config, restore).await,
        Command::Jobs(jobs) => command::on_desk(&config, async |app| command::jobs::run(app, jobs).await).await,
        Command::Mail(mail) => command::mail::run(&config, mail).await,
        Command::Doctor => command::doctor::run(&config, place.config.as_deref().or(environment.config_file())).await,
        Command::Config => Ok(out::line(config::example().trim_end())?),
        Command::Openapi(openapi) => command::openapi::run(openapi.dialect).await,
    }
}

/// A desk that serves tells of its life; a command has its own output.
fn filter<'a>(config: &'a Config, environment: &'a Environment, command: &Command) -> Filter<'a> {
    match (environment.log_filter(), command) {
        (Some(text), _) => Filter { name: "MUSTER_LOG", text },
        (None, Command::Serve(_)) => Filter { name: "log.filter", text: &config.log.filter },
        (None, _) => Filter { name: "log.filter", text: "warn" },
    }
}
