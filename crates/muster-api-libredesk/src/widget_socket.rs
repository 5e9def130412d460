//! The socket of chat widgets.
//!
//! Opens without a session, from any page; the first `join` says whose it is. It carries JSON frames
//! `{"type", "token"?, "data"}` and closes when nothing was heard for 20 seconds.

use std::time::Duration;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::Extensions;
use axum::response::{IntoResponse as _, Response};
use muster_app::hub::{Heard, Listener, Notice};
use muster_core::actor::{Actor, Caller, Via};
use muster_core::event::Event;
use muster_core::id::ContactId;
use muster_core::view::MessageView;
use muster_core::{Error, Timestamp};
use muster_http::client::ClientAddr;
use muster_http::request::request_id;
use muster_http::socket::{Close, Ended, Outbound, Session, SocketLimits, Text};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Api;
use crate::limits::{Entrance, Rule};
use crate::realtime::{GOING_AWAY, KICKED, RELOAD, frame};
use crate::seats::Seat;
use crate::visitor::ChatInbox;
use crate::wire::widget::{ChatAssignee, ChatMessage};

/// Wire (observed, 2.7): the client pings every 10 seconds.
const IDLE_AFTER: Duration = Duration::from_secs(20);
/// Wire (observed, 2.7): pings and typing that come faster are not looked at.
const PING_APART: Duration = Duration::from_secs(1);
const TYPING_APART: Duration = Duration::from_millis(50);
const VISITS_APART: Duration = Duration::from_secs(1);
const REFUSED: &str = "Failed to join conversation";

/// Opens a widget's socket.
pub(crate) async fn open(
    State(api): State<Api>,
    client: ClientAddr,
    extensions: Extensions,
    upgrade: WebSocketUpgrade,
) -> Response {
    let limits = SocketLimits { ping_every: None, idle_after: Some(IDLE_AFTER), ..SocketLimits::default() };
    let request_id = request_id(&extensions);
    let sockets = api.sockets.clone();
    let entrance = match api.limits.enter(client.0) {
        Ok(entrance) => entrance,
        Err(full) => return full.into_response(),
    };
    sockets.accept(upgrade, limits, async move |out| {
        let (joined, pinged, typed, visited) = (None, None, None, None);
        Ok(WidgetSocket { api, client, request_id, out, joined, pinged, typed, visited, _entrance: entrance })
    })
}

struct WidgetSocket {
    api: Api,
    client: ClientAddr,
    request_id: Option<String>,
    out: Outbound,
    joined: Option<Joined>,
    pinged: Option<Timestamp>,
    typed: Option<Timestamp>,
    visited: Option<Timestamp>,
    _entrance: Entrance,
}

struct Joined {
    caller: Caller,
    contact: ContactId,
    inbox: Uuid,
    token: String,
    listener: Listener,
    /// Heard, but not told yet.
    untold: Option<Heard>,
    _seat: Seat<ContactId>,
}

impl Joined {
    /// Whether the visitor may still hear and be heard: the session may be over by now, the contact blocked, the inbox
    /// closed. Nobody tells of that, so it is looked up whenever something comes or goes.
    async fn check(&self, api: &Api) -> Result<(), Close> {
        match api.app.authenticate_visitor(self.inbox, &self.token).await {
            Ok(_) => Ok(()),
            Err(Error::Unauthenticated | Error::NotFound(_)) => Err(KICKED),
            Err(_) => Err(RELOAD),
        }
    }

