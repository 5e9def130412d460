//! Roles: named sets of permissions.

use std::sync::Arc;

use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::{AgentId, RoleId};
use muster_core::permission::{Permission, Permissions};
use muster_core::role::{self, Role};
use muster_core::{Entity, Error, Refusal, Result, Why};
use muster_store::db::lost_race;
use muster_store::{agents, roles};
use serde_json::json;

use crate::agents::record_roles;
use crate::{App, Work};

/// A role to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRole {
    pub name: String,
    pub description: String,
    pub permissions: Permissions,
}

/// A change of a role. What is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RolePatch {
    pub name: Option<String>,
    pub description: Option<String>,
    /// What the role grants from now on, and its fine atoms as before.
    pub permissions: Option<Permissions>,
}

impl App {
    /// All roles, by id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn list_roles(&self, caller: &Caller) -> Result<Vec<Role>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(roles::list(tx))).await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`].
    pub async fn role(&self, caller: &Caller, id: RoleId) -> Result<Role> {
        caller.actor.require(Permission::RolesManage)?;
        self.read(move |tx| Box::pin(roles::role(tx, id))).await
    }

    /// The built-in role of this key.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn role_by_key(&self, key: &str) -> Result<Role> {
        let key: Arc<str> = key.into();
        let found = self.read(move |tx| {
            let key = Arc::clone(&key);
            Box::pin(async move { roles::built_in(tx, &key).await })
        });
        found.await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`], also for a role that grants nothing; [`Error::Conflict`] for a name that
    /// is taken.
    pub async fn create_role(&self, caller: &Caller, new: NewRole) -> Result<Role> {
        caller.actor.require(Permission::RolesManage)?;
        let (name, description) = role::check_names(&new.name, &new.description)?;
        check_grants_something(new.permissions)?;
        let new = Arc::new(NewRole { name, description, permissions: new.permissions });
        self.write(caller, move |work| {
            let new = Arc::clone(&new);
            Box::pin(async move { create(work, &new).await })
        })
        .await
    }

    /// # Errors
    /// As [`Self::create_role`]; [`Error::NotFound`]; [`Refusal::BuiltIn`] for the administrators' role, and for
    /// renaming a built-in one.
    pub async fn update_role(&self, caller: &Caller, id: RoleId, patch: RolePatch) -> Result<Role> {
        caller.actor.require(Permission::RolesManage)?;
        let patch = Arc::new(patch);
        self.write(caller, move |work| {
            let patch = Arc::clone(&patch);
            Box::pin(async move { update(work, id, &patch).await })
        })
        .await
    }

    /// Deletes a role; whoever held it loses it.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`]; [`Refusal::BuiltIn`].
    pub async fn delete_role(&self, caller: &Caller, id: RoleId) -> Result<()> {
        caller.actor.require(Permission::RolesManage)?;
        self.write(caller, move |work| Box::pin(delete(work, id))).await
    }
}

fn check_grants_something(permissions: Permissions) -> Result<()> {
    if permissions.is_empty() { Err(Error::invalid("permissions", Why::Empty)) } else { Ok(()) }
}

async fn create(work: &mut Work<'_>, new: &NewRole) -> Result<Role> {
    let mut role = Role {
        id: RoleId(0),
        public_id: work.draw.public_id(),
        key: None,
        name: new.name.clone(),
        description: new.description.clone(),
        permissions: new.permissions,
        created_at: work.now,
        updated_at: work.now,
        version: 1,
    };
    role.id = roles::insert_role(work.tx, &role).await?;
    work.record_change(Event::RoleCreated { role: role.id }, json!(null), shown(&role));
    Ok(role)
}

async fn update(work: &mut Work<'_>, id: RoleId, patch: &RolePatch) -> Result<Role> {
    let (before, holders) = lock(work, id).await?;
    before.check_editable()?;
    let mut role = before.clone();
    let name = patch.name.as_deref().unwrap_or(&before.name);
    let description = patch.description.as_deref().unwrap_or(&before.description);
    (role.name, role.description) = role::check_names(name, description)?;
    if role.is_built_in() && role.name != before.name {
        return Err(Refusal::BuiltIn(Entity::Role).into());
    }
    if let Some(permissions) = patch.permissions {
        check_grants_something(permissions)?;
        let fine = before.permissions.iter().filter(|permission| permission.is_fine());
        role.permissions = permissions.union(fine.collect());
    }
    let fields = changed(&before, &role);
    if fields.is_empty() {
        return Ok(before);
    }
    role.version += 1;
    role.updated_at = work.now;
    roles::save_role(work.tx, &role).await?;
    if before.permissions != role.permissions {
        agents::raise_epochs(work.tx, &holders).await?;
    }
    work.record_change(Event::RoleUpdated { role: id, fields }, shown(&before), shown(&role));
    Ok(role)
}

async fn delete(work: &mut Work<'_>, id: RoleId) -> Result<()> {
    let (role, holders) = lock(work, id).await?;
    role.check_deletable()?;
    for profile in agents::profiles_by_ids(work.tx, &holders).await? {
        let before = profile.role_ids();
        let mut after = before.clone();
        after.remove(&id);
        record_roles(work, profile.agent.id, before, after);
    }
    roles::delete_role(work.tx, id).await?;
    agents::raise_epochs(work.tx, &holders).await?;
    work.record_change(Event::RoleDeleted { role: id }, shown(&role), json!(null));
    Ok(())
}

/// Locks a role and, before it, whoever holds it.
async fn lock(work: &mut Work<'_>, id: RoleId) -> Result<(Role, Vec<AgentId>)> {
    let holders = agents::holders_of_role(work.tx, id).await?;
    agents::lock(work.tx, &holders).await?;
    let role = roles::lock_role(work.tx, id).await?;
    if agents::holders_of_role(work.tx, id).await? != holders {
        return Err(lost_race());
    }
    Ok((role, holders))
}

fn changed(before: &Role, after: &Role) -> Vec<String> {
    let fields = [
        ("name", before.name != after.name),
        ("description", before.description != after.description),
        ("permissions", before.permissions != after.permissions),
    ];
    fields.iter().filter(|(_, moved)| *moved).map(|(name, _)| (*name).to_owned()).collect()
}

fn shown(role: &Role) -> serde_json::Value {
    json!({ "name": role.name, "description": role.description, "permissions": role.permissions })
}
