//! Who works with customers, changed by whoever runs the floor.

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent, ServicePatch};
use muster_app::roles::RolePatch;
use muster_app::teams::{MemberUpsert, MembersPatch};
use muster_core::Entity;
use muster_core::Refusal;
use muster_core::actor::Caller;
use muster_core::agent::Profile;
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::{Permission, Permissions};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    admin, agent, agent_with_roles, assert_denied, assert_not_found, assert_refused, built_in, caller, desk, digest,
    event_names, id, new_agent, read, role, team, update,
};

both_engines!(
    whoever_is_enlisted_serves_and_answers,
    whoever_is_discharged_leaves_every_team,
    service_is_teams_and_capacity,
    teams_need_the_right_over_their_members,
    a_manager_leaves_administrators_alone,
    enlisting_grants_nobody_more_than_the_manager_holds,
    new_teams_count_from_nothing,
    the_floor_is_run_by_right,
);

async fn manager(desk: &TestDesk, email: &str) -> Caller {
    caller(&agent_with_roles(desk, email, &[built_in(desk, "manager").await]).await)
}

fn serves(serves: bool) -> AgentPatch {
    let extension = AgentExtension { serves: Some(serves), ..AgentExtension::default() };
    AgentPatch { extension, ..AgentPatch::default() }
}

fn teams(teams: &[TeamId]) -> ServicePatch {
    ServicePatch { teams: Some(teams.to_vec()), capacity: None }
}

fn capacity(capacity: Option<u16>) -> ServicePatch {
    ServicePatch { teams: None, capacity: Some(capacity) }
}

async fn whoever_is_enlisted_serves_and_answers(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let manager = manager(&desk, "manager@example.org").await;
    let agents = built_in(&desk, "agent").await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    update(&desk, kim, serves(false)).await.unwrap();
    let enlisted = desk.app.enlist(&manager, kim).await.unwrap();
    assert!(enlisted.takes_work());
    assert_eq!(enlisted.roles.iter().map(|role| role.id).collect::<Vec<_>>(), [agents]);
    assert_eq!(enlisted, read(&desk, kim).await);
    let before = digest(&desk).await;
    assert_eq!(desk.app.enlist(&manager, kim).await.unwrap(), enlisted);
    assert_eq!(before, digest(&desk).await);
    let answers = [Permission::MessagesWrite, Permission::ConversationsRead, Permission::ConversationsReadAssigned];
    let own = role(&desk, "Own", &answers).await;
    let lee = agent_with_roles(&desk, "lee@example.org", &[own]).await;
    assert_eq!(desk.app.enlist(&manager, lee.agent.id).await.unwrap(), lee);
    let names = event_names(&desk).await;
    assert!(names.contains(&"agent.serving_changed") && names.contains(&"agent.roles_changed"));
}

