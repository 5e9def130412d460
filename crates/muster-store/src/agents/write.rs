//! The agent's own row.

use muster_core::agent::Agent;
use muster_core::id::AgentId;
use muster_core::{Result, Timestamp, text};

use crate::db::{SqlBuf, Tx};
use crate::{json, params, sql};

/// # Errors
/// Those of the statement.
pub async fn insert_agent(tx: &mut Tx, agent: &Agent) -> Result<()> {
    let insert = sql!(
        "INSERT INTO agents (id, public_id, kind, login, login_key, email, email_verified, first_name, last_name,
             phone_country, phone_calling_code, phone_number, country, avatar_url, job_description, enabled, locked, serves,
             login_using_email, must_change_password, capacity, rank, channels, auto_answer, call_controls,
             sip_location, screen_recording, agent_data, external_id, attributes, skill_attributes, created_at,
             updated_at, last_active_at, last_login_at, deleted_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37)"
    );
    let values = params![
        agent.id,
        &agent.public_id,
        agent.kind.as_str(),
        &agent.login,
        text::key(&agent.login),
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
         SET login = $2, login_key = $3, email = $4, email_verified = $5, first_name = $6, last_name = $7,
             phone_country = $8, phone_calling_code = $9, phone_number = $10, country = $11, avatar_url = $12,
             job_description = $13, enabled = $14, locked = $15, serves = $16, login_using_email = $17,
             must_change_password = $18, capacity = $19, rank = $20, channels = $21, auto_answer = $22,
             call_controls = $23, sip_location = $24, screen_recording = $25, agent_data = $26, attributes = $27,
             skill_attributes = $28, updated_at = $29, deleted_at = $30, version = $31
         WHERE id = $1"
    );
    let values = params![
        agent.id,
        &agent.login,
        text::key(&agent.login),
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

/// Says that something beside their own rows changed of these agents, whose state rows are locked.
///
/// # Errors
/// Those of the statement.
pub async fn touch_agents(tx: &mut Tx, ids: &[AgentId], now: Timestamp) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut update = SqlBuf::new("UPDATE agents SET version = version + 1, updated_at = ");
    update.bind(now).push(" WHERE id IN ").bind_list(ids.iter().copied());
    tx.execute_buf(&update).await.map(drop)
}
