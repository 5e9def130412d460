//! `muster admin`: administrators, and one-time links to get in.

use std::io::BufRead as _;

use anyhow::{Context as _, Result};
use muster_app::App;
use muster_core::actor::Caller;

use crate::cli::{Admin, CreateAdmin};
use crate::exit::Usage;
use crate::out;
use crate::serve::SETUP_BY_HAND;

pub(crate) async fn run(app: &App, command: Admin) -> Result<()> {
    let operator = Caller::operator();
    match command {
        Admin::Create(command) => create(app, command).await,
        Admin::SetupLink => setup_link(app).await,
        Admin::ResetPassword(agent) => password_link(&app.reset_password_link(&operator, &agent.email).await?),
        Admin::ResetSecondFactor(agent) => reset_second_factor(app, &agent.email).await,
        Admin::InviteLink(agent) => password_link(&app.invite_link(&operator, &agent.email).await?),
    }
}

async fn create(app: &App, command: CreateAdmin) -> Result<()> {
    let CreateAdmin { email, first_name, password_stdin } = command;
    let password = if password_stdin { Some(read_password()?) } else { None };
    let made = app.create_admin(&Caller::operator(), &email, &first_name, password).await;
    let (profile, link) = made.with_context(|| format!("{email} can't be made an administrator"))?;
    out::line(format_args!("{first_name} <{email}> is an administrator now (agent {}).", profile.agent.id))?;
    link.map_or(Ok(()), |link| password_link(&link))
}

async fn reset_second_factor(app: &App, email: &str) -> Result<()> {
    let reset = app.reset_second_factor_of(&Caller::operator(), email).await;
    if reset.with_context(|| format!("the second factor of {email} can't be taken away"))? {
        out::line(format_args!("{email} has no second factor any more, and is signed out everywhere."))?;
        out::line("The password alone is enough now: have a new second factor set up soon.")?;
    } else {
        out::line(format_args!("{email} has no second factor; nothing was changed."))?;
    }
    Ok(())
}

async fn setup_link(app: &App) -> Result<()> {
    if !app.needs_set_up().await? {
        let message = "this desk has an administrator already: `muster admin create` makes another one";
        return Err(Usage::new(message).into());
    }
    out::line("This link makes the first administrator; it works once, for 24 hours:")?;
    out::line(format_args!("  {}", app.new_setup_link(&Caller::operator()).await?))?;
    out::line(SETUP_BY_HAND)?;
    Ok(())
}

/// Prints a link with which somebody chooses a password.
fn password_link(link: &str) -> Result<()> {
    out::line(
        "This link sets a password; it works once, for 24 hours, in place of all links before it. It was not mailed.",
    )?;
    out::line(format_args!("  {link}"))?;
    out::line("Open it in a browser, or send its \"token\" and a \"password\" to POST /api/v1/agents/set-password.")?;
    Ok(())
}

/// The first line of standard input.
fn read_password() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password can't be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Usage::new("standard input holds no password").into());
    }
    Ok(password.to_owned())
}
