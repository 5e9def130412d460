//! The page on which a customer rates a conversation: by itself, or inside of a widget. It works without scripts.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use muster_http::query::Query;

use super::csat::{checked, from};
use crate::Api;
use crate::error::{Failure, Result};
use crate::extract::Body;
use crate::ids::SurveyUuid;
use crate::pages::frame_ancestors;
use crate::wire::chat_config::ChatConfig;
use crate::wire::csat_page::{Page, STYLE_HASH, Typed};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Who may put the page into a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Nobody,
    /// The pages that may show the inbox's widget.
    Widget,
}

/// Shows the page.
pub(crate) async fn show(State(api): State<Api>, survey: Result<SurveyUuid>) -> Response {
    shown(&api, survey, Frame::Nobody).await
}

/// Shows the page inside of a widget.
pub(crate) async fn show_framed(State(api): State<Api>, survey: Result<SurveyUuid>) -> Response {
    shown(&api, survey, Frame::Widget).await
}

/// Takes what was filled in. With `framed` in the query it came from inside of a widget.
pub(crate) async fn submit(
    State(api): State<Api>,
    survey: Result<SurveyUuid>,
    query: Query,
    parts: Parts,
    body: Result<Body<BTreeMap<String, serde_json::Value>>>,
) -> Response {
    let frame = if query.get("framed").is_some() { Frame::Widget } else { Frame::Nobody };
    let asked = match ask(&api, survey).await {
        Ok(asked) if asked.is_answered => return page(StatusCode::OK, &Page::Answered, frame, &asked.domains),
        Ok(asked) => asked,
        Err(failure) => return refusal(&failure, frame),
    };
    let typed = match body {
        Ok(Body(fields)) => Typed::read(fields),
        Err(failure) => {
            let told = Page::Refused("The form could not be read.");
            return page(failure.status(), &told, frame, &asked.domains);
        }
    };
    match take(&api, &parts, &asked, &typed).await {
        Ok(()) => page(StatusCode::OK, &Page::Thanks, frame, &asked.domains),
        Err(failure) if failure.status() == StatusCode::BAD_REQUEST => {
            let form = asked.form(&typed, Some(failure.message()), frame);
            page(StatusCode::BAD_REQUEST, &form, frame, &asked.domains)
        }
        Err(failure) => refusal(&failure, frame),
    }
}

async fn shown(api: &Api, survey: Result<SurveyUuid>, frame: Frame) -> Response {
    match ask(api, survey).await {
        Ok(asked) if asked.is_answered => page(StatusCode::OK, &Page::Answered, frame, &asked.domains),
        Ok(asked) => page(StatusCode::OK, &asked.form(&Typed::default(), None, frame), frame, &asked.domains),
        Err(failure) => refusal(&failure, frame),
    }
}

async fn take(api: &Api, parts: &Parts, asked: &Asked, typed: &Typed) -> Result<()> {
    let answer = checked(typed.rating, &typed.feedback, typed.fields.clone())?;
    Ok(api.app.answer_survey(&from(parts), asked.uuid, answer).await?)
}

/// What the page needs to know of a survey.
struct Asked {
    uuid: uuid::Uuid,
    brand: String,
    domains: Vec<String>,
    is_answered: bool,
}

async fn ask(api: &Api, survey: Result<SurveyUuid>) -> Result<Asked> {
    let SurveyUuid(uuid) = survey?;
    let muster_app::surveys::Asked { survey, inbox } = api.app.survey(uuid).await?;
    let config = ChatConfig::read(inbox.config)?;
    let is_answered = survey.responded_at.is_some();
    Ok(Asked { uuid, brand: config.brand_name, domains: config.trusted_domains, is_answered })
}

impl Asked {
    fn form<'a>(&'a self, typed: &'a Typed, error: Option<&'a str>, frame: Frame) -> Page<'a> {
        let query = if frame == Frame::Widget { "?framed=1" } else { "" };
        Page::Form { action: format!("/csat/{}{query}", self.uuid), brand: &self.brand, typed, error }
    }
}

/// A survey that isn't there is missing with 404 here: people see this, not programs.
fn refusal(failure: &Failure, frame: Frame) -> Response {
    match failure.status() {
        StatusCode::BAD_REQUEST => page(StatusCode::NOT_FOUND, &Page::Missing, frame, &[]),
        status => page(status, &Page::Refused(failure.message()), frame, &[]),
    }
}

fn page(status: StatusCode, page: &Page<'_>, frame: Frame, domains: &[String]) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy(frame, domains)),
        (ROBOTS, HeaderValue::from_static("noindex, nofollow")),
    ];
    (status, headers, page.html()).into_response()
}

fn policy(frame: Frame, domains: &[String]) -> HeaderValue {
    let ancestors = match frame {
        Frame::Nobody => "'none'".to_owned(),
        Frame::Widget => frame_ancestors(domains),
    };
    let text = format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}",
        *STYLE_HASH
    );
    // Domains were checked when they were stored.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}
