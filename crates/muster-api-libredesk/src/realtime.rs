//! The agents' socket: what a committed event looks like on the wire, and to whom.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::response::Response;
use muster_app::hub::{ContactNews, Heard, Listener, Notice, Typing};
use muster_core::access::may_read;
use muster_core::actor::Caller;
use muster_core::conversation::Priority;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::inbox::Medium;
use muster_core::message::preview;
use muster_core::presence::LeaseKind;
use muster_core::view::{ConversationItem, MessageView};
use muster_core::{Error, Timestamp};
use muster_http::origin::AllowedHosts;
use muster_http::socket::{Close, Ended, Session, SocketLimits, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Api;
use crate::auth::{Agent, authenticate};
use crate::error::{Failure, Result};
use crate::seats::Seat;
use crate::wire::Time;
use crate::wire::availability::AvailabilityStatus;
use crate::wire::conversation_item::{self, priority_name};
use crate::wire::message::{Message, MessageStatus, MessageType, sender_type, words};

/// Wire (observed, 2.7): the close that tells clients to connect anew.
pub(crate) const KICKED: Close = Close::new(1000, "kicked");
/// The client's picture has a hole: it connects anew and loads everything.
pub(crate) const RELOAD: Close = Close::new(1013, "reload");
pub(crate) const GOING_AWAY: Close = Close::new(1001, "going away");

/// Characters of a message in a frame.
const PREVIEW_MAX: usize = 200;
/// Conversations that one socket may follow in lists.
const LIST_MAX: usize = 500;

/// Opens an agent's socket.
///
/// Text frames, `{"type", "data"}`. The client sends `ping` every 30 s, answered by `pong`; it keeps
/// the agent present. A cookie counts only from this desk's own pages.
pub(crate) async fn open(
    State(api): State<Api>,
    agent: Agent,
    request: Parts,
    upgrade: WebSocketUpgrade,
) -> Result<Response> {
    if agent.session.is_some() {
        check_origin(&request.headers, &request.extensions)?;
    }
    // Before the answer: from its first moment on the socket misses nothing.
    let socket = AgentSocket::listen(&api, agent, &request).await?;
    Ok(api.sockets.accept(upgrade, SocketLimits::default(), async move |_| {
        socket.prove(true).await;
        Ok(socket)
    }))
}

fn check_origin(headers: &HeaderMap, extensions: &Extensions) -> Result<()> {
    let hosts = extensions.get::<Arc<AllowedHosts>>();
    let refused = hosts.is_some_and(|hosts| hosts.check_socket_origin(headers).is_err());
    if refused { Err(Failure::permission("Requests from this origin are not allowed")) } else { Ok(()) }
}

struct AgentSocket {
    api: Api,
    caller: Caller,
    /// Names this socket among the proofs of the agent's presence.
    holder: String,
    /// When the session ends that opened it.
    until: Option<Timestamp>,
    listener: Listener,
    _seat: Seat<AgentId>,
    /// The one conversation on the screen.
    open: Option<Uuid>,
    /// Those in the list beside it.
    list: HashSet<Uuid>,
}

#[derive(Debug, Deserialize)]
struct Incoming {
    r#type: String,
    #[serde(default)]
    data: Value,
}

#[derive(Debug, Deserialize)]
struct Subscribe {
    conversation_uuid: Uuid,
}

#[derive(Debug, Deserialize)]
struct SubscribeList {
    uuids: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct TypingFrame {
    conversation_uuid: Uuid,
    is_typing: bool,
    #[serde(default)]
    is_private_message: bool,
}

impl Session for AgentSocket {
    const KIND: &'static str = "agent";

    async fn text(&mut self, text: &str) -> Vec<Text> {
        if self.has_ended() {
            return Vec::new();
        }
        if text == "ping" {
            self.prove(false).await;
            return vec![Text::from_static("pong")];
        }
        match self.take(text).await {
            Ok(()) => Vec::new(),
            Err(message) => vec![frame("error", message)],
        }
    }

    async fn next(&mut self) -> std::result::Result<Vec<Text>, Close> {
        let heard = tokio::select! {
            () = self.api.app.sleep_until(self.until) => return Err(KICKED),
            heard = self.listener.next() => heard,
        };
        if self.has_ended() {
            return Err(KICKED);
        }
        match heard {
            Heard::Notice(notice) => Ok(self.frames(&notice)),
            Heard::Typing(Typing { uuid, is_typing, .. }) => {
                Ok(vec![frame("typing", json!({ "conversation_uuid": uuid, "is_typing": is_typing }))])
            }
            Heard::Contact(ContactNews { contact, shown }) => {
                let status = AvailabilityStatus::from(shown);
                Ok(vec![frame("contact_update", json!({ "contact_id": contact.0, "availability_status": status }))])
            }
            Heard::Lagged => Err(RELOAD),
            Heard::Kicked(_) => Err(KICKED),
            Heard::Stopped => Err(GOING_AWAY),
        }
    }

    // Presence outlives the socket by what is left of its lease: a page that is loaded anew is no absence.
    async fn closed(self, _: Ended) {}
}

impl AgentSocket {
    /// Listens as whoever `request` is from. The credential is looked at again after that: if it has ended since
    /// `agent` was made of it, nobody will be told any more.
    async fn listen(api: &Api, mut agent: Agent, request: &Parts) -> Result<Self> {
        let seat = api.limits.seat(agent.caller.actor.agent()?.id)?;
        let listener = loop {
            let listener = api.app.hub().subscribe(agent.caller.actor.clone());
            let now = authenticate(api, request).await?;
            if now.caller.actor == agent.caller.actor {
                break listener;
            }
            agent = now;
        };
        let until = match &agent.session {
            Some(token) => Some(api.app.authenticate_session(token).await?.expires_at),
            None => None,
        };
        let holder = format!("socket:{}", agent.caller.request_id.as_deref().unwrap_or_default());
        let (api, open, list) = (api.clone(), None, HashSet::new());
        Ok(Self { api, caller: agent.caller, holder, until, listener, _seat: seat, open, list })
    }

    /// Whether the session is over that opened it.
    fn has_ended(&self) -> bool {
        self.until.is_some_and(|until| until <= self.api.app.now())
    }

    async fn prove(&self, from_hidden: bool) {
        let proof = self.api.app.prove_presence(&self.caller, &self.holder, LeaseKind::Socket, from_hidden).await;
        match proof {
            Ok(()) => {}
            // Every agent's every ping ends here while the store takes no writes.
            Err(Error::Busy(busy)) => tracing::debug!(%busy, "presence can't be kept"),
            Err(error) => tracing::warn!(?error, "presence can't be kept"),
        }
    }

    /// Does what a frame asks. Wire (observed, 2.7): the texts of the errors.
    async fn take(&mut self, text: &str) -> std::result::Result<(), &'static str> {
        let Incoming { r#type, data } = serde_json::from_str(text).map_err(|_| "invalid message format")?;
        match r#type.as_str() {
            "conversation_subscribe" => self.subscribe(read(data, "conversation_uuid is required")?).await,
            "list_subscribe_replace" => return self.subscribe_list(read(data, "uuids is required")?),
            "typing" => self.tell_typing(read(data, "conversation_uuid is required")?).await,
            _ => return Err("unknown message type"),
        }
        Ok(())
    }

    /// Without access nothing is heard of it, and nothing is said about that.
    async fn subscribe(&mut self, Subscribe { conversation_uuid: uuid }: Subscribe) {
        let followed = self.api.app.follow(&self.listener, uuid).await;
        self.open = followed.is_ok().then_some(uuid);
        if followed.is_err() {
            self.listener.follow(None);
        }
    }

    /// What may not be read is dropped where it is told.
    fn subscribe_list(&mut self, SubscribeList { uuids }: SubscribeList) -> std::result::Result<(), &'static str> {
        if uuids.len() > LIST_MAX {
            return Err("too many uuids");
        }
        self.list = uuids.iter().filter_map(|uuid| Uuid::parse_str(uuid).ok()).collect();
        Ok(())
    }

    async fn tell_typing(&self, typing: TypingFrame) {
        let TypingFrame { conversation_uuid, is_typing, is_private_message } = typing;
        let told = self.api.app.typing(&self.caller, conversation_uuid, is_typing, is_private_message).await;
        if let Err(error) = told {
            tracing::debug!(?error, "typing isn't told");
        }
    }

    fn frames(&self, notice: &Notice) -> Vec<Text> {
        let may_read = notice.subject.is_some_and(|subject| may_read(self.listener.actor(), &subject));
        let follows = |uuid: Uuid| self.open == Some(uuid) || self.list.contains(&uuid);
        frames(notice, may_read, follows)
    }
}

