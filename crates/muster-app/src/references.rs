//! Roles and teams as people write them: by name or by number.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use muster_core::id::{RoleId, TeamId};
use muster_core::{Error, Result, Why};
use muster_store::db::Tx;
use muster_store::{roles, teams};

use crate::App;

/// How many references one request may hold: each is looked up.
const REFERENCES_MAX: usize = 500;

/// Names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameOrId {
    /// A name, compared by key; digits that are nobody's name are an id.
    Name(String),
    Id(i64),
}

/// What references stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved<T> {
    /// In the order given, each once.
    pub found: Vec<T>,
    pub unknown: Vec<NameOrId>,
}

impl App {
    /// Which roles are meant.
    ///
    /// # Errors
    /// [`Error::Invalid`] for more than 500; those of the store.
    pub async fn roles_by_reference(&self, references: &[NameOrId]) -> Result<Resolved<RoleId>> {
        self.resolve("roles", references, role).await
    }

    /// Which teams are meant.
    ///
    /// # Errors
    /// [`Error::Invalid`] for more than 500; those of the store.
    pub async fn teams_by_reference(&self, references: &[NameOrId]) -> Result<Resolved<TeamId>> {
        self.resolve("teams", references, team).await
    }

    async fn resolve<T>(&self, field: &'static str, references: &[NameOrId], find: Find<T>) -> Result<Resolved<T>>
    where
        T: PartialEq + Send + 'static,
    {
        if references.len() > REFERENCES_MAX {
            return Err(Error::invalid(field, Why::OutOfRange));
        }
        let references: Arc<[NameOrId]> = references.into();
        self.read(move |tx| {
            let references = Arc::clone(&references);
            Box::pin(async move {
                let mut resolved = Resolved { found: Vec::new(), unknown: Vec::new() };
                for reference in references.iter() {
                    match find(tx, reference).await? {
                        Some(id) if resolved.found.contains(&id) => {}
                        Some(id) => resolved.found.push(id),
                        None => resolved.unknown.push(reference.clone()),
                    }
                }
                Ok(resolved)
            })
        })
        .await
    }
}

type Find<T> = for<'t> fn(&'t mut Tx, &'t NameOrId) -> BoxFuture<'t, Result<Option<T>>>;

fn role<'t>(tx: &'t mut Tx, reference: &'t NameOrId) -> BoxFuture<'t, Result<Option<RoleId>>> {
    Box::pin(async move {
        if let NameOrId::Name(name) = reference
            && let Some(role) = roles::find_by_name(tx, name).await?
        {
            return Ok(Some(role.id));
        }
        match number(reference) {
            Some(id) => Ok(roles::find_role(tx, RoleId(id)).await?.map(|role| role.id)),
            None => Ok(None),
        }
    })
}

fn team<'t>(tx: &'t mut Tx, reference: &'t NameOrId) -> BoxFuture<'t, Result<Option<TeamId>>> {
    Box::pin(async move {
        if let NameOrId::Name(name) = reference
            && let Some(team) = teams::find_by_name(tx, name).await?
        {
            return Ok(Some(team.id));
        }
        match number(reference) {
            Some(id) => Ok(teams::find_team(tx, TeamId(id)).await?.map(|team| team.id)),
            None => Ok(None),
        }
    })
}

fn number(reference: &NameOrId) -> Option<i64> {
    match reference {
        NameOrId::Id(id) => Some(*id),
        NameOrId::Name(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => name.parse().ok(),
        NameOrId::Name(_) => None,
    }
}