async fn whoever_is_discharged_leaves_every_team(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let manager = manager(&desk, "manager@example.org").await;
    let (support, sales, agents) =
        (team(&desk, "Support").await, team(&desk, "Sales").await, built_in(&desk, "agent").await);
    let new = NewAgent { roles: vec![agents], teams: vec![support, sales], ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    let discharged = desk.app.discharge(&manager, kim.agent.id).await.unwrap();
    assert!(!discharged.agent.serves && discharged.teams.is_empty());
    assert_eq!(discharged.roles, kim.roles);
    assert!(discharged.state.epoch > kim.state.epoch && discharged.agent.version == kim.agent.version + 1);
    let analyst = agent_with_roles(&desk, "analyst@example.org", &[built_in(&desk, "analyst").await]).await;
    let before = digest(&desk).await;
    for agent in [kim.agent.id, analyst.agent.id] {
        assert_refused(desk.app.discharge(&manager, agent).await, Refusal::NotServing(agent));
        assert_refused(desk.app.set_service(&manager, agent, capacity(Some(3))).await, Refusal::NotServing(agent));
    }
    assert_not_found(desk.app.discharge(&manager, AgentId(999)).await, Entity::Agent);
    assert_refused(desk.app.enlist(&manager, AgentId(1)).await, Refusal::BuiltIn(Entity::Agent));
    assert_eq!(before, digest(&desk).await);
}

async fn service_is_teams_and_capacity(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let manager = manager(&desk, "manager@example.org").await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let kim = agent_with_roles(&desk, "kim@example.org", &[built_in(&desk, "agent").await]).await.agent.id;
    let first = desk.app.set_service(&manager, kim, teams(&[support])).await.unwrap();
    let both = ServicePatch { teams: Some(vec![sales, support]), capacity: Some(Some(3)) };
    let second = desk.app.set_service(&manager, kim, both.clone()).await.unwrap();
    assert_eq!(second.teams[0], first.teams[0]);
    assert_eq!((second.teams.len(), second.agent.capacity), (2, Some(3)));
    let before = digest(&desk).await;
    for same in [both, ServicePatch::default(), capacity(Some(3))] {
        assert_eq!(desk.app.set_service(&manager, kim, same).await.unwrap(), second);
    }
    assert_not_found(desk.app.set_service(&manager, kim, teams(&[support, TeamId(999)])).await, Entity::Team);
    assert_eq!(before, digest(&desk).await);
    let third = desk.app.set_service(&manager, kim, capacity(None)).await.unwrap();
    assert_eq!((third.agent.capacity, third.teams.len()), (None, 2));
    assert!(desk.app.set_service(&manager, kim, teams(&[])).await.unwrap().teams.is_empty());
}

async fn teams_need_the_right_over_their_members(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let floor = role(&desk, "Floor", &[Permission::AgentsServe]).await;
    let floor = caller(&agent_with_roles(&desk, "floor@example.org", &[floor]).await);
    let kim = agent_with_roles(&desk, "kim@example.org", &[built_in(&desk, "agent").await]).await.agent.id;
    desk.app.set_service(&floor, kim, capacity(Some(2))).await.unwrap();
    let missing = Permission::TeamMembersManage;
    assert_denied(desk.app.set_service(&floor, kim, teams(&[support])).await, missing);
    desk.app.set_service(&floor, kim, teams(&[])).await.unwrap();
    update(&desk, kim, AgentPatch { join: vec![support], ..AgentPatch::default() }).await.unwrap();
    desk.app.set_service(&floor, kim, teams(&[support])).await.unwrap();
    assert_denied(desk.app.set_service(&floor, kim, teams(&[])).await, missing);
}

async fn a_manager_leaves_administrators_alone(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    admin(&desk, "other@example.org").await;
    let manager = manager(&desk, "manager@example.org").await;
    let owner = role(&desk, "Owner", &[Permission::GeneralSettingsManage]).await;
    let agents = built_in(&desk, "agent").await;
    let owner = agent_with_roles(&desk, "owner@example.org", &[owner, agents]).await;
    let before = digest(&desk).await;
    for (target, missing) in [(id(&ada), Permission::StatusManage), (owner.agent.id, Permission::GeneralSettingsManage)]
    {
        assert_denied(desk.app.enlist(&manager, target).await, missing);
        assert_denied(desk.app.discharge(&manager, target).await, missing);
        assert_denied(desk.app.set_service(&manager, target, capacity(Some(1))).await, missing);
        assert_denied(desk.app.set_service(&manager, target, ServicePatch::default()).await, missing);
    }
    assert_eq!(before, digest(&desk).await);
    let other: Profile = read(&desk, id(&manager)).await;
    assert!(other.takes_work());
    assert!(!desk.app.discharge(&manager, other.agent.id).await.unwrap().agent.serves, "oneself and one's equals");
    desk.app.discharge(&ada, owner.agent.id).await.unwrap();
}

async fn enlisting_grants_nobody_more_than_the_manager_holds(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let floor = role(&desk, "Floor", &[Permission::AgentsServe]).await;
    let floor = caller(&agent_with_roles(&desk, "floor@example.org", &[floor]).await);
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let agents = desk.app.role(&ada, built_in(&desk, "agent").await).await.unwrap();
    let tags = Permissions::from_iter([Permission::TagsManage]);
    let patch = RolePatch { permissions: Some(agents.permissions.union(tags)), ..RolePatch::default() };
    desk.app.update_role(&ada, agents.id, patch).await.unwrap();
    let before = digest(&desk).await;
    for target in [kim, id(&floor)] {
        assert_denied(desk.app.enlist(&floor, target).await, Permission::TagsManage);
    }
    assert_eq!(before, digest(&desk).await);
    assert!(desk.app.enlist(&ada, kim).await.unwrap().takes_work());
}

/// Whoever runs the floor chooses: the desk's own way is the lowest count in the team.
async fn new_teams_count_from_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let manager = manager(&desk, "manager@example.org").await;
    let support = team(&desk, "Support").await;
    let agents = built_in(&desk, "agent").await;
    let [kim, lee, max] = ["kim", "lee", "max"].map(|name| format!("{name}@example.org"));
    let kim = agent_with_roles(&desk, &kim, &[agents]).await.agent;
    let named = MemberUpsert { agent: kim.public_id.to_string(), count: 7, order: 0 };
    let patch = MembersPatch { upsert: vec![named], remove: Vec::new() };
    desk.app.change_members(&admin, support, patch).await.unwrap();
    let lee = agent_with_roles(&desk, &lee, &[agents]).await.agent.id;
    let count = |profile: &Profile| profile.teams[0].membership.assignment_count;
    assert_eq!(count(&desk.app.set_service(&manager, lee, teams(&[support])).await.unwrap()), 0);
    desk.app.set_service(&manager, kim.id, teams(&[support])).await.unwrap();
    assert_eq!(count(&read(&desk, kim.id).await), 7, "kept");
    desk.app.discharge(&manager, lee).await.unwrap();
    let new = NewAgent { teams: vec![support], ..new_agent(&max) };
    assert_eq!(count(&desk.app.create_agent(&admin, new).await.unwrap()), 7);
}

async fn the_floor_is_run_by_right(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent_with_roles(&desk, "kim@example.org", &[built_in(&desk, "agent").await]).await;
    let (by, kim) = (caller(&kim), kim.agent.id);
    let missing = Permission::AgentsServe;
    let before = digest(&desk).await;
    assert_denied(desk.app.enlist(&by, kim).await, missing);
    assert_denied(desk.app.discharge(&by, kim).await, missing);
    assert_denied(desk.app.set_service(&by, kim, capacity(Some(1))).await, missing);
    assert_eq!(before, digest(&desk).await);
}
