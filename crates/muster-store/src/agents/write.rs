//! The agent's own row.

use muster_core::agent::Agent;
use muster_core::id::AgentId;
use muster_core::{Error, Result, Timestamp};
use serde::Serialize;

use crate::db::Tx;
use crate::{params, sql};

/// # Errors
/// Those of the statement.
pub async fn insert_agent(tx: &mut Tx, agent: &Agent) -> Result<()> {
    let insert = sql!(
        "INSERT INTO agents (id, public_id, kind, login, email, email_verified, first_name, last_name, phone_country,
             phone_calling_code, phone_number, country, avatar_url, job_description, enabled, locked, serves,
             login_using_email, must_change_password, capacity, rank, channels, auto_answer, call_controls,
             sip_location, screen_recording, agent_data, external_id, attributes, skill_attributes, created_at,
             updated_at, last_active_at, last_login_at, deleted_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36)"
    );
    let values = params![
        agent.id,
        &agent.public_id,
        agent.kind.as_str(),
        &agent.login,
        agent.email.as_deref(),
        agent.email_verified,
        &agent.first_name,
        &agent.last_name,
        agent.phone.country.as_deref(),
        agent.phone.calling_code.as_deref(),
        agent.phone.number.as_deref(),
        agent.country.as_deref(),
        agent.avatar_url.as_deref(),
        &agent.job_description,
        agent.enabled,
        agent.locked,
        agent.serves,
        agent.login_using_email,
        agent.must_change_password,
        agent.capacity,
        agent.rank,
        agent.channels.bits(),
        agent.auto_answer.as_str(),
        json(&agent.call_controls)?,
        agent.sip_location.as_deref(),
        agent.screen_recording,
        agent.agent_data.as_deref(),
        agent.external_id.as_deref(),
        json(&agent.attributes)?,
        json(&agent.skill_attributes)?,
        agent.created_at,
        agent.updated_at,
        agent.last_active_at,
        agent.last_login_at,
        agent.deleted_at,
        agent.version,
    ];
    tx.execute(insert, &values).await.map(drop)
}

/// Saves what people can change of an agent, under the version that is in hand.
///
/// # Errors
/// Those of the statement.
pub async fn save_agent(tx: &mut Tx, agent: &Agent) -> Result<()> {
    let update = sql!(
        "UPDATE agents
         SET login = $2, email = $3, email_verified = $4, first_name = $5, last_name = $6, phone_country = $7,
             phone_calling_code = $8, phone_number = $9, country = $10, avatar_url = $11, job_description = $12,
             enabled = $13, locked = $14, serves = $15, login_using_email = $16, must_change_password = $17,
             capacity = $18, rank = $19, channels = $20, auto_answer = $21, call_controls = $22, sip_location = $23,
             screen_recording = $24, agent_data = $25, attributes = $26, skill_attributes = $27, updated_at = $28,
             deleted_at = $29, version = $30
         WHERE id = $1"
    );
    let values = params![
        agent.id,
        &agent.login,
        agent.email.as_deref(),
        agent.email_verified,
        &agent.first_name,
        &agent.last_name,
        agent.phone.country.as_deref(),
        agent.phone.calling_code.as_deref(),
        agent.phone.number.as_deref(),
        agent.country.as_deref(),
        agent.avatar_url.as_deref(),
        &agent.job_description,
        agent.enabled,
        agent.locked,
        agent.serves,
        agent.login_using_email,
        agent.must_change_password,
        agent.capacity,
        agent.rank,
        agent.channels.bits(),
        agent.auto_answer.as_str(),
        json(&agent.call_controls)?,
        agent.sip_location.as_deref(),
        agent.screen_recording,
        agent.agent_data.as_deref(),
        json(&agent.attributes)?,
        json(&agent.skill_attributes)?,
        agent.updated_at,
        agent.deleted_at,
        agent.version,
    ];
    tx.execute(update, &values).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn save_last_login(tx: &mut Tx, agent: AgentId, at: Timestamp) -> Result<()> {
    tx.execute(sql!("UPDATE agents SET last_login_at = $2 WHERE id = $1"), &params![agent, at]).await.map(drop)
}

/// # Errors
/// Those of the statement.
pub async fn save_last_active(tx: &mut Tx, agent: AgentId, at: Timestamp) -> Result<()> {
    tx.execute(sql!("UPDATE agents SET last_active_at = $2 WHERE id = $1"), &params![agent, at]).await.map(drop)
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
