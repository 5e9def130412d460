//! Conversations as agents see and handle them.

use std::time::Duration;

use axum::extract::State;
use muster_app::conversations::{Initiator, List, Listing, NewConversation, StatusRef};
use muster_core::conversation::Priority;
use muster_core::id::{AgentId, InboxId, MediaId, SkillId, TeamId};
use muster_core::skill::{RequiredSkill, Skill};
use muster_core::{Entity, Error, duration, text};
use muster_http::paging::Page;
use muster_http::patch::Patch;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{BAD_REQUEST, ErrorBody, Failure, INVALID_EMAIL, Result, SOMETHING_WENT_WRONG};
use crate::extract::{Body, PathId};
use crate::ids::{self, ConversationUuid};
use crate::query::{ListParams, ListQuery as _, page, request};
use crate::reply::{Done, Envelope, Reply};
use crate::wire::agent_request::{Reference, ReferenceObject};
use crate::wire::conversation::Conversation;
use crate::wire::conversation_item::ConversationItem;
use crate::wire::conversation_request::{
    AssigneeRequest, ConversationRequest, PriorityRequest, SkillDemand, StatusRequest,
};
use crate::wire::routing::Routing;

async fn list(api: &Api, agent: &Agent, list: List, query: &Query) -> Result<Reply<Page<ConversationItem>>> {
    let paging = query.paging();
    let listing = Listing { page: request(paging), order: query.order()?, filter: query.filter()? };
    let found = api.app.list_conversations(&agent.caller, list, listing).await?;
    Ok(Reply(page(&found, paging)))
}

/// Lists all conversations.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/all",
    tag = "conversations",
    params(ListParams),
    responses((status = 200, description = "A page of conversations", body = Envelope<Page<ConversationItem>>))
)]
pub(crate) async fn all(State(api): State<Api>, agent: Agent, query: Query) -> Result<Reply<Page<ConversationItem>>> {
    list(&api, &agent, List::All, &query).await
}

/// Lists conversations that neither an agent nor a team is assigned to.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/unassigned",
    tag = "conversations",
    params(ListParams),
    responses((status = 200, description = "A page of conversations", body = Envelope<Page<ConversationItem>>))
)]
pub(crate) async fn unassigned(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
) -> Result<Reply<Page<ConversationItem>>> {
    list(&api, &agent, List::Unassigned, &query).await
}

/// Lists the signed-in agent's conversations.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/assigned",
    tag = "conversations",
    params(ListParams),
    responses((status = 200, description = "A page of conversations", body = Envelope<Page<ConversationItem>>))
)]
pub(crate) async fn assigned(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
) -> Result<Reply<Page<ConversationItem>>> {
    list(&api, &agent, List::Assigned, &query).await
}

/// Lists the conversations that mention the signed-in agent, or one of their teams, as far as they may be read.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/mentioned",
    tag = "conversations",
    params(ListParams),
    responses((status = 200, description = "A page of conversations", body = Envelope<Page<ConversationItem>>))
)]
pub(crate) async fn mentioned(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
) -> Result<Reply<Page<ConversationItem>>> {
    list(&api, &agent, List::Mentioned, &query).await
}

/// Lists the conversations of one of the signed-in agent's teams that nobody is assigned to.
#[utoipa::path(
    get,
    path = "/api/v1/teams/{id}/conversations/unassigned",
    tag = "conversations",
    params(("id" = i64, Path, description = "The team"), ListParams),
    responses((status = 200, description = "A page of conversations", body = Envelope<Page<ConversationItem>>))
)]
pub(crate) async fn team_unassigned(
    State(api): State<Api>,
    agent: Agent,
    id: PathId,
    query: Query,
) -> Result<Reply<Page<ConversationItem>>> {
    list(&api, &agent, List::TeamUnassigned(ids::team(id)?), &query).await
}

/// Shows a conversation, with the latest others of its contact.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "The conversation", body = Envelope<Conversation>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn get(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Reply<Conversation>> {
    let view = api.app.conversation(&agent.caller, uuid).await?;
    Ok(Reply(Conversation::shown_at(&view, api.app.now())))
}

