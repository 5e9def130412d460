//! A conversation as one text, as its contact knows it.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::Stream;
use futures_util::stream::{StreamExt as _, once, try_unfold};
use muster_app::App;
use muster_app::messages::TranscriptHead;
use muster_core::actor::Caller;
use muster_core::view::MessageView;
use muster_core::{Result as CoreResult, text};
use uuid::Uuid;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Result};
use crate::ids::ConversationUuid;

/// Hands out a conversation as text: public messages only, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/conversations/{uuid}/transcript",
    tag = "conversations",
    params(("uuid" = uuid::Uuid, Path, description = "The conversation")),
    responses(
        (status = 200, description = "A file; broken off should it fail half-way", body = String,
         content_type = "text/plain"),
        (status = 404, description = "No such conversation", body = ErrorBody)
    )
)]
pub(crate) async fn transcript(
    State(api): State<Api>,
    agent: Agent,
    ConversationUuid(uuid): ConversationUuid,
) -> Result<Response> {
    let head = api.app.transcript(&agent.caller, uuid).await?;
    let name = format!("attachment; filename=\"{}\"", file_name(&head.number));
    let opening = opening(&head);
    let body = Body::from_stream(once(async { Ok(opening) }).chain(parts(api.app.clone(), agent.caller, uuid)));
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, body).into_response())
}

/// The messages as texts to be written one behind the other.
fn parts(app: App, caller: Caller, uuid: Uuid) -> impl Stream<Item = CoreResult<String>> + Send + 'static {
    try_unfold((app, caller, 0), move |(app, caller, after)| async move {
        let part = part(&app, &caller, uuid, after).await?;
        Ok(part.map(|(text, last)| (text, (app, caller, last))))
    })
}

/// The next messages as text, and the number of the last of them.
async fn part(app: &App, caller: &Caller, uuid: Uuid, after: i64) -> CoreResult<Option<(String, i64)>> {
    let views = app.transcript_part(caller, uuid, after).await?;
    Ok(views.last().map(|last| (views.iter().map(line).collect(), last.message.seq)))
}

/// Numbers may have come from elsewhere.
fn file_name(number: &str) -> String {
    let safe: String = number.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(50).collect();
    format!("conversation-{safe}.txt")
}

fn opening(head: &TranscriptHead) -> String {
    let TranscriptHead { number, subject, contact_name, started_at } = head;
    let subject = subject.as_ref().map(|subject| format!("Subject: {subject}\n")).unwrap_or_default();
    format!("Conversation #{number}\n{subject}Contact: {contact_name}\nStarted: {started_at}\n")
}

fn line(view: &MessageView) -> String {
    let name = text::joined_name(&view.author.first_name, &view.author.last_name);
    format!("\n[{}] {name}:\n{}\n", view.message.created_at, view.message.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_harmless_letters() {
        assert_eq!(file_name("100"), "conversation-100.txt");
        assert_eq!(file_name("a\"/..\r\n"), "conversation-a------.txt");
    }
}
