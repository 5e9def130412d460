//! What the router takes from a profile.

use std::collections::BTreeMap;

use muster_core::agent::{
    Agent, AgentKind, AutoAnswer, Channels, HeldRole, HeldSkill, HeldTeam, Membership, MembershipRole, Phone, Profile,
    SkillSource,
};
use muster_core::id::{AgentId, PublicId, RoleId, TeamId};
use muster_core::permission::Permission;
use muster_core::presence::State;
use muster_core::routing::{Candidate, Seat};

use super::desk::{FRENCH, NOW, TEAM};

fn kim() -> Agent {
    Agent {
        id: AgentId(7),
        public_id: PublicId::from_stored("kim".into()),
        kind: AgentKind::Human,
        login: "kim".into(),
        email: Some("kim@example.org".into()),
        email_verified: true,
        first_name: "Kim".into(),
        last_name: "Lee".into(),
        phone: Phone::default(),
        country: None,
        avatar_url: None,
        job_description: String::new(),
        enabled: true,
        locked: false,
        serves: true,
        login_using_email: true,
        must_change_password: false,
        capacity: Some(3),
        rank: 1,
        channels: Channels::DEFAULT,
        auto_answer: AutoAnswer::None,
        call_controls: serde_json::Value::Null,
        sip_location: None,
        screen_recording: false,
        agent_data: None,
        external_id: None,
        attributes: BTreeMap::new(),
        skill_attributes: BTreeMap::new(),
        created_at: NOW,
        updated_at: NOW,
        last_active_at: None,
        last_login_at: None,
        deleted_at: None,
        version: 1,
    }
}

fn profile(permissions: &[Permission]) -> Profile {
    let role =
        HeldRole { id: RoleId(1), key: None, name: "Role".into(), permissions: permissions.iter().copied().collect() };
    Profile { agent: kim(), roles: vec![role], teams: vec![], skills: vec![], state: State::new(NOW), api_key: None }
}

fn candidate(permissions: &[Permission]) -> Candidate {
    Candidate::from_profile(&profile(permissions))
}

const ANSWERS: [Permission; 3] =
    [Permission::MessagesWrite, Permission::ConversationsRead, Permission::ConversationsReadAssigned];

#[test]
fn rights_become_two_facts() {
    assert!(!candidate(&[]).answers && !candidate(&[]).reads_unassigned);
    assert!(candidate(&ANSWERS).answers && !candidate(&ANSWERS).reads_unassigned);
    assert!(candidate(&[Permission::ConversationsReadUnassigned]).reads_unassigned);
    assert!(candidate(&[Permission::ConversationsReadAll]).reads_unassigned);
}

#[test]
fn flags_and_limits_are_taken_over() {
    let kim = candidate(&ANSWERS);
    assert_eq!((kim.id, kim.name.as_str(), kim.capacity), (AgentId(7), "Kim Lee", Some(3)));
    assert!(!kim.deleted && kim.enabled && !kim.locked && kim.serves);
    let mut gone = profile(&ANSWERS);
    gone.agent.deleted_at = Some(NOW);
    gone.agent.locked = true;
    gone.agent.serves = false;
    let gone = Candidate::from_profile(&gone);
    assert!(gone.deleted && gone.locked && !gone.serves);
}

#[test]
fn memberships_become_seats_and_skills_effective_levels() {
    let mut profile = profile(&ANSWERS);
    let membership = Membership {
        team: TEAM,
        public_id: PublicId::from_stored("seat".into()),
        role: MembershipRole::Manager,
        capacity: Some(2),
        order: 4,
        assignment_count: 11,
        load: 1,
        created_at: NOW,
        updated_at: NOW,
    };
    profile.teams.push(HeldTeam { id: TEAM, name: "Support".into(), emoji: None, membership });
    for (source, level) in [(SkillSource::Explicit, 40), (SkillSource::Derived, 90)] {
        profile.skills.push(HeldSkill { skill: FRENCH, name: "French".into(), source, level });
    }
    let kim = Candidate::from_profile(&profile);
    let seat =
        Seat { team: TEAM, role: MembershipRole::Manager, capacity: Some(2), order: 4, assignment_count: 11, load: 1 };
    assert_eq!(kim.seat(TEAM), Some(&seat));
    assert_eq!(kim.seat(TeamId(2)), None);
    assert_eq!(kim.levels, BTreeMap::from([(FRENCH, 40)]));
}
