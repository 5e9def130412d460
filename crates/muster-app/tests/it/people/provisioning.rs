//! What integrations see of the desk's people, and how far they reach.

use std::collections::BTreeSet;

use muster_app::agents::{AgentExtension, AgentPatch, MembershipPatch, NewAgent, ServicePatch};
use muster_app::integrations::NewIntegration;
use muster_app::teams::{MemberUpsert, MembersPatch, Place, RosterPatch, TeamPatch};
use muster_core::Entity;
use muster_core::actor::{Actor, Caller, Via};
use muster_core::agent::{MembershipRole, Profile};
use muster_core::id::{AgentId, TeamId};
use muster_core::integration::{IntegrationActor, Proof};
use muster_core::permission::Permission;
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    PASSWORD, agent, agent_with_roles, assert_denied, assert_not_found, built_in, desk, digest, id, new_agent, read,
    role, team,
};

both_engines!(
    administrators_are_out_of_reach_in_every_way,
    a_team_sees_its_members_and_the_whole_desk_the_teamless_too,
    teams_that_are_not_served_are_not_there,
    agents_are_made_with_harmless_roles_only,
    members_are_chosen_among_those_served,
);

/// An integration at work for `acting_for`; `teams`: those it serves.
async fn integration(desk: &TestDesk, teams: Option<&[TeamId]>, acting_for: Option<TeamId>) -> Caller {
    let new = NewIntegration {
        kind: "switchboard",
        name: format!("Provisioning for {teams:?} as {acting_for:?}"),
        teams: teams.map(<[TeamId]>::to_vec),
        proof: Proof::Either,
    };
    let made = desk.app.create_integration(&Caller::operator(), new).await.unwrap().integration;
    let credential = Some(format!("integration:{}", made.id));
    let actor = Actor::Integration(IntegrationActor { acting_for, ..IntegrationActor::from(&made) });
    Caller { actor, via: Via::Api, request_id: None, ip: None, credential }
}

fn none() -> AgentPatch {
    AgentPatch::default()
}

/// One change of each kind.
fn changes(team: TeamId) -> Vec<AgentPatch> {
    let extended = |extension| AgentPatch { extension, ..none() };
    vec![
        none(),
        AgentPatch { full_name: Some("Zoe".into()), ..none() },
        AgentPatch { new_password: Some(PASSWORD.into()), ..none() },
        AgentPatch { enabled: Some(false), ..none() },
        AgentPatch { roles: Some(Vec::new()), ..none() },
        AgentPatch { join: vec![team], ..none() },
        extended(AgentExtension { locked: Some(true), ..AgentExtension::default() }),
        extended(AgentExtension { capacity: Some(Some(1)), ..AgentExtension::default() }),
    ]
}

async fn administrators_are_out_of_reach_in_every_way(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let by = integration(&desk, None, None).await;
    let tags = role(&desk, "Tags", &[Permission::TagsManage]).await;
    let owner = agent_with_roles(&desk, "owner@example.org", &[tags, built_in(&desk, "agent").await]).await;
    desk.app.create_api_key(&Caller::operator(), owner.agent.id, Some("default")).await.unwrap();
    let system = read(&desk, AgentId(1)).await;
    let before = digest(&desk).await;
    for target in [read(&desk, id(&ada)).await, owner, system] {
        let id = target.agent.id;
        for patch in changes(support) {
            assert_not_found(desk.app.update_agent(&by, id, patch).await, Entity::Agent);
        }
        let stale = AgentPatch { if_version: Some(99), ..none() };
        assert_not_found(desk.app.update_agent(&by, id, stale).await, Entity::Agent);
        assert_not_found(desk.app.delete_agent(&by, id).await, Entity::Agent);
        assert_not_found(desk.app.set_service(&by, id, ServicePatch::default()).await, Entity::Agent);
        assert_not_found(desk.app.enlist(&by, id).await, Entity::Agent);
        assert_not_found(desk.app.discharge(&by, id).await, Entity::Agent);
        assert_denied(desk.app.appoint(&by, id, "agent").await, Permission::SupervisorsManage);
        assert_denied(desk.app.dismiss(&by, id, "admin").await, Permission::SupervisorsManage);
        assert_not_found(desk.app.create_api_key(&by, id, None).await, Entity::Agent);
        assert_not_found(desk.app.revoke_api_key(&by, id, "default").await, Entity::Agent);
        assert_not_found(desk.app.invite_agent(&by, id).await, Entity::Agent);
        if let Some(email) = &target.agent.email {
            assert_not_found(desk.app.invite_link(&by, email).await, Entity::Agent);
            assert_not_found(desk.app.reset_password_link(&by, email).await, Entity::Agent);
        }
        let named = MemberUpsert { agent: target.agent.public_id.to_string(), count: 0, order: 0 };
        let patch = MembersPatch { upsert: vec![named], remove: vec![target.agent.public_id.to_string()] };
        desk.app.change_members(&by, support, patch).await.unwrap();
        let place = Place { agent: id, role: None, capacity: None, order: None };
        let patch = RosterPatch { set: vec![place], remove: Vec::new() };
        assert_not_found(desk.app.change_roster(&by, support, patch).await, Entity::Agent);
        desk.app.change_roster(&by, support, RosterPatch { set: Vec::new(), remove: vec![id] }).await.unwrap();
    }
    assert_eq!(before, digest(&desk).await);
    assert_eq!(desk.app.agent(&by, id(&ada)).await.unwrap(), read(&desk, id(&ada)).await, "seen, but not touched");
    assert_not_found(desk.app.agent(&by, AgentId(1)).await, Entity::Agent);
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    for patch in changes(support) {
        desk.app.update_agent(&by, kim, patch).await.unwrap();
    }
    desk.app.delete_agent(&by, kim).await.unwrap();
}

