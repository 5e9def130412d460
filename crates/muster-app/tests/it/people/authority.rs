//! How far somebody reaches, and that the desk keeps an administrator.

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_core::Refusal;
use muster_core::actor::Caller;
use muster_core::permission::Permission;
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};

use super::{
    PASSWORD, admin, agent, agent_with_roles, assert_denied, assert_refused, built_in, caller, desk, digest, id, lead,
    new_agent, read, role,
};

both_engines!(
    nobody_reaches_above_oneself,
    whoever_leads_hands_out_what_administers_nothing,
    people_without_the_right_change_nobody,
    the_last_administrator_stays,
    one_of_two_administrators_may_go,
    two_administrators_cannot_take_each_other_away,
);

fn extended(extension: AgentExtension) -> AgentPatch {
    AgentPatch { extension, ..AgentPatch::default() }
}

fn locked(locked: bool) -> AgentPatch {
    extended(AgentExtension { locked: Some(locked), ..AgentExtension::default() })
}

/// Every change of an account that gives or takes a right, a password, a name or the way in.
async fn account_changes(desk: &muster_testkit::TestDesk) -> Vec<(&'static str, AgentPatch)> {
    let none = AgentPatch::default;
    vec![
        ("roles taken", AgentPatch { roles: Some(vec![built_in(desk, "agent").await]), ..none() }),
        ("password", AgentPatch { new_password: Some(PASSWORD.to_owned()), ..none() }),
        ("e-mail", AgentPatch { email: Some("other@example.org".to_owned()), ..none() }),
        ("login", AgentPatch { login: Some("other".to_owned()), ..none() }),
        ("sign-in", extended(AgentExtension { login_using_email: Some(false), ..AgentExtension::default() })),
        ("disabled", AgentPatch { enabled: Some(false), ..none() }),
        ("locked", locked(true)),
    ]
}

async fn nobody_reaches_above_oneself(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let lead = lead(&desk, "lead@example.org").await;
    let target = id(&admin);
    desk.app.create_api_key(&Caller::operator(), target, Some("default")).await.unwrap();
    let missing = Permission::StatusManage;
    let before = digest(&desk).await;
    for (name, patch) in account_changes(&desk).await {
        let outcome = desk.app.update_agent(&lead, target, patch).await;
        assert!(outcome.is_err(), "{name}");
        assert_denied(outcome, missing);
    }
    assert_denied(desk.app.create_api_key(&lead, target, Some("default")).await, missing);
    assert_denied(desk.app.revoke_api_key(&lead, target, "default").await, missing);
    assert_denied(desk.app.delete_agent(&lead, target).await, missing);
    assert_denied(desk.app.invite_link(&lead, "ada@example.org").await, missing);
    assert_denied(desk.app.invite_agent(&lead, target).await, missing);
    assert_denied(desk.app.reset_password_link(&lead, "ada@example.org").await, missing);
    let roles = vec![built_in(&desk, "admin").await];
    let grant = AgentPatch { roles: Some(roles.clone()), ..AgentPatch::default() };
    assert_denied(desk.app.update_agent(&lead, id(&lead), grant).await, missing);
    let new = NewAgent { roles, ..new_agent("new@example.org") };
    assert_denied(desk.app.create_agent(&lead, new).await, missing);
    assert_eq!(before, digest(&desk).await);
    let renamed = AgentPatch { first_name: Some("Adele".to_owned()), ..AgentPatch::default() };
    desk.app.update_agent(&lead, target, renamed).await.unwrap();
}

async fn whoever_leads_hands_out_what_administers_nothing(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let lead = lead(&desk, "lead@example.org").await;
    let new = NewAgent { roles: vec![built_in(&desk, "agent").await], ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&lead, new).await.unwrap().agent.id;
    for (_, patch) in account_changes(&desk).await {
        desk.app.update_agent(&lead, kim, patch).await.unwrap();
    }
    desk.app.delete_agent(&lead, kim).await.unwrap();
}

