//! One thing done to many conversations (this desk's extension).

use axum::Extension;
use axum::extract::State;
use muster_app::conversations::{Action, StatusRef};
use muster_core::conversation::Priority;
use muster_core::id::{AgentId, TeamId};
use muster_core::tag::TagChange;
use muster_core::{Error, Result as Outcome};
use muster_http::layers::Patience;
use uuid::Uuid;

use super::conversations::{filled, of_assignee, snoozed_for};
use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::Body;
use crate::ids;
use crate::reply::{Envelope, Reply};
use crate::wire::conversation_work::{BulkAction, BulkOutcome, BulkRequest, BulkValue};

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
    Extension(patience): Extension<Patience>,
    Body(request): Body<BulkRequest>,
) -> Result<Reply<Vec<BulkOutcome>>> {
    let BulkRequest { uuids, action, value, snoozed_until } = request;
    let uuids = read_uuids(&uuids.unwrap_or_default())?;
    let action = read_action(action, value, snoozed_until)?;
    let mut outcomes = Vec::with_capacity(uuids.len());
    let told = |uuid, done| {
        outcomes.push(outcome(uuid, done));
        patience.renew();
    };
    api.app.do_to_many(&agent.caller, &uuids, &action, told).await.map_err(senseless)?;
    Ok(Reply(outcomes))
}

fn read_uuids(texts: &[String]) -> Result<Vec<Uuid>> {
    texts.iter().map(|text| ids::uuid(text).ok_or_else(|| Failure::invalid("uuids"))).collect()
}

fn outcome(uuid: Uuid, done: Outcome<()>) -> BulkOutcome {
    match done.map_err(of_assignee) {
        Ok(()) => BulkOutcome { uuid, done: true, message: None, error_type: None },
        Err(failure) => {
            let (kind, message) = failure.told();
            BulkOutcome { uuid, done: false, message: Some(message), error_type: Some(kind) }
        }
    }
}

/// The fields as this request names them.
fn senseless(error: Error) -> Failure {
    match error {
        Error::Invalid { field: "status" | "tags", .. } => Failure::invalid("value"),
        error => error.into(),
    }
}

fn read_action(action: Option<String>, value: Option<BulkValue>, snoozed_until: Option<String>) -> Result<Action> {
    let action = action.ok_or_else(|| Failure::empty("action"))?;
    let action = BulkAction::parse(&action).ok_or_else(|| Failure::invalid("action"))?;
    if snoozed_until.is_some() && action != BulkAction::SetStatus {
        return Err(Failure::invalid("snoozed_until"));
    }
    let wrong = || Failure::invalid("value");
    match (action, value) {
        (BulkAction::AssignUser, Some(BulkValue::Id(id))) => Ok(Action::AssignAgent(AgentId(id))),
        (BulkAction::UnassignUser, None) => Ok(Action::UnassignAgent),
        (BulkAction::AssignTeam, Some(BulkValue::Id(id))) => Ok(Action::AssignTeam(Some(TeamId(id)))),
        (BulkAction::UnassignTeam, None) => Ok(Action::AssignTeam(None)),
        (BulkAction::SetStatus, Some(BulkValue::Name(name))) => {
            let name = filled(Some(name)).ok_or_else(|| Failure::empty("value"))?;
            Ok(Action::SetStatus(StatusRef::Name(name), snoozed_for(snoozed_until)?))
        }
        (BulkAction::SetPriority, Some(BulkValue::Name(name))) => {
            Priority::parse(&name).map(Action::SetPriority).ok_or_else(wrong)
        }
        (BulkAction::SetTags, Some(BulkValue::Names(names))) => Ok(Action::ChangeTags(TagChange::Set, names)),
        (BulkAction::AddTags, Some(BulkValue::Names(names))) => Ok(Action::ChangeTags(TagChange::Add, names)),
        (BulkAction::RemoveTags, Some(BulkValue::Names(names))) => Ok(Action::ChangeTags(TagChange::Remove, names)),
        (BulkAction::MarkSeen, None) => Ok(Action::MarkSeen),
        (BulkAction::MarkUnread, None) => Ok(Action::MarkUnread),
        _ => Err(wrong()),
    }
}
