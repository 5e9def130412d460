//! Keeps the sample agents at work, as a browser tab of theirs would, and tells what they hear.

use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::client::{Client, Socket};
use super::sample::SampleAgent;
use crate::out;

/// How often an agent's client says that it is there.
const PING_EVERY: Duration = Duration::from_secs(30);
const RECONNECT_AFTER: Duration = Duration::from_secs(1);
/// After a refused sign-in: the agent is disabled, or has another password.
const SIGN_IN_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Signs in and stays, until it is dropped.
pub(super) async fn keep(nobody: Client, agent: SampleAgent) {
    loop {
        match nobody.sign_in(&agent.email, &agent.password).await {
            Ok(client) => stay(&client, &agent).await,
            Err(error) => tracing::debug!(%error, agent.id, "a sample agent can't sign in"),
        }
        tokio::time::sleep(SIGN_IN_AGAIN_AFTER).await;
    }
}

/// Stays connected for as long as the session lasts.
async fn stay(client: &Client, agent: &SampleAgent) {
    while let Ok(mut socket) = client.agent_socket().await {
        if let Err(error) = listen(&mut socket, agent).await {
            tracing::debug!(%error, agent.id, "a sample agent's socket ended");
        }
        tokio::time::sleep(RECONNECT_AFTER).await;
    }
}

async fn listen(socket: &mut Socket, agent: &SampleAgent) -> Result<()> {
    let mut ping = tokio::time::interval(PING_EVERY);
    loop {
        tokio::select! {
            _ = ping.tick() => socket.send("ping").await?,
            frame = socket.next() => match frame {
                Some(frame) => tell(agent, &frame)?,
                None => return Ok(()),
            },
        }
    }
}

fn tell(agent: &SampleAgent, frame: &Value) -> Result<()> {
    let data = &frame["data"];
    let text = match frame["type"].as_str() {
        Some("new_message") => format!("a message in {}: {}", data["conversation_uuid"], data["preview"]),
        Some("new_conversation") if data["assigned_user_id"] == agent.id => {
            format!("conversation {} is yours", data["uuid"])
        }
        _ => return Ok(()),
    };
    Ok(out::line(format_args!("{} hears: {text}", agent.first_name))?)
}