async fn people_without_the_right_change_nobody(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = caller(&agent_with_roles(&desk, "kim@example.org", &[built_in(&desk, "agent").await]).await);
    let users = Permission::UsersManage;
    assert_denied(desk.app.list_agents(&kim).await, users);
    assert_denied(desk.app.agent(&kim, id(&kim)).await, users);
    assert_denied(desk.app.create_agent(&kim, new_agent("x@example.org")).await, users);
    assert_denied(desk.app.update_agent(&kim, id(&kim), AgentPatch::default()).await, users);
    assert_denied(desk.app.delete_agent(&kim, id(&kim)).await, users);
    assert_denied(desk.app.create_api_key(&kim, id(&kim), None).await, users);
    assert_denied(desk.app.invite_agent(&kim, id(&kim)).await, users);
    assert_eq!(desk.app.my_profile(&kim).await.unwrap(), read(&desk, id(&kim)).await);
    assert_eq!(desk.app.agents_compact(&kim).await.unwrap().len(), 2);
}

async fn the_last_administrator_stays(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let other = admin(&desk, "other@example.org").await;
    desk.app.update_agent(&ada, id(&other), locked(true)).await.unwrap();
    let operator = Caller::operator();
    let before = digest(&desk).await;
    let patches = [
        AgentPatch { enabled: Some(false), ..AgentPatch::default() },
        AgentPatch { roles: Some(Vec::new()), ..AgentPatch::default() },
        locked(true),
    ];
    for patch in patches {
        assert_refused(desk.app.update_agent(&operator, id(&ada), patch).await, Refusal::LastAdmin);
    }
    assert_refused(desk.app.delete_agent(&operator, id(&ada)).await, Refusal::LastAdmin);
    assert_eq!(before, digest(&desk).await);
}

async fn one_of_two_administrators_may_go(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let other = admin(&desk, "other@example.org").await;
    desk.app.delete_agent(&ada, id(&other)).await.unwrap();
    let bob = agent(&desk, "bob@example.org").await.agent.id;
    let promoted = AgentPatch { roles: Some(vec![built_in(&desk, "admin").await]), ..AgentPatch::default() };
    let bob = caller(&desk.app.update_agent(&ada, bob, promoted).await.unwrap());
    let retired = AgentPatch { roles: Some(Vec::new()), ..AgentPatch::default() };
    desk.app.update_agent(&bob, id(&ada), retired).await.unwrap();
    let unused = role(&desk, "Unused", &[Permission::MessagesRead]).await;
    desk.app.delete_role(&bob, unused).await.unwrap();
}

/// Without the lock on the administrators' role both would count on the other one.
async fn two_administrators_cannot_take_each_other_away(engine: TestEngine) {
    let (desk, ada) = desk(engine).await;
    let bob = admin(&desk, "bob@example.org").await;
    let (ada, bob) = (id(&ada), id(&bob));
    let admin_role = built_in(&desk, "admin").await;
    let operator = Caller::operator();
    let gone = |round: usize| match round % 3 {
        0 => AgentPatch { roles: Some(Vec::new()), ..AgentPatch::default() },
        1 => AgentPatch { enabled: Some(false), ..AgentPatch::default() },
        _ => locked(true),
    };
    for round in 0..rounds(9, 300) {
        let (first, second) = tokio::join!(
            desk.app.update_agent(&operator, ada, gone(round)),
            desk.app.update_agent(&operator, bob, gone(round)),
        );
        assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{first:?} {second:?}");
        let loser = if first.is_ok() { second } else { first };
        assert_refused(loser, Refusal::LastAdmin);
        for id in [ada, bob] {
            let back = AgentPatch { roles: Some(vec![admin_role]), enabled: Some(true), ..locked(false) };
            desk.app.update_agent(&operator, id, back).await.unwrap();
        }
    }
}
