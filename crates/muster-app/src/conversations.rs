//! Conversations: starting, listing, reading, assigning, and moving them through their states.
//!
//! Every change goes one way: `change::lock` takes the locks in order, `muster-core` makes the
//! transition, `change::store` stores all that it caused.

mod action;
mod assign;
pub(crate) mod change;
pub(crate) mod slot;
mod start;
mod status;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use muster_core::access::{self, Scope};
use muster_core::actor::{Actor, Caller};
use muster_core::conversation::{Conversation, Order, Status};
use muster_core::filter::Filter;
use muster_core::id::TeamId;
use muster_core::permission::Permission;
use muster_core::routing::{self, Explanation};
use muster_core::survey::Survey;
use muster_core::time::Zone;
use muster_core::view::{ConversationItem, ConversationView, Decision, Page, PageRequest, Person};
use muster_core::{Entity, Error, Refusal, Result};
use muster_store::db::Tx;
use muster_store::decisions::DecisionRow;
use muster_store::{contacts, conversations, decisions, inboxes, messages, skills, statuses, surveys, tags};
use uuid::Uuid;

use crate::{App, board, claim};

pub use action::{Action, MANY_MAX};
pub use start::{Initiator, NewConversation};
pub(crate) use start::{Opening, blank_contact, defined, open};
pub use status::StatusRef;
pub(crate) use status::{back, wake};

/// How many of a contact's other conversations are shown beside one.
const PREVIOUS: i64 = 10;

/// Which conversations to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    All,
    /// The caller's own.
    Assigned,
    /// Those that neither an agent nor a team has.
    Unassigned,
    /// Those of a team of the caller's that nobody is assigned to.
    TeamUnassigned(TeamId),
    /// Those that mention the caller or a team of theirs.
    Mentioned,
}

/// What of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub page: PageRequest,
    pub order: Order,
    pub filter: Filter,
}

/// How a conversation was and would be routed.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    /// The stored decisions, the oldest first.
    pub decisions: Vec<Decision>,
    /// Whether their chain of hashes holds: none was changed or taken out.
    pub intact: bool,
    /// Who could have it now, and who not and why; only while it waits.
    pub waiting: Option<Explanation>,
    /// The explanation in words: of now while it waits, else of the last decision.
    pub words: Vec<String>,
}

impl App {
    /// One page of a list of conversations, as far as the caller may read them.
    ///
    /// # Errors
    /// [`Error::Denied`] without the list's permission; [`Refusal::NotMember`]; [`Error::Invalid`] for `filters`.
    pub async fn list_conversations(
        &self,
        caller: &Caller,
        list: List,
        listing: Listing,
    ) -> Result<Page<ConversationItem>> {
        check_list(&caller.actor, list)?;
        self.page_of(&caller.actor, stored_list(list, &caller.actor)?, listing).await
    }

    /// One page of what `list` and the actor's scope have in common.
    pub(crate) async fn page_of(
        &self,
        actor: &Actor,
        list: conversations::List,
        listing: Listing,
    ) -> Result<Page<ConversationItem>> {
        let Listing { page, order, filter } = listing;
        filter.check()?;
        let reader = actor.agent().ok().map(|agent| agent.id);
        let is_filtered = !filter.is_empty();
        let (scope, zone) = (Scope::of(actor), self.zone().await?);
        let query = Arc::new(conversations::Query { list, scope, filter, zone, reader, page, order });
        let job = read_job(move |tx| {
            let query = Arc::clone(&query);
            Box::pin(async move { conversations::page(tx, &query).await })
        });
        if is_filtered { self.scan(job).await } else { self.read(job).await }
    }

    /// Where the desk is: whose days a filter means.
    pub(crate) async fn zone(&self) -> Result<Zone> {
        Ok(Zone::parse(&self.general_settings().await?.timezone).unwrap_or(Zone::UTC))
    }

    /// One conversation with what stands around it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Refusal::NoAccess`].
    pub async fn conversation(&self, caller: &Caller, uuid: Uuid) -> Result<ConversationView> {
        let actor = Arc::new(caller.actor.clone());
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                let (contact, id) = (conversation.contact, conversation.id);
                let mut view = view(tx, conversation).await?;
                view.previous = Some(conversations::previous(tx, contact, id, &Scope::of(&actor), PREVIOUS).await?);
                Ok(view)
            })
        })
        .await
    }

    /// Notes that the caller has read everything there is.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Refusal::NoAccess`]; [`Error::Unauthenticated`] for others than agents.
    pub async fn mark_seen(&self, caller: &Caller, uuid: Uuid) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                let actor = work.actor().clone();
                let conversation = readable(work.tx, &actor, uuid).await?;
                work.tx.keep_quiet();
                conversations::mark_seen(work.tx, conversation.id, agent).await
            })
        })
        .await
    }

    /// Moves the caller's mark before the latest message: it counts as unread again.
    ///
    /// # Errors
    /// As [`App::mark_seen`].
    pub async fn mark_unread(&self, caller: &Caller, uuid: Uuid) -> Result<()> {
        let agent = caller.actor.agent()?.id;
        self.write(caller, move |work| {
            Box::pin(async move {
                let actor = work.actor().clone();
                let conversation = readable(work.tx, &actor, uuid).await?;
                work.tx.keep_quiet();
                conversations::mark_unread(work.tx, conversation.id, agent).await
            })
        })
        .await
    }

    /// Everybody who wrote into a conversation or did something to it, in the order in which they began.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Refusal::NoAccess`].
    pub async fn participants(&self, caller: &Caller, uuid: Uuid) -> Result<Vec<Person>> {
        let (actor, now) = (Arc::new(caller.actor.clone()), self.now());
        self.read(move |tx| {
            let actor = Arc::clone(&actor);
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                messages::participants(tx, conversation.id, now).await
            })
        })
        .await
    }

    /// Why a conversation went where it went, or waits.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Refusal::NoAccess`].
    pub async fn routing(&self, caller: &Caller, uuid: Uuid) -> Result<Routing> {
        let actor = Arc::new(caller.actor.clone());
        let (policy, now) = (self.settings().routing.policy(), self.now());
        self.read(move |tx| {
            let (actor, policy) = (Arc::clone(&actor), policy.clone());
            Box::pin(async move {
                let conversation = readable(tx, &actor, uuid).await?;
                let rows = decisions::list_decisions(tx, conversation.id).await?;
                let waiting = match board::load_waiting(tx, conversation.id).await? {
                    Some(waiting) => {
                        let mut board = board::load_people(tx).await?;
                        board.put_waiting(waiting);
                        routing::explain(&board, &policy, now, conversation.id)
                    }
                    None => None,
                };
                told(&rows, waiting)
            })
        })
        .await
    }

    /// All statuses, in order of id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for visitors.
    pub async fn statuses(&self, caller: &Caller) -> Result<Vec<Status>> {
        caller.actor.require_staff()?;
        self.read(|tx| Box::pin(statuses::list_statuses(tx))).await
    }
}

