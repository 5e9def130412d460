//! From rows to agents.

use muster_core::agent::{
    Agent, AgentKind, AutoAnswer, Channels, HeldRole, HeldSkill, HeldTeam, Membership, MembershipRole, Mode, Phone,
    SkillSource,
};
use muster_core::presence::{Intent, Link, State};
use muster_core::{Error, Result};

use crate::db::Row;

/// Columns in the order of the table, which is the order they arrive in.
pub(super) fn agent(row: &Row) -> Result<Agent> {
    Ok(Agent {
        id: row.get("id")?,
        public_id: row.get("public_id")?,
        kind: row.get_word("kind", AgentKind::parse)?,
        login: row.get("login")?,
        email: row.get("email")?,
        email_verified: row.get("email_verified")?,
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        phone: Phone {
            country: row.get("phone_country")?,
            calling_code: row.get("phone_calling_code")?,
            number: row.get("phone_number")?,
        },
        country: row.get("country")?,
        avatar_url: row.get("avatar_url")?,
        job_description: row.get("job_description")?,
        enabled: row.get("enabled")?,
        locked: row.get("locked")?,
        serves: row.get("serves")?,
        login_using_email: row.get("login_using_email")?,
        must_change_password: row.get("must_change_password")?,
        capacity: row.get("capacity")?,
        rank: row.get("rank")?,
        channels: Channels::from_bits(row.get("channels")?).map_err(Error::internal)?,
        auto_answer: row.get_word("auto_answer", AutoAnswer::parse)?,
        call_controls: row.get_json("call_controls")?,
        sip_location: row.get("sip_location")?,
        screen_recording: row.get("screen_recording")?,
        agent_data: row.get("agent_data")?,
        external_id: row.get("external_id")?,
        attributes: row.get_json("attributes")?,
        skill_attributes: row.get_json("skill_attributes")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        last_active_at: row.get("last_active_at")?,
        last_login_at: row.get("last_login_at")?,
        deleted_at: row.get("deleted_at")?,
        version: row.get("version")?,
    })
}

pub(super) fn state(row: &Row) -> Result<State> {
    Ok(State {
        epoch: row.get("epoch")?,
        intent: row.get_word("intent", Intent::parse)?,
        pause_reason: row.get("pause_reason")?,
        pause_note: row.get("pause_note")?,
        link: row.get_word("link", Link::parse)?,
        lease_until: row.get("lease_until")?,
        idle: row.get("idle")?,
        dnd: row.get("dnd")?,
        mode: mode(row)?,
        phone: row.get("phone")?,
        wrap_up_until: row.get("wrap_up_until")?,
        load: row.get("load")?,
        last_assigned_at: row.get("last_assigned_at")?,
        state_since: row.get("state_since")?,
        declared_by: row.get("declared_by")?,
    })
}

fn mode(row: &Row) -> Result<Option<Mode>> {
    match row.get::<Option<String>>("mode")? {
        None => Ok(None),
        Some(_) => row.get_word("mode", Mode::parse).map(Some),
    }
}

pub(super) fn held_role(row: &Row) -> Result<HeldRole> {
    Ok(HeldRole {
        id: row.get("id")?,
        key: row.get("key")?,
        name: row.get("name")?,
        permissions: row.get_json("permissions")?,
    })
}

pub(super) fn held_team(row: &Row) -> Result<HeldTeam> {
    let membership = membership(row)?;
    Ok(HeldTeam { id: membership.team, name: row.get("name")?, emoji: row.get("emoji")?, membership })
}

pub(super) fn membership(row: &Row) -> Result<Membership> {
    Ok(Membership {
        team: row.get("team_id")?,
        public_id: row.get("public_id")?,
        role: row.get_word("role", MembershipRole::parse)?,
        capacity: row.get("capacity")?,
        order: row.get("sort_order")?,
        assignment_count: row.get("assignment_count")?,
        load: row.get("load")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

pub(super) fn held_skill(row: &Row) -> Result<HeldSkill> {
    Ok(HeldSkill {
        skill: row.get("skill_id")?,
        name: row.get("name")?,
        source: row.get_word("source", SkillSource::parse)?,
        level: row.get("level")?,
    })
}
