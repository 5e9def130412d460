//! Saved views: an agent's own, and those that are shared with a team or everybody.

use std::sync::Arc;

use muster_core::access::Scope;
use muster_core::actor::{Actor, Caller};
use muster_core::event::Event;
use muster_core::filter::Filter;
use muster_core::id::{AgentId, TeamId, ViewId};
use muster_core::permission::Permission;
use muster_core::saved_view::{self, SavedView, SeenBy};
use muster_core::view::{ConversationItem, Page};
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::{conversations, views};
use serde_json::{Value, json};

use crate::conversations::Listing;
use crate::{App, Work};

/// What a view is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewInput {
    pub name: String,
    pub filter: Filter,
}

/// Whom a shared view is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedWith {
    Team(TeamId),
    Everybody,
}

impl From<SharedWith> for SeenBy {
    fn from(with: SharedWith) -> Self {
        match with {
            SharedWith::Team(team) => Self::Team(team),
            SharedWith::Everybody => Self::Everybody,
        }
    }
}

/// Which of the two kinds a use case is about. One's views aren't there for the other's use cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Own(AgentId),
    Shared,
}

impl Kind {
    fn check(self, view: &SavedView) -> Result<()> {
        match self {
            Self::Own(agent) if view.seen_by == SeenBy::Agent(agent) => Ok(()),
            Self::Own(_) => Err(Refusal::NotOwner(Entity::View).into()),
            Self::Shared if view.seen_by.is_shared() => Ok(()),
            Self::Shared => Err(Error::NotFound(Entity::View)),
        }
    }
}

impl App {
    /// The caller's own views, by id.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Unauthenticated`] for others than agents.
    pub async fn own_views(&self, caller: &Caller) -> Result<Vec<SavedView>> {
        let agent = owner(caller)?;
        self.read(move |tx| Box::pin(views::list_of_agent(tx, agent))).await
    }

    /// # Errors
    /// As [`Self::own_views`]; [`Error::Invalid`].
    pub async fn create_own_view(&self, caller: &Caller, input: ViewInput) -> Result<SavedView> {
        let agent = owner(caller)?;
        self.create_view(caller, input, SeenBy::Agent(agent)).await
    }

    /// # Errors
    /// As [`Self::own_views`]; [`Error::Invalid`]; [`Error::NotFound`]; [`Refusal::NotOwner`].
    pub async fn update_own_view(&self, caller: &Caller, id: ViewId, input: ViewInput) -> Result<SavedView> {
        let agent = owner(caller)?;
        self.update_view(caller, (id, Kind::Own(agent)), input, SeenBy::Agent(agent)).await
    }

    /// # Errors
    /// As [`Self::own_views`]; [`Error::NotFound`]; [`Refusal::NotOwner`].
    pub async fn delete_own_view(&self, caller: &Caller, id: ViewId) -> Result<()> {
        let agent = owner(caller)?;
        self.delete_view(caller, id, Kind::Own(agent)).await
    }