    /// What the visitor hears of what is untold.
    async fn tell(&self, api: &Api) -> Result<Vec<Text>, Close> {
        match &self.untold {
            Some(Heard::Notice(notice)) => {
                self.check(api).await?;
                Ok(told(api, &self.caller, notice).await)
            }
            Some(Heard::Typing(typing)) => {
                self.check(api).await?;
                let data = json!({ "conversation_uuid": typing.uuid, "is_typing": typing.is_typing });
                Ok(vec![frame("typing", data)])
            }
            // Agents' affair.
            Some(Heard::Contact(_) | Heard::Visited(_) | Heard::Viewers) | None => Ok(Vec::new()),
            Some(Heard::Lagged) => Err(RELOAD),
            Some(Heard::Kicked(_) | Heard::Stopped) => Err(GOING_AWAY),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Incoming {
    r#type: String,
    token: Option<String>,
    #[serde(default)]
    data: Value,
}

#[derive(Debug, Deserialize)]
struct Join {
    inbox_id: Uuid,
}

#[derive(Debug, Deserialize)]
struct VisitFrame {
    url: String,
    #[serde(default)]
    title: String,
}

#[derive(Debug, Deserialize)]
struct TypingFrame {
    conversation_uuid: Uuid,
    is_typing: bool,
}

impl Session for WidgetSocket {
    const KIND: &'static str = "visitor";

    async fn text(&mut self, text: &str) -> Vec<Text> {
        let Ok(Incoming { r#type, token, data }) = serde_json::from_str(text) else {
            return vec![error("Invalid message format")];
        };
        match r#type.as_str() {
            "join" => vec![self.join(token, data).await],
            "ping" => self.pong().await,
            "typing" => {
                self.tell_typing(data).await;
                Vec::new()
            }
            "page_visit" => {
                self.note_visit(data).await;
                Vec::new()
            }
            _ => vec![error("Unknown message type")],
        }
    }

    async fn next(&mut self) -> Result<Vec<Text>, Close> {
        let Some(joined) = &mut self.joined else { return std::future::pending().await };
        if joined.untold.is_none() {
            joined.untold = Some(joined.listener.next().await);
        }
        // On the heap: a socket that waits has no room for what telling needs.
        let texts = Box::pin(joined.tell(&self.api)).await?;
        joined.untold = None;
        Ok(texts)
    }

    async fn closed(self, _: Ended) {}
}

impl WidgetSocket {
    /// A socket may join anew, as somebody else too.
    async fn join(&mut self, token: Option<String>, data: Value) -> Text {
        self.joined = None;
        match self.admit(token, data).await {
            Some(joined) => {
                self.joined = Some(joined);
                frame("joined", json!({ "message": "namaste!" }))
            }
            None => error(REFUSED),
        }
    }

    async fn admit(&self, token: Option<String>, data: Value) -> Option<Joined> {
        let Join { inbox_id: inbox } = serde_json::from_value(data).ok()?;
        let token = token?;
        self.api.limits.count(Rule::Widget, self.client.0, self.api.app.now()).may_pass().then_some(())?;
        ChatInbox::find(&self.api, inbox, self.client.0).await.ok()?;
        let (actor, contact) = self.api.app.authenticate_visitor(inbox, &token).await.ok()?;
        let seat = self.api.limits.contacts.take(contact.id)?;
        let listener = self.api.app.hub().subscribe(actor.clone());
        Some(Joined {
            caller: self.caller(actor),
            contact: contact.id,
            inbox,
            token,
            listener,
            untold: None,
            _seat: seat,
        })
    }

    fn caller(&self, actor: Actor) -> Caller {
        Caller {
            actor,
            via: Via::Widget,
            request_id: self.request_id.clone(),
            ip: Some(self.client.0.to_string()),
            credential: None,
        }
    }

    async fn pong(&mut self) -> Vec<Text> {
        let now = self.api.app.now();
        if is_too_soon(self.pinged.replace(now), now, PING_APART) {
            return Vec::new();
        }
        if let Some(joined) = &self.joined {
            if let Err(close) = joined.check(&self.api).await {
                self.out.close(close);
                return Vec::new();
            }
            if let Err(error) = self.api.app.visitor_is_there(&joined.caller).await {
                tracing::debug!(?error, "that a visitor is there can't be kept");
            }
        }
        vec![frame("pong", Value::Null)]
    }

    async fn tell_typing(&mut self, data: Value) {
        let (Some(joined), Ok(typing)) = (&self.joined, serde_json::from_value::<TypingFrame>(data)) else { return };
        let now = self.api.app.now();
        if is_too_soon(self.typed.replace(now), now, TYPING_APART) {
            return;
        }
        if let Err(close) = joined.check(&self.api).await {
            return self.out.close(close);
        }
        let told = self.api.app.typing(&joined.caller, typing.conversation_uuid, typing.is_typing, false).await;
        if let Err(error) = told {
            tracing::debug!(?error, "typing isn't told");
        }
    }
}

impl WidgetSocket {
    async fn note_visit(&mut self, data: Value) {
        let (Some(joined), Ok(visit)) = (&self.joined, serde_json::from_value::<VisitFrame>(data)) else { return };
        let now = self.api.app.now();
        if is_too_soon(self.visited.replace(now), now, VISITS_APART) {
            return;
        }
        if let Err(close) = joined.check(&self.api).await {
            return self.out.close(close);
        }
        let noted = self.api.app.visit_page(joined.contact, &visit.url, &visit.title).await;
        if let Err(error) = noted {
            tracing::debug!(?error, "a visit isn't noted");
        }
    }
}

fn is_too_soon(last: Option<Timestamp>, now: Timestamp, apart: Duration) -> bool {
    last.is_some_and(|last| now.since(last) < apart)
}

fn error(message: &str) -> Text {
    frame("error", json!({ "message": message }))
}

/// What a notice looks like to the visitor. Own messages are answered where they were sent.
async fn told(api: &Api, caller: &Caller, notice: &Notice) -> Vec<Text> {
    let Some(item) = notice.conversation.as_deref() else { return Vec::new() };
    let changed = match &notice.record.event {
        Event::MessageSent { .. } => {
            let told = notice.message.iter().map(|view| MessageView {
                author: api.app.shown_to_strangers(view.author.clone()),
                ..(**view).clone()
            });
            return told.map(|view| frame("new_message", ChatMessage::from(&view))).collect();
        }
        Event::ConversationStatusChanged { .. } => json!({ "uuid": item.uuid, "status": item.status_name }),
        Event::ConversationTeamChanged { .. } => {
            json!({ "uuid": item.uuid, "assigned_team_id": item.team.map(|id| id.0) })
        }
        Event::ConversationAssigned { .. } | Event::ConversationUnassigned { .. } => {
            let Ok(chat) = api.app.visitor_glance(caller, item.uuid).await else { return Vec::new() };
            json!({ "uuid": item.uuid, "assignee": chat.assignee.as_ref().map(ChatAssignee::from) })
        }
        _ => return Vec::new(),
    };
    vec![frame("conversation_update", changed)]
}