fn read<T: serde::de::DeserializeOwned>(data: Value, message: &'static str) -> std::result::Result<T, &'static str> {
    serde_json::from_value(data).map_err(|_| message)
}

#[derive(Debug, Serialize)]
struct Frame<T> {
    r#type: &'static str,
    data: T,
}

/// A frame as text.
pub(crate) fn frame<T: Serialize>(r#type: &'static str, data: T) -> Text {
    serde_json::to_string(&Frame { r#type, data }).expect("wire types have text keys and no failing parts").into()
}

/// What a notice looks like to an agent. Whoever may not read the conversation any more hears only
/// that it has changed hands.
fn frames(notice: &Notice, may_read: bool, follows: impl Fn(Uuid) -> bool) -> Vec<Text> {
    if let (Event::PresenceChanged { agent, .. }, Some(shown)) = (&notice.record.event, notice.shown) {
        let status = AvailabilityStatus::from(shown);
        return vec![frame("agent_availability_update", json!({ "agent_id": agent.0, "availability_status": status }))];
    }
    let Some(item) = notice.conversation.as_deref() else { return Vec::new() };
    let mut frames = Vec::new();
    if let Some(view) = notice.message.as_deref().filter(|_| may_read) {
        if is_new(notice, item) {
            frames.push(new_message(view, item));
        } else if follows(item.uuid) {
            frames.push(message_update(view));
        }
    }
    if changes_hands(&notice.record.event) {
        frames.push(frame("new_conversation", conversation_item::ConversationItem::for_frame(item)));
    }
    if may_read && follows(item.uuid) {
        frames.extend(update(notice, item));
    }
    frames
}

/// Whether the event is a message's first. A reply by mail is told when it is written, not again
/// when it has gone out.
fn is_new(notice: &Notice, item: &ConversationItem) -> bool {
    match notice.record.event {
        Event::MessageSent { .. } => item.medium != Medium::Email,
        Event::MessageFailed { .. } | Event::SurveyAnswered { .. } => false,
        _ => true,
    }
}

const fn changes_hands(event: &Event) -> bool {
    matches!(
        event,
        Event::ConversationCreated { .. }
            | Event::ConversationAssigned { .. }
            | Event::ConversationUnassigned { .. }
            | Event::ConversationTeamChanged { .. }
    )
}

#[derive(Debug, Serialize)]
struct NewMessage<'a> {
    conversation_uuid: Uuid,
    uuid: Uuid,
    r#type: MessageType,
    preview: String,
    /// Whole seconds.
    created_at: Time,
    sender_type: conversation_item::SenderType,
    conversation: conversation_item::ConversationItem,
    /// What the sender's own page knows the message by.
    #[serde(skip_serializing_if = "Option::is_none")]
    echo_id: Option<&'a str>,
}

fn new_message(view: &MessageView, item: &ConversationItem) -> Text {
    let message = &view.message;
    let millis = message.created_at.as_millis();
    let data = NewMessage {
        conversation_uuid: item.uuid,
        uuid: message.uuid,
        r#type: message.kind.into(),
        preview: preview(&words(message).1, PREVIEW_MAX),
        created_at: Time(Timestamp::from_millis(millis - millis.rem_euclid(1000))),
        sender_type: sender_type(view.author.kind),
        conversation: conversation_item::ConversationItem::for_frame(item),
        echo_id: message.client_ref.as_deref(),
    };
    frame("new_message", data)
}

fn message_update(view: &MessageView) -> Text {
    let status = MessageStatus::from(view.message.state);
    let mut changed =
        json!({ "conversation_uuid": view.conversation_uuid, "uuid": view.message.uuid, "status": status });
    if view.survey.is_some() {
        changed["meta"] = Message::from(view).meta.into();
    }
    frame("message_update", changed)
}

/// What changed, for those who have the conversation before them.
fn update(notice: &Notice, item: &ConversationItem) -> Option<Text> {
    let changed = match &notice.record.event {
        Event::ConversationAssigned { .. }
        | Event::ConversationUnassigned { .. }
        | Event::ConversationTeamChanged { .. } => json!({
            "uuid": item.uuid,
            "assigned_user_id": item.assignee.map(|id| id.0),
            "assigned_team_id": item.team.map(|id| id.0),
        }),
        Event::ConversationStatusChanged { .. } => json!({
            "uuid": item.uuid,
            "status": item.status_name,
            "resolved_at": item.resolved_at.map(Time),
            "waiting_since": item.waiting_since.map(Time),
        }),
        Event::ConversationParked { until, .. } => json!({ "uuid": item.uuid, "snoozed_until": until.map(Time) }),
        Event::ConversationResumed { .. } => json!({ "uuid": item.uuid, "snoozed_until": null }),
        Event::ConversationPriorityChanged { .. } => json!({
            "uuid": item.uuid,
            "priority": priority_name(item.priority),
            "priority_id": item.priority.map(Priority::rank),
        }),
        Event::ConversationErased { .. } => json!({
            "uuid": item.uuid,
            "subject": null,
            "last_message": null,
            "status": item.status_name,
        }),
        Event::MessageReceived { .. } | Event::MessageSent { .. } => json!({
            "uuid": item.uuid,
            "last_message": item.last_message.as_ref().map(|last| &last.text),
            "waiting_since": item.waiting_since.map(Time),
            "first_reply_at": item.first_reply_at.map(Time),
            "last_reply_at": item.last_reply_at.map(Time),
        }),
        _ => return None,
    };
    Some(frame("conversation_update", changed))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::http::header::{AUTHORIZATION, COOKIE};
    use muster_app::agents::AgentPatch;
    use muster_app::auth::Origin;
    use muster_core::actor::{Actor, Via};
    use muster_http::layers::Layers;
    use muster_http::socket::Sockets;
    use muster_testkit::{AgentHandle, PASSWORD, TestDesk, TestEngine};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::auth::SESSION_COOKIE;
    use crate::{Options, VisitorLimits};

    /// A desk with an agent, and that agent's requests by API key and by session.
    struct Scene {
        desk: TestDesk,
        api: Api,
        lee: AgentHandle,
        requests: [Parts; 2],
    }

    async fn scene() -> Scene {
        let desk = TestDesk::new(TestEngine::Sqlite).await;
        let layers = Layers::new(Arc::new(|| "request-1".to_owned()));
        let sockets = Sockets::new(CancellationToken::new());
        let options =
            Options { layers, rate_limits: true, sockets, visitors: VisitorLimits::default(), integrations: &[] };
        let api = Api::new(desk.app.clone(), &options);
        let lee = desk.agent("lee").password().await;
        let origin = Origin { ip: None, user_agent: None, request_id: None, via: Via::Api };
        let signed_in = desk.app.sign_in(&origin, "lee@example.org", PASSWORD).await.unwrap();
        let (key, secret) = &lee.key;
        let requests = [
            (AUTHORIZATION, format!("token {key}:{secret}")),
            (COOKIE, format!("{SESSION_COOKIE}={}", signed_in.token)),
        ];
        let requests = requests.map(|(name, value)| Request::get("/ws").header(name, value).body(()).unwrap());
        let requests = requests.map(|request| request.into_parts().0);
        desk.quiet().await;
        Scene { desk, api, lee, requests }
    }

    async fn change(scene: &Scene, patch: AgentPatch) {
        scene.desk.app.update_agent(&Caller::operator(), scene.lee.id, patch).await.unwrap();
        scene.desk.quiet().await;
    }

    #[tokio::test]
    async fn who_is_revoked_before_the_socket_listens_is_refused() {
        let scene = scene().await;
        let Scene { api, requests, .. } = &scene;
        let [by_key, by_session] = requests;
        let agents = [authenticate(api, by_key).await.unwrap(), authenticate(api, by_session).await.unwrap()];
        change(&scene, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await;
        for (agent, request) in agents.into_iter().zip(requests) {
            assert!(AgentSocket::listen(api, agent, request).await.is_err());
        }
        assert_eq!(api.app.hub().listener_count(), 0);
    }

    #[tokio::test]
    async fn who_is_changed_before_the_socket_listens_listens_changed() {
        let scene = scene().await;
        let Scene { desk, api, requests, .. } = &scene;
        let team = desk.team("Sales").await;
        for (request, teams) in requests.iter().zip([vec![team], Vec::new()]) {
            let agent = authenticate(api, request).await.unwrap();
            change(&scene, AgentPatch { teams: Some(teams.clone()), ..AgentPatch::default() }).await;
            let socket = AgentSocket::listen(api, agent, request).await.unwrap();
            let Actor::Agent(actor) = socket.listener.actor() else { panic!("an agent listens") };
            assert_eq!(actor.teams.keys().copied().collect::<Vec<_>>(), teams);
        }
    }
}
