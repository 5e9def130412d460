//! One built-in role given or taken.

use muster_core::Entity;
use muster_core::Refusal;
use muster_core::actor::Caller;
use muster_core::id::AgentId;
use muster_core::permission::Permission;
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    admin, agent, agent_with_roles, assert_denied, assert_not_found, assert_refused, built_in, caller, desk, digest,
    id, lead, read, role,
};

both_engines!(
    a_supervisor_is_appointed_and_dismissed,
    nobody_appoints_above_oneself,
    the_last_administrator_is_not_dismissed,
);

fn role_keys(profile: &muster_core::agent::Profile) -> Vec<&str> {
    profile.roles.iter().filter_map(|role| role.key.as_deref()).collect()
}

async fn a_supervisor_is_appointed_and_dismissed(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let kim = agent_with_roles(&desk, "kim@example.org", &[built_in(&desk, "agent").await]).await;
    let id = kim.agent.id;
    let appointed = desk.app.appoint(&ada, id, "manager").await.unwrap();
    assert_eq!(role_keys(&appointed), ["agent", "manager"]);
    assert!(appointed.state.epoch > kim.state.epoch && appointed.agent.version == kim.agent.version + 1);
    let before = digest(&desk).await;
    assert_eq!(desk.app.appoint(&ada, id, "manager").await.unwrap(), appointed);
    assert_not_found(desk.app.appoint(&ada, id, "owner").await, Entity::Role);
    assert_not_found(desk.app.appoint(&ada, AgentId(999), "manager").await, Entity::Agent);
    assert_refused(desk.app.appoint(&ada, AgentId(1), "manager").await, Refusal::BuiltIn(Entity::Agent));
    assert_eq!(before, digest(&desk).await);
    let dismissed = desk.app.dismiss(&ada, id, "manager").await.unwrap();
    assert_eq!(dismissed.roles, kim.roles);
    let before = digest(&desk).await;
    assert_eq!(desk.app.dismiss(&ada, id, "manager").await.unwrap(), dismissed);
    assert_eq!(before, digest(&desk).await);
}

async fn supervisor(desk: &TestDesk, name: &str, permissions: &[Permission]) -> Caller {
    let role = role(desk, name, permissions).await;
    caller(&agent_with_roles(desk, &format!("{name}@example.org"), &[role]).await)
}

async fn nobody_appoints_above_oneself(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let manager = caller(&agent_with_roles(&desk, "manager@example.org", &[built_in(&desk, "manager").await]).await);
    let lead = lead(&desk, "lead@example.org").await;
    let appoints = supervisor(&desk, "appoints", &[Permission::SupervisorsManage]).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let missing = Permission::SupervisorsManage;
    let before = digest(&desk).await;
    for by in [&manager, &lead] {
        for target in [kim, id(&ada), id(by)] {
            assert_denied(desk.app.appoint(by, target, "manager").await, missing);
            assert_denied(desk.app.appoint(by, target, "admin").await, missing);
            assert_denied(desk.app.dismiss(by, target, "admin").await, missing);
        }
    }
    for target in [kim, id(&appoints)] {
        assert_denied(desk.app.appoint(&appoints, target, "manager").await, Permission::TagsManage);
        assert_denied(desk.app.appoint(&appoints, target, "admin").await, Permission::StatusManage);
    }
    assert_denied(desk.app.appoint(&appoints, id(&ada), "analyst").await, Permission::StatusManage);
    assert_denied(desk.app.dismiss(&appoints, id(&ada), "admin").await, Permission::StatusManage);
    assert_denied(desk.app.dismiss(&appoints, id(&manager), "manager").await, Permission::TagsManage);
    assert_eq!(before, digest(&desk).await);
    desk.app.appoint(&appoints, kim, "analyst").await.unwrap();
    assert_eq!(role_keys(&read(&desk, kim).await), ["analyst"]);
}

async fn the_last_administrator_is_not_dismissed(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let before = digest(&desk).await;
    assert_refused(desk.app.dismiss(&ada, id(&ada), "admin").await, Refusal::LastAdmin);
    assert_eq!(before, digest(&desk).await);
    let other = admin(&desk, "other@example.org").await;
    desk.app.dismiss(&ada, id(&other), "admin").await.unwrap();
    assert_refused(desk.app.dismiss(&Caller::operator(), id(&ada), "admin").await, Refusal::LastAdmin);
}