/// Tells the compiler what a closure is for.
const fn read_job<T, F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T>>>(job: F) -> F {
    job
}

fn check_list(actor: &Actor, list: List) -> Result<()> {
    match list {
        List::All => actor.require(Permission::ConversationsReadAll),
        List::Assigned => actor.require(Permission::ConversationsReadAssigned),
        List::Unassigned => actor.require(Permission::ConversationsReadUnassigned),
        List::Mentioned => actor.require(Permission::ConversationsRead),
        List::TeamUnassigned(team) => {
            access::require_in(actor, Permission::ConversationsReadTeamInbox, Some(team))?;
            match actor {
                Actor::Agent(agent) if !agent.teams.contains_key(&team) => Err(Refusal::NotMember.into()),
                _ => Ok(()),
            }
        }
    }
}

fn stored_list(list: List, actor: &Actor) -> Result<conversations::List> {
    Ok(match list {
        List::All => conversations::List::All,
        List::Assigned => conversations::List::Assigned(actor.agent()?.id),
        List::Unassigned => conversations::List::Unassigned,
        List::TeamUnassigned(team) => conversations::List::TeamUnassigned(team),
        List::Mentioned => {
            let agent = actor.agent()?;
            conversations::List::Mentioning(agent.id, agent.teams.keys().copied().collect())
        }
    })
}

/// The conversation, if the actor may read it.
pub(crate) async fn readable(tx: &mut Tx, actor: &Actor, uuid: Uuid) -> Result<Conversation> {
    let found = conversations::find_by_uuid(tx, uuid).await?;
    let conversation = found.ok_or(Error::NotFound(Entity::Conversation))?;
    access::check(actor, &conversation.subject())?;
    Ok(conversation)
}

/// Puts to a conversation what is shown around it, but no others of its contact.
pub(crate) async fn view(tx: &mut Tx, conversation: Conversation) -> Result<ConversationView> {
    let contact = contacts::contact_or_erased(tx, conversation.contact).await?;
    let inbox = inboxes::inbox_or_deleted(tx, conversation.inbox).await?;
    let status = statuses::status(tx, conversation.status).await?;
    let ids: Vec<_> = conversation.required_skills.iter().map(|required| required.skill).collect();
    let named = skills::skills_by_ids(tx, &ids).await?;
    let name = |required: &muster_core::skill::RequiredSkill| {
        let skill = named.iter().find(|skill| skill.id == required.skill)?;
        Some((skill.id, skill.name.clone(), required.level))
    };
    Ok(ConversationView {
        required_skills: conversation.required_skills.iter().filter_map(name).collect(),
        contact,
        inbox_name: inbox.name,
        inbox_sender: inbox.sender,
        status_name: status.name,
        previous: None,
        survey: rating(tx, &conversation).await?,
        tags: tags::tags_of(tx, conversation.id).await?.into_iter().map(|tag| tag.name).collect(),
        conversation,
    })
}

/// Only who was resolved once was asked.
async fn rating(tx: &mut Tx, conversation: &Conversation) -> Result<Option<Survey>> {
    match conversation.resolved_at {
        Some(_) => surveys::find_of(tx, conversation.id).await,
        None => Ok(None),
    }
}

fn told(rows: &[DecisionRow], waiting: Option<Explanation>) -> Result<Routing> {
    let decisions: Vec<Decision> = rows.iter().map(decision).collect::<Result<_>>()?;
    let words = match (&waiting, decisions.last()) {
        (Some(explanation), _) => explanation.in_words(),
        (None, Some(last)) => {
            let because: Explanation = serde_json::from_value(last.because.clone()).map_err(Error::internal)?;
            because.in_words()
        }
        (None, None) => Vec::new(),
    };
    Ok(Routing { intact: claim::chain_holds(rows), decisions, waiting, words })
}

fn decision(row: &DecisionRow) -> Result<Decision> {
    Ok(Decision {
        at: row.at,
        outcome: row.outcome,
        agent: row.agent,
        agent_name: row.agent_name.clone(),
        because: serde_json::from_str(&row.because).map_err(Error::internal)?,
        policy_version: row.policy_version,
        hash: row.hash.clone(),
    })
}