async fn seen(desk: &TestDesk, by: &Caller) -> Vec<String> {
    let profiles = desk.app.agent_profiles(by).await.unwrap();
    assert_eq!(desk.app.colleagues(by).await.unwrap(), profiles);
    let ids: BTreeSet<AgentId> = profiles.iter().map(|profile| profile.agent.id).collect();
    let listed = desk.app.list_agents(by).await.unwrap();
    let listed = listed.into_iter().map(|listing| listing.summary).collect();
    for summaries in [listed, desk.app.agents_compact(by).await.unwrap()] {
        assert_eq!(summaries.iter().map(|summary| summary.id).collect::<BTreeSet<_>>(), ids);
    }
    profiles.into_iter().map(|profile| profile.agent.login).collect()
}

async fn is_found(desk: &TestDesk, by: &Caller, profile: &Profile) -> bool {
    let (login, public_id) = (&profile.agent.login, profile.agent.public_id.as_str());
    let email = profile.agent.email.as_deref().unwrap();
    let found = [
        desk.app.agent(by, profile.agent.id).await,
        desk.app.agent_by_login(by, login).await,
        desk.app.agent_by_public_id(by, public_id).await,
        desk.app.colleague_by_login(by, login).await,
        desk.app.colleague_by_public_id(by, public_id).await,
        desk.app.find_agent_by_email(by, email).await,
    ];
    let by_login = desk.app.agents_by_logins(by, std::slice::from_ref(login)).await.unwrap();
    assert_eq!(by_login.len(), found.iter().flatten().count().min(1));
    let count = found.iter().flatten().count();
    assert!(count == 0 || count == found.len(), "{found:?}");
    for error in found.into_iter().filter(Result::is_err) {
        assert_not_found(error, Entity::Agent);
    }
    count > 0
}

/// Which teams an integration serves, for which it acts, and whom it sees.
type Sight<'a> = (Option<&'a [TeamId]>, Option<TeamId>, &'a [&'a str]);

async fn a_team_sees_its_members_and_the_whole_desk_the_teamless_too(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let with = |email: &str, teams: &[TeamId]| NewAgent { teams: teams.to_vec(), ..new_agent(email) };
    let kim = desk.app.create_agent(&admin, with("kim@example.org", &[support])).await.unwrap();
    let lee = desk.app.create_agent(&admin, with("lee@example.org", &[sales, support])).await.unwrap();
    let sam = desk.app.create_agent(&admin, with("sam@example.org", &[sales])).await.unwrap();
    let zoe = desk.app.create_agent(&admin, with("zoe@example.org", &[])).await.unwrap();
    let cases: [Sight<'_>; 6] = [
        (None, None, &["ada", "kim", "lee", "sam", "zoe"]),
        (None, Some(support), &["ada", "kim", "lee", "zoe"]),
        (None, Some(sales), &["ada", "lee", "sam", "zoe"]),
        (Some(&[support]), Some(support), &["kim", "lee"]),
        (Some(&[support]), Some(sales), &[]),
        (Some(&[support]), None, &[]),
    ];
    for (teams, acting_for, expected) in cases {
        let by = integration(&desk, teams, acting_for).await;
        assert_eq!(seen(&desk, &by).await, expected, "{teams:?} {acting_for:?}");
        for profile in [&kim, &lee, &sam, &zoe] {
            let is_seen = expected.contains(&profile.agent.login.as_str());
            assert_eq!(is_found(&desk, &by, profile).await, is_seen, "{teams:?} {acting_for:?}");
            let renamed = AgentPatch { first_name: Some("Kim".into()), ..none() };
            let changed = desk.app.update_agent(&by, profile.agent.id, renamed).await;
            assert_eq!(changed.is_ok(), is_seen);
        }
    }
}

