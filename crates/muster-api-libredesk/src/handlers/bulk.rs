//! One thing done to many conversations (this desk's extension).

use std::time::Duration;

use axum::extract::State;
use muster_app::App;
use muster_app::conversations::StatusRef;
use muster_core::actor::Caller;
use muster_core::conversation::Priority;
use muster_core::id::{AgentId, TeamId};
use muster_core::tag::TagChange;
use uuid::Uuid;

use super::conversations::{of_assignee, snoozed_for};
use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::Body;
use crate::ids;
use crate::reply::{Envelope, Reply};
use crate::wire::conversation_work::{BulkAction, BulkOutcome, BulkRequest, BulkValue};

/// How many conversations one call may name.
const MAX: usize = 100;

/// Does one thing to many conversations, each by itself: what can't be done to one is told, and done to the others.
///
/// Each takes the permission that its own route asks for, and access to the conversation.
#[utoipa::path(
    post,
    path = "/api/v1/conversations/bulk",
    tag = "conversations",
    request_body = BulkRequest,
    responses(
        (status = 200, description = "What happened to each, in the order asked for", body = Envelope<Vec<BulkOutcome>>),
        (status = 400, description = "Nothing was done to any", body = ErrorBody)
    )
)]
pub(crate) async fn bulk(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<BulkRequest>,
) -> Result<Reply<Vec<BulkOutcome>>> {
    let uuids = checked_uuids(request.uuids.as_deref())?;
    let deed = Deed::of(request)?;
    let mut outcomes = Vec::with_capacity(uuids.len());
    for uuid in uuids {
        let done = deed.done_to(&api.app, &agent.caller, uuid).await;
        outcomes.push(outcome(uuid, done));
    }
    Ok(Reply(outcomes))
}

/// 1 to [`MAX`] conversations, each once.
fn checked_uuids(uuids: Option<&[String]>) -> Result<Vec<Uuid>> {
    let named = uuids.filter(|uuids| !uuids.is_empty()).ok_or_else(|| Failure::empty("uuids"))?;
    if named.len() > MAX {
        return Err(Failure::invalid("uuids"));
    }
    let mut uuids = Vec::with_capacity(named.len());
    for text in named {
        let uuid = ids::uuid(text).ok_or_else(|| Failure::invalid("uuids"))?;
        if !uuids.contains(&uuid) {
            uuids.push(uuid);
        }
    }
    Ok(uuids)
}

fn outcome(uuid: Uuid, done: Result<()>) -> BulkOutcome {
    match done {
        Ok(()) => BulkOutcome { uuid, done: true, message: None, error_type: None },
        Err(failure) => {
            let (kind, message) = failure.told();
            BulkOutcome { uuid, done: false, message: Some(message), error_type: Some(kind) }
        }
    }
}

/// What is to be done to each.
#[derive(Debug)]
enum Deed {
    AssignAgent(AgentId),
    UnassignAgent,
    AssignTeam(Option<TeamId>),
    SetStatus(String, Option<Duration>),
    SetPriority(Priority),
    ChangeTags(TagChange, Vec<String>),
    MarkSeen,
    MarkUnread,
}

impl Deed {
    fn of(request: BulkRequest) -> Result<Self> {
        let BulkRequest { uuids: _, action, value, snoozed_until } = request;
        let action = action.ok_or_else(|| Failure::empty("action"))?;
        let action = BulkAction::parse(&action).ok_or_else(|| Failure::invalid("action"))?;
        let wrong = || Failure::invalid("value");
        match (action, value) {
            (BulkAction::AssignUser, Some(BulkValue::Id(id))) => Ok(Self::AssignAgent(AgentId(id))),
            (BulkAction::UnassignUser, None) => Ok(Self::UnassignAgent),
            (BulkAction::AssignTeam, Some(BulkValue::Id(id))) => Ok(Self::AssignTeam(Some(TeamId(id)))),
            (BulkAction::UnassignTeam, None) => Ok(Self::AssignTeam(None)),
            (BulkAction::SetStatus, Some(BulkValue::Name(name))) => {
                let length = snoozed_for(snoozed_until)?;
                Ok(Self::SetStatus(name, length))
            }
            (BulkAction::SetPriority, Some(BulkValue::Name(name))) => {
                Priority::parse(&name).map(Self::SetPriority).ok_or_else(wrong)
            }
            (BulkAction::SetTags, Some(BulkValue::Names(names))) => Ok(Self::ChangeTags(TagChange::Set, names)),
            (BulkAction::AddTags, Some(BulkValue::Names(names))) => Ok(Self::ChangeTags(TagChange::Add, names)),
            (BulkAction::RemoveTags, Some(BulkValue::Names(names))) => Ok(Self::ChangeTags(TagChange::Remove, names)),
            (BulkAction::MarkSeen, None) => Ok(Self::MarkSeen),
            (BulkAction::MarkUnread, None) => Ok(Self::MarkUnread),
            _ => Err(wrong()),
        }
    }

    async fn done_to(&self, app: &App, caller: &Caller, uuid: Uuid) -> Result<()> {
        let done = match self {
            Self::AssignAgent(to) => app.assign_agent(caller, uuid, *to, None).await,
            Self::UnassignAgent => app.unassign_agent(caller, uuid).await,
            Self::AssignTeam(team) => app.assign_team(caller, uuid, *team).await,
            Self::SetStatus(name, length) => app.set_status(caller, uuid, StatusRef::Name(name.clone()), *length).await,
            Self::SetPriority(priority) => app.set_priority(caller, uuid, Some(*priority)).await,
            Self::ChangeTags(change, names) => app.change_tags(caller, uuid, *change, names.clone()).await,
            Self::MarkSeen => app.mark_seen(caller, uuid).await,
            Self::MarkUnread => app.mark_unread(caller, uuid).await,
        };
        done.map_err(of_assignee)
    }
}