/// Starts a conversation in a contact's name.
///
/// The contact of that address is taken as it is, or made.
#[utoipa::path(
    post,
    path = "/api/v1/conversations",
    tag = "conversations",
    request_body = ConversationRequest,
    responses(
        (status = 200, description = "The conversation", body = Envelope<Conversation>),
        (status = 409, description = "The agent has no room for it", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<ConversationRequest>,
) -> Result<Reply<Conversation>> {
    let new = new_conversation(&api, &agent, request).await?;
    let view = api.app.start_conversation(&agent.caller, new).await.map_err(of_create)?;
    Ok(Reply(Conversation::shown_at(&view, api.app.now())))
}

/// Wire (observed, 2.7): what is checked, in this order.
async fn new_conversation(api: &Api, agent: &Agent, request: ConversationRequest) -> Result<NewConversation> {
    let ConversationRequest {
        inbox_id,
        contact_email,
        first_name,
        last_name,
        subject,
        content,
        initiator,
        agent_id,
        team_id,
        custom_attributes,
        attachments,
        muster,
    } = request;
    let inbox = positive(inbox_id).ok_or_else(|| required("inbox_id"))?;
    let content = filled(content).ok_or_else(|| required("content"))?;
    let contact_email = filled(contact_email).ok_or_else(|| required("contact_email"))?;
    let first_name = filled(first_name).ok_or_else(|| required("first_name"))?;
    // An agent begins by mail, which isn't there yet.
    if initiator.as_deref() != Some("contact") {
        return Err(Failure::input(SOMETHING_WENT_WRONG));
    }
    let demanded = muster.and_then(|muster| muster.required_skills).unwrap_or_default();
    Ok(NewConversation {
        inbox: InboxId(inbox),
        contact_email,
        first_name,
        last_name: last_name.unwrap_or_default(),
        subject: filled(subject),
        content,
        initiator: Initiator::Contact,
        priority: None,
        agent: positive(agent_id).map(AgentId),
        team: positive(team_id).map(TeamId),
        attributes: custom_attributes.unwrap_or_default(),
        required_skills: required_skills(api, agent, demanded).await?,
        attachments: attached(attachments),
    })
}

async fn required_skills(api: &Api, agent: &Agent, demanded: Vec<SkillDemand>) -> Result<Vec<RequiredSkill>> {
    if demanded.is_empty() {
        return Ok(Vec::new());
    }
    let known = api.app.list_skills(&agent.caller).await?;
    let required = demanded.into_iter().map(|SkillDemand { skill, level }| {
        let skill = find_skill(&known, &skill).ok_or_else(|| Failure::input("Skill not found"))?;
        Ok(RequiredSkill { skill, level: level.unwrap_or(1) })
    });
    required.collect()
}

fn find_skill(known: &[Skill], reference: &Reference) -> Option<SkillId> {
    let by_id = |id: i64| known.iter().find(|skill| skill.id.0 == id);
    let by_name = |name: &str| known.iter().find(|skill| text::key(&skill.name) == text::key(name));
    let found = match reference {
        Reference::Id(id) => by_id(*id),
        Reference::Text(name) => by_name(name).or_else(|| by_id(name.parse().ok()?)),
        Reference::Object(ReferenceObject { id, name }) => id.and_then(by_id).or_else(|| by_name(name.as_deref()?)),
    };
    found.map(|skill| skill.id)
}

fn required(field: &str) -> Failure {
    Failure::input(format!("`{field}` Required"))
}

pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// Wire (observed, 2.7): 0 is as good as absent.
fn positive(id: Option<i64>) -> Option<i64> {
    id.filter(|id| *id != 0)
}

pub(super) fn attached(ids: Option<Vec<i64>>) -> Vec<MediaId> {
    ids.unwrap_or_default().into_iter().map(MediaId).collect()
}

fn of_create(error: Error) -> Failure {
    match error {
        Error::Invalid { field: "contact_email", .. } => Failure::input(INVALID_EMAIL),
        Error::NotFound(Entity::Skill) => Failure::input("Skill not found"),
        error => of_assignee(error),
    }
}

/// Wire (observed, 2.7): 500 for an unknown agent in a body. Ours is 400; 404 is the conversation's.
pub(crate) fn of_assignee(error: Error) -> Failure {
    match error {
        Error::NotFound(Entity::Agent) => Failure::input("User not found"),
        error => error.into(),
    }
}

/// Gives a conversation to an agent, in place of whoever has it.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/assignee/user",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = AssigneeRequest,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody),
        (status = 409, description = "No room, or not the expected assignee", body = ErrorBody)
    )
)]
pub(crate) async fn assign_agent(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<AssigneeRequest>,
) -> Result<Done> {
    let to = positive(request.assignee_id).ok_or_else(|| Failure::empty("assignee_id"))?;
    let expected = match request.expected_assignee_id {
        Patch::Absent => None,
        Patch::Null => Some(None),
        Patch::Value(id) => Some(positive(Some(id)).map(AgentId)),
    };
    api.app.assign_agent(&agent.caller, uuid, AgentId(to), expected).await.map_err(of_assignee)?;
    Ok(Done)
}

