//! `muster api-key`: keys for scripts that act as an agent.

use anyhow::Result;
use muster_app::App;
use muster_core::actor::Caller;
use serde::Serialize;

use crate::cli::{ApiKey, CreateApiKey};
use crate::out;

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    api_key: &'a str,
    api_secret: &'a str,
}

pub(crate) async fn run(app: &App, ApiKey::Create(command): ApiKey) -> Result<()> {
    let CreateApiKey { agent, json } = command;
    let operator = Caller::operator();
    let agent = app.find_agent_by_email(&operator, &agent.email).await?;
    let key = app.create_api_key(&operator, agent.agent.id, None).await?;
    if json {
        let printed = Printed { api_key: &key.key_id, api_secret: &key.secret };
        out::line(serde_json::to_string(&printed)?)?;
    } else {
        out::line(format_args!("api_key     {}", key.key_id))?;
        out::line(format_args!("api_secret  {}", key.secret))?;
        out::line("The secret is not shown again.")?;
    }
    Ok(())
}