    /// The views that are shared with the caller, by id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn views_shared_with(&self, caller: &Caller) -> Result<Vec<SavedView>> {
        caller.actor.require_staff()?;
        let teams: Arc<[TeamId]> = match &caller.actor {
            Actor::Agent(agent) => agent.teams.keys().copied().collect(),
            _ => Arc::default(),
        };
        self.read(move |tx| {
            let teams = Arc::clone(&teams);
            Box::pin(async move { views::list_shared_with(tx, &teams).await })
        })
        .await
    }

    /// All shared views, by id.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn shared_views(&self, caller: &Caller) -> Result<Vec<SavedView>> {
        caller.actor.require(Permission::SharedViewsManage)?;
        self.read(|tx| Box::pin(views::list_shared(tx))).await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`], also for somebody's own.
    pub async fn shared_view(&self, caller: &Caller, id: ViewId) -> Result<SavedView> {
        caller.actor.require(Permission::SharedViewsManage)?;
        let view = self.read(move |tx| Box::pin(views::view(tx, id))).await?;
        Kind::Shared.check(&view)?;
        Ok(view)
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::Invalid`]; [`Error::NotFound`] for the team.
    pub async fn create_shared_view(&self, caller: &Caller, input: ViewInput, with: SharedWith) -> Result<SavedView> {
        caller.actor.require(Permission::SharedViewsManage)?;
        self.create_view(caller, input, with.into()).await
    }

    /// # Errors
    /// As [`Self::create_shared_view`]; [`Error::NotFound`].
    pub async fn update_shared_view(
        &self,
        caller: &Caller,
        id: ViewId,
        input: ViewInput,
        with: SharedWith,
    ) -> Result<SavedView> {
        caller.actor.require(Permission::SharedViewsManage)?;
        self.update_view(caller, (id, Kind::Shared), input, with.into()).await
    }

    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`], also for somebody's own.
    pub async fn delete_shared_view(&self, caller: &Caller, id: ViewId) -> Result<()> {
        caller.actor.require(Permission::SharedViewsManage)?;
        self.delete_view(caller, id, Kind::Shared).await
    }

    /// One page of the conversations that a view lets through and the caller may read. The view's filter stands in for
    /// that of `listing`.
    ///
    /// # Errors
    /// [`Error::Denied`] also for who may read no list at all; [`Error::NotFound`]; [`Refusal::NotOwner`].
    pub async fn list_view(&self, caller: &Caller, id: ViewId, listing: Listing) -> Result<Page<ConversationItem>> {
        caller.actor.require(Permission::ConversationsRead)?;
        let view = self.read(move |tx| Box::pin(views::view(tx, id))).await?;
        view.check_seen_by(&caller.actor)?;
        check_some_list(&caller.actor)?;
        let listing = Listing { filter: view.filter, ..listing };
        self.page_of(&caller.actor, conversations::List::All, listing).await
    }

    async fn create_view(&self, caller: &Caller, input: ViewInput, seen_by: SeenBy) -> Result<SavedView> {
        let name = saved_view::checked(&input.name, &input.filter)?;
        let input = Arc::new(ViewInput { name, ..input });
        self.write(caller, move |work| {
            let input = Arc::clone(&input);
            Box::pin(async move { create(work, &input, seen_by).await })
        })
        .await
    }

    async fn update_view(
        &self,
        caller: &Caller,
        (id, kind): (ViewId, Kind),
        input: ViewInput,
        seen_by: SeenBy,
    ) -> Result<SavedView> {
        let name = saved_view::checked(&input.name, &input.filter)?;
        let input = Arc::new(ViewInput { name, ..input });
        self.write(caller, move |work| {
            let input = Arc::clone(&input);
            Box::pin(async move { update(work, (id, kind), &input, seen_by).await })
        })
        .await
    }

    async fn delete_view(&self, caller: &Caller, id: ViewId, kind: Kind) -> Result<()> {
        self.write(caller, move |work| {
            Box::pin(async move {
                let view = views::lock(work.tx, id).await?;
                kind.check(&view)?;
                delete(work, &view).await
            })
        })
        .await
    }
}

fn owner(caller: &Caller) -> Result<AgentId> {
    caller.actor.require(Permission::ViewManage)?;
    caller.actor.agent().map(|agent| agent.id)
}

/// Refuses who holds no right to any list and sees no conversation either.
fn check_some_list(actor: &Actor) -> Result<()> {
    let lists = [
        Permission::ConversationsReadAll,
        Permission::ConversationsReadUnassigned,
        Permission::ConversationsReadAssigned,
        Permission::ConversationsReadTeamInbox,
        Permission::ConversationsReadTeamAll,
    ];
    let may_list = lists.into_iter().any(|list| actor.require(list).is_ok());
    if may_list || Scope::of(actor) != Scope::default() {
        Ok(())
    } else {
        Err(Error::Denied(Permission::ConversationsReadAll))
    }
}

async fn create(work: &mut Work<'_>, input: &ViewInput, seen_by: SeenBy) -> Result<SavedView> {
    let mut view = SavedView {
        id: ViewId(0),
        name: input.name.clone(),
        filter: input.filter.clone(),
        seen_by,
        created_at: work.now,
        updated_at: work.now,
        version: 1,
    };
    view.id = views::insert(work.tx, &view).await?;
    work.record_change(Event::ViewCreated { view: view.id }, json!(null), shown(&view));
    Ok(view)
}

async fn update(
    work: &mut Work<'_>,
    (id, kind): (ViewId, Kind),
    input: &ViewInput,
    seen_by: SeenBy,
) -> Result<SavedView> {
    let before = views::lock(work.tx, id).await?;
    kind.check(&before)?;
    let ViewInput { name, filter } = input.clone();
    let mut view = SavedView { name, filter, seen_by, ..before.clone() };
    let fields = changed_fields(&before, &view);
    if fields.is_empty() {
        return Ok(before);
    }
    view.updated_at = work.now;
    view.version += 1;
    views::save(work.tx, &view).await?;
    work.record_change(Event::ViewUpdated { view: id, fields }, shown(&before), shown(&view));
    Ok(view)
}

async fn delete(work: &mut Work<'_>, view: &SavedView) -> Result<()> {
    views::delete(work.tx, view.id).await?;
    work.record_change(Event::ViewDeleted { view: view.id }, shown(view), json!(null));
    Ok(())
}

/// Deletes the own views of an agent who is being deleted.
pub(crate) async fn forget_agent(work: &mut Work<'_>, agent: AgentId) -> Result<()> {
    for view in views::list_of_agent(work.tx, agent).await? {
        delete(work, &view).await?;
    }
    Ok(())
}

/// Deletes the views of a team that is being deleted.
pub(crate) async fn forget_team(work: &mut Work<'_>, team: TeamId) -> Result<()> {
    for view in views::list_of_team(work.tx, team).await? {
        delete(work, &view).await?;
    }
    Ok(())
}

fn changed_fields(before: &SavedView, after: &SavedView) -> Vec<String> {
    let moved = [
        ("name", before.name != after.name),
        ("filters", before.filter != after.filter),
        ("visibility", before.seen_by != after.seen_by),
    ];
    moved.iter().filter(|(_, moved)| *moved).map(|(name, _)| (*name).to_owned()).collect()
}

fn shown(view: &SavedView) -> Value {
    let team = match view.seen_by {
        SeenBy::Team(team) => Some(team),
        SeenBy::Agent(_) | SeenBy::Everybody => None,
    };
    json!({ "name": view.name, "filters": view.filter, "visibility": view.seen_by.as_str(), "team": team })
}