async fn teams_that_are_not_served_are_not_there(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let by = integration(&desk, Some(&[support]), Some(support)).await;
    let new = NewAgent { teams: vec![support, sales], ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    let analyst = MembershipPatch { team: sales, role: Some(MembershipRole::Analyst), capacity: None, order: None };
    let extension = AgentExtension { memberships: Some(vec![analyst]), ..AgentExtension::default() };
    let before = digest(&desk).await;
    let patches = [
        AgentPatch { join: vec![sales], ..none() },
        AgentPatch { leave: vec![sales], ..none() },
        AgentPatch { leave: vec![TeamId(999)], ..none() },
        AgentPatch { teams: Some(vec![support]), ..none() },
        AgentPatch { teams: Some(vec![support, sales]), ..none() },
        AgentPatch { extension, ..none() },
    ];
    for patch in patches {
        assert_not_found(desk.app.update_agent(&by, kim.agent.id, patch).await, Entity::Team);
    }
    let moved = ServicePatch { teams: Some(vec![support]), capacity: None };
    assert!(desk.app.set_service(&by, kim.agent.id, moved).await.is_err());
    let new = NewAgent { teams: vec![support, sales], ..new_agent("lee@example.org") };
    assert_not_found(desk.app.create_agent(&by, new).await, Entity::Team);
    assert_not_found(desk.app.change_members(&by, sales, MembersPatch::default()).await, Entity::Team);
    assert_not_found(desk.app.change_roster(&by, sales, RosterPatch::default()).await, Entity::Team);
    assert_not_found(desk.app.update_team(&by, sales, TeamPatch::default()).await, Entity::Team);
    assert_not_found(desk.app.delete_team(&by, sales).await, Entity::Team);
    assert_eq!(before, digest(&desk).await);
    let left = desk.app.update_agent(&by, kim.agent.id, AgentPatch { leave: vec![support], ..none() }).await.unwrap();
    assert_eq!(left.teams.iter().map(|team| team.id).collect::<Vec<_>>(), [sales]);
    assert_not_found(desk.app.agent(&by, kim.agent.id).await, Entity::Agent);
}

async fn agents_are_made_with_harmless_roles_only(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let by = integration(&desk, Some(&[support]), Some(support)).await;
    let (agents, analysts) = (built_in(&desk, "agent").await, built_in(&desk, "analyst").await);
    let harmless = role(&desk, "Harmless", &[Permission::MessagesRead]).await;
    let with = |email: &str, role| NewAgent { roles: vec![role], teams: vec![support], ..new_agent(email) };
    let kim = desk.app.create_agent(&by, with("kim@example.org", agents)).await.unwrap();
    desk.app.create_agent(&by, with("lee@example.org", analysts)).await.unwrap();
    let before = digest(&desk).await;
    for role in [built_in(&desk, "admin").await, built_in(&desk, "manager").await, harmless] {
        let missing = Permission::RolesManage;
        assert_denied(desk.app.create_agent(&by, with("sam@example.org", role)).await, missing);
        let granted = AgentPatch { roles: Some(vec![agents, role]), ..none() };
        assert_denied(desk.app.update_agent(&by, kim.agent.id, granted).await, missing);
    }
    assert_eq!(before, digest(&desk).await);
    let both = AgentPatch { roles: Some(vec![agents, analysts]), ..none() };
    assert_eq!(desk.app.update_agent(&by, kim.agent.id, both).await.unwrap().roles.len(), 2);
}

async fn members_are_chosen_among_those_served(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let by = integration(&desk, Some(&[support]), Some(support)).await;
    let with = |email: &str, team| NewAgent { teams: vec![team], ..new_agent(email) };
    let kim = desk.app.create_agent(&admin, with("kim@example.org", support)).await.unwrap();
    let sam = desk.app.create_agent(&admin, with("sam@example.org", sales)).await.unwrap();
    let named = |profile: &Profile| MemberUpsert { agent: profile.agent.public_id.to_string(), count: 7, order: 0 };
    let patch = MembersPatch { upsert: vec![named(&kim), named(&sam)], remove: Vec::new() };
    desk.app.change_members(&by, support, patch).await.unwrap();
    let members = desk.app.team_members(&admin, support).await.unwrap();
    assert_eq!(members.iter().map(|member| member.login.as_str()).collect::<Vec<_>>(), ["kim"]);
    assert_eq!(members[0].membership.assignment_count, 7);
}
