//! `muster integration`: programs that speak to this desk as to another product.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use muster_api_cloudagent as cloudagent;
use muster_api_imichat as imichat;
use muster_app::App;
use muster_app::integrations::NewIntegration;
use muster_core::actor::Caller;
use muster_core::id::TeamId;
use muster_core::integration::{Integration, Kind, TeamScope};
use muster_core::text;
use serde_json::json;

use crate::cli::{self, CreateIntegration, ListIntegrations, RevokeIntegration};
use crate::exit::Usage;
use crate::out;

/// The products whose clients sign in as integrations.
pub(crate) const KINDS: &[Kind] =
    &[Kind { word: cloudagent::KIND, by_team: false }, Kind { word: imichat::KIND, by_team: true }];

/// What a product's clients call the name that they sign in under.
fn account_word(kind: Kind) -> &'static str {
    if kind.word == imichat::KIND { "domain" } else { "account" }
}

pub(crate) async fn run(app: &App, command: cli::Integration) -> Result<()> {
    match command {
        cli::Integration::Create(command) => create(app, command).await,
        cli::Integration::List(command) => list(app, &command).await,
        cli::Integration::Revoke(command) => revoke(app, &command).await,
    }
}

async fn create(app: &App, command: CreateIntegration) -> Result<()> {
    let CreateIntegration { kind, name, teams, auth, json } = command;
    let teams = if teams.is_empty() { None } else { Some(teams_named(app, &teams).await?) };
    if kind.check_teams(teams.as_deref()).is_err() {
        let message = format!("--team can't be given for {}: its integrations serve the whole desk", kind.word);
        return Err(Usage::new(message).into());
    }
    let new = NewIntegration { kind: kind.word, name: name.clone(), teams, proof: auth };
    let created = app.create_integration(&Caller::operator(), new).await;
    let created = created.with_context(|| format!("the integration {name} can't be made"))?;
    let (word, account) = (account_word(kind), &created.integration.account);
    if json {
        out::line(json!({ word: account, "api_key": created.key }))?;
    } else {
        out::line(format_args!("{word:<8} {account}"))?;
        out::line(format_args!("api_key  {}", created.key))?;
        out::line("The key is not shown again.")?;
    }
    Ok(())
}

/// The teams of those names, whatever their case.
async fn teams_named(app: &App, names: &[String]) -> Result<Vec<TeamId>> {
    let teams = app.teams_compact(&Caller::operator()).await?;
    let find = |name: &String| {
        let found = teams.iter().find(|team| text::key(&team.name) == text::key(name));
        found.map(|team| team.id).ok_or_else(|| Usage::new(format!("there is no team {name}")).into())
    };
    names.iter().map(find).collect()
}

async fn list(app: &App, command: &ListIntegrations) -> Result<()> {
    let operator = Caller::operator();
    let teams = app.teams_compact(&operator).await?;
    let names: BTreeMap<TeamId, &str> = teams.iter().map(|team| (team.id, team.name.as_str())).collect();
    let integrations = app.list_integrations(&operator).await?;
    if command.json {
        let shown: Vec<_> = integrations.iter().map(|integration| as_json(integration, &names)).collect();
        out::line(json!({ "integrations": shown }))?;
        return Ok(());
    }
    for integration in &integrations {
        let Integration { kind, account, name, proof, .. } = integration;
        let serves = match served(integration, &names) {
            None => "the whole desk".to_owned(),
            Some(teams) if teams.is_empty() => "nobody: its teams are deleted".to_owned(),
            Some(teams) => teams.join(", "),
        };
        out::line(format_args!("{kind}  {account}  {name:?}  auth {}  serves {serves}", proof.as_str()))?;
    }
    Ok(())
}

fn as_json(integration: &Integration, names: &BTreeMap<TeamId, &str>) -> serde_json::Value {
    json!({
        "kind": integration.kind,
        "account": integration.account,
        "name": integration.name,
        "teams": served(integration, names),
        "auth": integration.proof,
    })
}

/// The names of the teams it serves; `None`: the whole desk.
fn served<'n>(integration: &Integration, names: &BTreeMap<TeamId, &'n str>) -> Option<Vec<&'n str>> {
    match &integration.teams {
        TeamScope::All => None,
        TeamScope::Listed(teams) => Some(teams.iter().filter_map(|team| names.get(team).copied()).collect()),
    }
}

async fn revoke(app: &App, command: &RevokeIntegration) -> Result<()> {
    let RevokeIntegration { kind, name } = command;
    let revoked = app.revoke_integration(&Caller::operator(), kind.word, name).await;
    revoked.with_context(|| format!("the integration {name} can't be revoked"))?;
    out::line(format_args!("The key and the tokens of {name} are refused from now on."))?;
    Ok(())
}
