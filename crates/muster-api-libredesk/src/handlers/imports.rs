//! Reading in lists.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use muster_app::imports::{Fault, Kind, ROWS_MAX, TABLE_MAX};
use muster_core::media::UploadRules;
use muster_core::{Entity, Error};
use muster_http::body::read_form;
use muster_http::query::Query;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, ErrorType, Failure, Result};
use crate::query::{ImportParams, ListQuery as _};
use crate::reply::{Envelope, Reply};
use crate::wire::import::{ImportAnswer, ImportForm, ImportStatus};

/// Reads in agents, in the background, row by row. Of a row that can't be done nothing is done.
///
/// Columns: `first_name`, `last_name`, `email`, `roles`, and perhaps `teams`; the last two hold names, separated by commas.
#[utoipa::path(
    post,
    path = "/api/v1/agents/import",
    tag = "agents",
    params(ImportParams),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Begun, or a preview", body = Envelope<ImportAnswer>),
        (status = 409, description = "A list is being read in", body = ErrorBody),
        (status = 413, description = "The file is too large", body = ErrorBody)
    )
)]
pub(crate) async fn import_agents(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
    request: Request,
) -> Result<Reply<ImportAnswer>> {
    import(&api, &agent, &query, request, (Kind::Agents, "agent")).await
}

/// Tells how far the last list of agents has come.
#[utoipa::path(
    get,
    path = "/api/v1/agents/import/status",
    tag = "agents",
    responses(
        (status = 200, description = "The last list", body = Envelope<ImportStatus>),
        (status = 404, description = "None was read in", body = ErrorBody)
    )
)]
pub(crate) async fn agents_status(State(api): State<Api>, agent: Agent) -> Result<Reply<ImportStatus>> {
    status(&api, &agent, (Kind::Agents, "agent")).await
}

/// Reads in tags, in the background, row by row. The one column is `name`.
#[utoipa::path(
    post,
    path = "/api/v1/tags/import",
    tag = "tags",
    params(ImportParams),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Begun, or a preview", body = Envelope<ImportAnswer>),
        (status = 409, description = "A list is being read in", body = ErrorBody),
        (status = 413, description = "The file is too large", body = ErrorBody)
    )
)]
pub(crate) async fn import_tags(
    State(api): State<Api>,
    agent: Agent,
    query: Query,
    request: Request,
) -> Result<Reply<ImportAnswer>> {
    import(&api, &agent, &query, request, (Kind::Tags, "tag")).await
}

/// Tells how far the last list of tags has come.
#[utoipa::path(
    get,
    path = "/api/v1/tags/import/status",
    tag = "tags",
    responses(
        (status = 200, description = "The last list", body = Envelope<ImportStatus>),
        (status = 404, description = "None was read in", body = ErrorBody)
    )
)]
pub(crate) async fn tags_status(State(api): State<Api>, agent: Agent) -> Result<Reply<ImportStatus>> {
    status(&api, &agent, (Kind::Tags, "tag")).await
}

async fn import(
    api: &Api,
    agent: &Agent,
    query: &Query,
    request: Request,
    (kind, thing): (Kind, &str),
) -> Result<Reply<ImportAnswer>> {
    let is_preview = query.flag("preview")?.unwrap_or(false);
    let rules = UploadRules { max_size: TABLE_MAX, extensions: vec!["*".to_owned()] };
    let form = read_form(&api.app, request, "file", rules).await?;
    // Wire (observed, 2.7): these texts.
    let mut file = form.file.ok_or_else(|| Failure::input("File Required"))?;
    let bytes = file.spool.read().await?;
    if is_preview {
        let status = api.app.preview_import(&agent.caller, kind, &bytes).await?.map_err(faulty)?;
        return Ok(Reply(ImportAnswer::Preview(ImportStatus::new(&status, thing))));
    }
    let started = api.app.start_import(&agent.caller, kind, &bytes).await;
    let started = started.map_err(|error| match error {
        Error::Conflict(Entity::Job) => {
            Failure::new(StatusCode::CONFLICT, ErrorType::GeneralException, "Import already in progress")
        }
        error => error.into(),
    });
    started?.map_err(faulty)?;
    Ok(Reply(ImportAnswer::Started(true)))
}

async fn status(api: &Api, agent: &Agent, (kind, thing): (Kind, &str)) -> Result<Reply<ImportStatus>> {
    let status = api.app.import_status(&agent.caller, kind).await.map_err(|error| match error {
        Error::NotFound(Entity::Job) => Failure::not_found("Import not found"),
        error => error.into(),
    })?;
    Ok(Reply(ImportStatus::new(&status, thing)))
}

/// Wire (observed, 2.7): the first two texts.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn faulty(fault: Fault) -> Failure {
    match fault {
        Fault::Unreadable => Failure::input("Invalid CSV file"),
        Fault::NoRows => Failure::input("CSV must contain headers and at least one data row"),
        Fault::TooManyRows => Failure::input(format!("CSV must contain at most {ROWS_MAX} rows")),
        Fault::NoColumn(column) => Failure::input(format!("CSV has no column `{column}`")),
    }
}
