//! Roles.

use muster_app::references::NameOrId;
use muster_app::roles::{NewRole, RolePatch};
use muster_core::permission::{Permission, Permissions};
use muster_core::{Entity, Refusal};
use muster_testkit::{TestEngine, both_engines};

use super::{
    agent_with_roles, assert_conflict, assert_denied, assert_invalid, assert_not_found, assert_refused, built_in, desk,
    digest, event_names, lead, read, role,
};

both_engines!(
    a_role_lives,
    built_in_roles_are_kept,
    an_update_keeps_the_fine_atoms,
    whoever_holds_a_deleted_role_loses_it,
    roles_are_found_by_name_and_id,
);

async fn a_role_lives(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let permissions = Permissions::from_iter([Permission::MessagesRead]);
    let new = |name: &str, permissions| NewRole { name: name.to_owned(), description: String::new(), permissions };
    let created = desk.app.create_role(&admin, new(" Readers ", permissions)).await.unwrap();
    assert_eq!((created.name.as_str(), created.version), ("Readers", 1));
    assert_conflict(desk.app.create_role(&admin, new("READERS", permissions)).await, Entity::Role);
    assert_invalid(desk.app.create_role(&admin, new("", permissions)).await, "name");
    assert_invalid(desk.app.create_role(&admin, new("None", Permissions::NONE)).await, "permissions");
    let lead = lead(&desk, "lead@example.org").await;
    assert_denied(desk.app.create_role(&lead, new("Mine", permissions)).await, Permission::RolesManage);
    let before = digest(&desk).await;
    let same = RolePatch { name: Some("Readers".to_owned()), ..RolePatch::default() };
    assert_eq!(desk.app.update_role(&admin, created.id, same).await.unwrap(), created);
    assert_eq!(before, digest(&desk).await);
    let renamed = RolePatch { name: Some("Agent".to_owned()), ..RolePatch::default() };
    assert_conflict(desk.app.update_role(&admin, created.id, renamed).await, Entity::Role);
    desk.app.delete_role(&admin, created.id).await.unwrap();
    assert_not_found(desk.app.role(&admin, created.id).await, Entity::Role);
    assert_eq!(desk.app.list_roles(&lead).await.unwrap().len(), 5);
}

async fn built_in_roles_are_kept(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let before = digest(&desk).await;
    let rename = RolePatch { name: Some("Other".to_owned()), ..RolePatch::default() };
    for key in ["admin", "agent", "manager", "analyst"] {
        let id = built_in(&desk, key).await;
        assert_refused(desk.app.delete_role(&admin, id).await, Refusal::BuiltIn(Entity::Role));
        let outcome = desk.app.update_role(&admin, id, rename.clone()).await;
        assert_refused(outcome, Refusal::BuiltIn(Entity::Role));
    }
    assert_eq!(before, digest(&desk).await);
    let fewer = Permissions::from_iter([Permission::MessagesRead]);
    let patch = RolePatch { permissions: Some(fewer), ..RolePatch::default() };
    let agent = built_in(&desk, "agent").await;
    assert_eq!(desk.app.update_role(&admin, agent, patch).await.unwrap().permissions, fewer);
    desk.app.ensure_built_ins().await.unwrap();
    assert_eq!(desk.app.role(&admin, agent).await.unwrap().permissions, fewer, "an operator's change stays");
}

async fn an_update_keeps_the_fine_atoms(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let manager = built_in(&desk, "manager").await;
    let given = Permissions::from_iter([Permission::MessagesRead]);
    let patch = RolePatch { permissions: Some(given), ..RolePatch::default() };
    let updated = desk.app.update_role(&admin, manager, patch).await.unwrap().permissions;
    assert!(updated.contains(Permission::DeskSupervise) && updated.contains(Permission::AgentsServe));
    assert!(!updated.contains(Permission::TeamsManage));
}

async fn whoever_holds_a_deleted_role_loses_it(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let writers = role(&desk, "Writers", &[Permission::MessagesWrite]).await;
    let kim = agent_with_roles(&desk, "kim@example.org", &[writers, built_in(&desk, "agent").await]).await;
    let fewer = RolePatch { permissions: Some([Permission::MessagesRead].into_iter().collect()), ..Default::default() };
    desk.app.update_role(&admin, writers, fewer).await.unwrap();
    let changed = read(&desk, kim.agent.id).await;
    assert!(changed.state.epoch > kim.state.epoch);
    desk.app.delete_role(&admin, writers).await.unwrap();
    let left = read(&desk, kim.agent.id).await;
    assert_eq!(left.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["Agent"]);
    assert!(left.state.epoch > changed.state.epoch);
    let names = event_names(&desk).await;
    assert!(names.contains(&"role.deleted") && names.contains(&"agent.roles_changed"));
}

async fn roles_are_found_by_name_and_id(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let numbered = role(&desk, "2", &[Permission::MessagesRead]).await;
    let admin = built_in(&desk, "admin").await;
    let name = |name: &str| NameOrId::Name(name.to_owned());
    let references = [name("Admin"), name("aDMIN"), name("nope"), name("2"), NameOrId::Id(admin.0), name("999")];
    let resolved = desk.app.roles_by_reference(&references).await.unwrap();
    assert_eq!(resolved.found, [admin, numbered]);
    assert_eq!(resolved.unknown, [name("nope"), name("999")]);
    let by_number = desk.app.roles_by_reference(&[name(&numbered.0.to_string())]).await.unwrap();
    assert_eq!(by_number.found, [numbered]);
}
