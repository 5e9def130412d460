//! Agents by the names other programs know them by, and all of them at once.

use muster_app::agents::{AgentPatch, NewAgent};
use muster_core::Entity;
use muster_core::actor::{Actor, Caller, Via};
use muster_core::id::{AgentId, ContactId, InboxId};
use muster_core::permission::Permission;
use muster_testkit::{TestEngine, both_engines};

use super::{
    agent, agent_with_roles, assert_denied, assert_not_found, assert_unauthenticated, built_in, caller, desk, id,
    new_agent, read, team, update,
};

both_engines!(
    logins_are_compared_by_key,
    several_are_found_by_login,
    all_profiles_are_what_one_reads_alone,
    colleagues_are_shown_to_every_agent,
    a_deleted_login_is_remembered,
    built_in_roles_are_found_by_key,
);

async fn logins_are_compared_by_key(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { login: Some("Kim.Lee".into()), ..new_agent("lee@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    for login in ["Kim.Lee", " kim.lee ", "ＫＩＭ.lee"] {
        assert_eq!(desk.app.agent_by_login(&admin, login).await.unwrap(), kim, "{login}");
    }
    let public_id = kim.agent.public_id.as_str();
    assert_eq!(desk.app.agent_by_public_id(&admin, public_id).await.unwrap(), kim);
    for unknown in ["lee@example.org", "lee", "", "a\0b"] {
        assert_not_found(desk.app.agent_by_login(&admin, unknown).await, Entity::Agent);
        assert_not_found(desk.app.agent_by_public_id(&admin, unknown).await, Entity::Agent);
    }
    desk.app.delete_agent(&admin, kim.agent.id).await.unwrap();
    assert_not_found(desk.app.agent_by_login(&admin, "kim.lee").await, Entity::Agent);
    assert_not_found(desk.app.agent_by_public_id(&admin, public_id).await, Entity::Agent);
}

async fn several_are_found_by_login(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let lee = agent(&desk, "lee@example.org").await;
    let gone = agent(&desk, "gone@example.org").await;
    desk.app.delete_agent(&admin, gone.agent.id).await.unwrap();
    let logins = ["LEE", "nobody", " kim ", "lee", "gone", "a\0b", "", "kim@example.org"].map(ToOwned::to_owned);
    assert_eq!(desk.app.agents_by_logins(&admin, &logins).await.unwrap(), [kim.clone(), lee]);
    assert!(desk.app.agents_by_logins(&admin, &[]).await.unwrap().is_empty());
    assert_denied(desk.app.agents_by_logins(&caller(&kim), &logins).await, Permission::UsersManage);
}

async fn all_profiles_are_what_one_reads_alone(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, role) = (team(&desk, "Support").await, built_in(&desk, "agent").await);
    let kim = agent_with_roles(&desk, "kim@example.org", &[role]).await.agent.id;
    let lee = agent(&desk, "lee@example.org").await.agent.id;
    let gone = agent(&desk, "gone@example.org").await.agent.id;
    update(&desk, kim, AgentPatch { teams: Some(vec![support]), ..AgentPatch::default() }).await.unwrap();
    desk.app.create_api_key(&admin, kim, Some("default")).await.unwrap();
    desk.app.delete_agent(&admin, gone).await.unwrap();
    let all = desk.app.agent_profiles(&admin).await.unwrap();
    let mut alone = Vec::new();
    for agent in [id(&admin), kim, lee] {
        alone.push(read(&desk, agent).await);
    }
    assert_eq!(all, alone);
}

async fn colleagues_are_shown_to_every_agent(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let by = caller(&kim);
    let users = Permission::UsersManage;
    let public_id = kim.agent.public_id.as_str();
    assert_denied(desk.app.agent_profiles(&by).await, users);
    assert_denied(desk.app.agent_by_login(&by, "kim").await, users);
    assert_denied(desk.app.agent_by_public_id(&by, public_id).await, users);
    assert_eq!(desk.app.colleagues(&by).await.unwrap(), desk.app.agent_profiles(&admin).await.unwrap());
    assert_eq!(desk.app.colleague_by_login(&by, "ada").await.unwrap(), read(&desk, id(&admin)).await);
    assert_eq!(desk.app.colleague_by_public_id(&by, public_id).await.unwrap(), kim);
    assert_not_found(desk.app.colleague_by_login(&by, "nobody").await, Entity::Agent);
    let visitor = Actor::Visitor { contact: ContactId(9), inbox: InboxId(1) };
    let visitor = Caller { actor: visitor, via: Via::Widget, request_id: None, ip: None, credential: None };
    assert_unauthenticated(desk.app.colleagues(&visitor).await);
    assert_unauthenticated(desk.app.colleague_by_login(&visitor, "kim").await);
    assert_unauthenticated(desk.app.colleague_by_public_id(&visitor, public_id).await);
}

async fn a_deleted_login_is_remembered(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { login: Some("Kim.Lee".into()), ..new_agent("lee@example.org") };
    let kim: AgentId = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    let renamed = AgentPatch { login: Some("kim".into()), ..AgentPatch::default() };
    update(&desk, kim, renamed).await.unwrap();
    assert!(!desk.app.was_login_deleted("kim").await.unwrap());
    desk.app.delete_agent(&admin, kim).await.unwrap();
    assert!(desk.app.was_login_deleted("KIM").await.unwrap());
    assert!(!desk.app.was_login_deleted("kim.lee").await.unwrap(), "a name given up before");
    agent(&desk, "kim@example.org").await;
    assert!(desk.app.was_login_deleted("kim").await.unwrap());
}

async fn built_in_roles_are_found_by_key(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    for key in ["admin", "agent", "manager", "analyst"] {
        assert_eq!(desk.app.role_by_key(key).await.unwrap().id, built_in(&desk, key).await);
    }
    assert_not_found(desk.app.role_by_key("owner").await, Entity::Role);
}