/// Moves a conversation to a team. A changed team takes it from its agent.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/assignee/team",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = AssigneeRequest,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn assign_team(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<AssigneeRequest>,
) -> Result<Done> {
    let to = positive(request.assignee_id).ok_or_else(|| Failure::empty("assignee_id"))?;
    api.app.assign_team(&agent.caller, uuid, Some(TeamId(to))).await?;
    Ok(Done)
}

/// Takes a conversation from its agent; an open one goes back to the queue.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/assignee/user/remove",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn unassign_agent(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Done> {
    api.app.unassign_agent(&agent.caller, uuid).await?;
    Ok(Done)
}

/// Takes a conversation from its team.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/assignee/team/remove",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn unassign_team(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Done> {
    api.app.assign_team(&agent.caller, uuid, None).await?;
    Ok(Done)
}

/// Sets the priority of a conversation.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/priority",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = PriorityRequest,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn set_priority(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<PriorityRequest>,
) -> Result<Done> {
    let name = filled(request.priority).ok_or_else(|| Failure::empty("priority"))?;
    let priority = Priority::parse(&name).ok_or_else(|| Failure::invalid("priority"))?;
    api.app.set_priority(&agent.caller, uuid, Some(priority)).await?;
    Ok(Done)
}

/// Sets the status of a conversation: opens, parks, resolves or closes it.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/status",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    request_body = StatusRequest,
    responses(
        (status = 200, description = "Done, or was so already", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn set_status(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
    Body(request): Body<StatusRequest>,
) -> Result<Done> {
    let name = filled(request.status).ok_or_else(|| Failure::empty("status"))?;
    let snooze = snoozed_for(request.snoozed_until)?;
    api.app.set_status(&agent.caller, uuid, StatusRef::Name(name), snooze).await?;
    Ok(Done)
}

/// Wire (observed, 2.7): the texts.
pub(crate) fn snoozed_for(duration: Option<String>) -> Result<Option<Duration>> {
    let Some(text) = filled(duration) else { return Ok(None) };
    let millis = duration::millis_of(&text).ok_or_else(|| Failure::input(BAD_REQUEST))?;
    let millis = u64::try_from(millis).ok().filter(|millis| *millis > 0);
    millis.map(Duration::from_millis).map(Some).ok_or_else(|| Failure::input("Invalid snooze duration"))
}

/// Marks a conversation as read by the signed-in agent up to its latest message.
#[utoipa::path(
    put,
    path = "/api/v1/conversations/{uuid}/last-seen",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Done", body = Envelope<bool>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn mark_seen(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Done> {
    api.app.mark_seen(&agent.caller, uuid).await?;
    Ok(Done)
}

/// Tells why a conversation is where it is: what the router decided and, while it waits, who could
/// have it (this desk's extension).
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}/routing",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "Decisions and the present situation", body = Envelope<Routing>),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn routing(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Reply<Routing>> {
    let routing = api.app.routing(&agent.caller, uuid).await?;
    Ok(Reply(routing.into()))
}
