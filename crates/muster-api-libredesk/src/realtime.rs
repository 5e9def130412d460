//! The agents' socket: what an agent says, and what it is told, in order.
//!
//! `frames` is what a committed event looks like on the wire, `resume` what is told first to a client that comes back.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use axum::response::Response;
use muster_app::hub::{ContactNews, Heard, Listener, Typing, Viewers};
use muster_core::actor::Caller;
use muster_core::id::AgentId;
use muster_core::presence::LeaseKind;
use muster_core::{Error, Timestamp};
use muster_http::origin::AllowedHosts;
use muster_http::query::Query;
use muster_http::socket::{Close, Ended, Session, SocketLimits, Text};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Api;
use crate::auth::{Agent, authenticate};
use crate::error::{Failure, Result};
use crate::seats::Seat;
use crate::wire::availability::AvailabilityStatus;
use crate::wire::page_visit::VisitsUpdate;

mod frames;
mod resume;

pub(crate) use frames::frame;

use frames::{Reader, frames};
use resume::{Resume, Start};

/// Wire (observed, 2.7): the close that tells clients to connect anew.
pub(crate) const KICKED: Close = Close::new(1000, "kicked");
/// The client's picture has a hole: it connects anew and loads everything.
pub(crate) const RELOAD: Close = Close::new(1013, "reload");
pub(crate) const GOING_AWAY: Close = Close::new(1001, "going away");

/// Conversations that one socket may follow in lists.
const LIST_MAX: usize = 500;

/// Opens an agent's socket.
///
/// Text frames, `{"type", "data"}`. The client sends `ping` every 30 s, answered by `pong`; it keeps
/// the agent present. A cookie counts only from this desk's own pages. With `position` in the query it resumes.
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
    /// What is told before what happens now.
    start: Start,
    /// Whether it hears of the changes of all conversations, not only of those it has before it.
    hears_all: bool,
    /// Who has the open conversation open has changed, and it wasn't told yet.
    untold_viewers: bool,
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
        if let Some(texts) = self.tell_start().await? {
            return Ok(texts);
        }
        if self.untold_viewers {
            let texts = self.tell_viewers().await;
            self.untold_viewers = false;
            return Ok(texts);
        }
        let heard = tokio::select! {
            () = self.api.app.sleep_until(self.until) => return Err(KICKED),
            heard = self.listener.next() => heard,
        };
        if self.has_ended() {
            return Err(KICKED);
        }
        match heard {
            Heard::Notice(notice) => Ok(frames(&notice, &self.reader())),
            Heard::Typing(Typing { uuid, is_typing, .. }) => {
                Ok(vec![frame("typing", json!({ "conversation_uuid": uuid, "is_typing": is_typing }))])
            }
            Heard::Contact(ContactNews { contact, shown }) => {
                let status = AvailabilityStatus::from(shown);
                Ok(vec![frame("contact_update", json!({ "contact_id": contact.0, "availability_status": status }))])
            }
            Heard::Visited(visited) => Ok(vec![frame("contact_update", VisitsUpdate::from(&visited))]),
            Heard::Viewers => {
                self.untold_viewers = self.hears_all;
                Ok(Vec::new())
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
        let resume = Resume::read(&Query::of(&request.uri))?;
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
        let start = Start::of(api, &listener, resume).await?;
        let hears_all = resume != Resume::No;
        let (api, open, list) = (api.clone(), None, HashSet::new());
        Ok(Self {
            api,
            caller: agent.caller,
            holder,
            until,
            listener,
            _seat: seat,
            open,
            list,
            start,
            hears_all,
            untold_viewers: false,
        })
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
            "conversation_unsubscribe" => self.unsubscribe(),
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
            self.listener.unfollow();
        }
    }

    fn unsubscribe(&mut self) {
        self.open = None;
        self.listener.unfollow();
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

    /// What is still to be told before what happens now; `None` when that is all told, or cut off.
    async fn tell_start(&mut self) -> std::result::Result<Option<Vec<Text>>, Close> {
        if self.has_ended() {
            return Err(KICKED);
        }
        let (open, list, hears_all) = (self.open, &self.list, self.hears_all);
        let reader = Reader { actor: self.listener.actor(), open, list, hears_all };
        let texts = self.start.next(&self.api, &self.listener, &reader).await?;
        // What ended while this was read ends it now: it may not be told any more.
        Ok(texts.filter(|_| !self.listener.is_cut_off()))
    }

    async fn tell_viewers(&self) -> Vec<Text> {
        match self.api.app.viewers(&self.listener).await {
            Ok(viewers) => viewers.iter().map(viewers_frame).collect(),
            Err(error) => {
                tracing::debug!(?error, "who has a conversation open isn't told");
                Vec::new()
            }
        }
    }

    fn reader(&self) -> Reader<'_> {
        Reader { actor: self.listener.actor(), open: self.open, list: &self.list, hears_all: self.hears_all }
    }
}

fn viewers_frame(viewers: &Viewers) -> Text {
    let agents: Vec<Value> = viewers
        .agents
        .iter()
        .map(|viewer| {
            json!({
                "id": viewer.agent.0,
                "first_name": viewer.first_name,
                "last_name": viewer.last_name,
                "avatar_url": viewer.avatar_url,
            })
        })
        .collect();
    frame("conversation_viewers", json!({ "uuid": viewers.uuid, "agents": agents }))
}

fn read<T: serde::de::DeserializeOwned>(data: Value, message: &'static str) -> std::result::Result<T, &'static str> {
    serde_json::from_value(data).map_err(|_| message)
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
        let visitors = VisitorLimits::default();
        let options = Options { layers, rate_limits: true, sockets, visitors, integrations: &[], pages: None };
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
