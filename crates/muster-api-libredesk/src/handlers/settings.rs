//! The desk's settings: those that administrators change here, and those that the operator's configuration holds.

use axum::extract::State;
use muster_core::id::BusinessHoursId;
use muster_core::settings::SettingsPatch;
use muster_core::{Error, Why};
use muster_http::path::number;

use crate::Api;
use crate::auth::Agent;
use crate::error::{ErrorBody, Failure, Result};
use crate::extract::Body;
use crate::reply::{Done, Envelope, Reply};
use crate::wire::mail_server::{MailSettings, MailSettingsRequest};
use crate::wire::settings::{GeneralSettings, GeneralSettingsRequest, PublicConfig};

/// Shows what a front end has to know before anybody signs in.
#[utoipa::path(
    get,
    path = "/api/v1/config",
    tag = "settings",
    security(()),
    responses((status = 200, description = "The public settings", body = Envelope<PublicConfig>))
)]
pub(crate) async fn config(State(api): State<Api>) -> Result<Reply<PublicConfig>> {
    let settings = api.app.general_settings().await?;
    Ok(Reply(PublicConfig::from(&*settings)))
}

/// Shows the general settings.
#[utoipa::path(
    get,
    path = "/api/v1/settings/general",
    tag = "settings",
    responses((status = 200, description = "The settings", body = Envelope<GeneralSettings>))
)]
pub(crate) async fn general(State(api): State<Api>, _: Agent) -> Result<Reply<GeneralSettings>> {
    let settings = api.app.general_settings().await?;
    Ok(Reply(GeneralSettings::new(&settings, &api.app.settings().public_url)))
}

/// Changes the general settings. Absent ones stay as they are.
#[utoipa::path(
    put,
    path = "/api/v1/settings/general",
    tag = "settings",
    request_body = GeneralSettingsRequest,
    responses(
        (status = 200, description = "Changed", body = Envelope<bool>),
        (status = 404, description = "No such business hours", body = ErrorBody)
    )
)]
pub(crate) async fn update_general(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<GeneralSettingsRequest>,
) -> Result<Done> {
    if let Some(url) = &request.root_url
        && url.trim().trim_end_matches('/') != api.app.settings().public_url
    {
        return Err(Failure::input(ROOT_URL_IS_CONFIGURED));
    }
    api.app.update_general_settings(&agent.caller, patch(request)?).await.map_err(told)?;
    Ok(Done)
}

const ROOT_URL_IS_CONFIGURED: &str =
    "The root URL is set as `public_url` in section [server] of the desk's configuration file, Please change it there";

fn patch(request: GeneralSettingsRequest) -> Result<SettingsPatch> {
    let GeneralSettingsRequest {
        lang,
        root_url: _,
        logo_url,
        site_name,
        favicon_url,
        max_file_upload_size,
        allowed_file_upload_extensions,
        timezone,
        business_hours_id,
        show_conversation_subject,
    } = request;
    let business_hours = match business_hours_id.into_change() {
        Some(Some(id)) if !id.is_empty() => {
            let id = number(&id).ok_or_else(|| Failure::invalid("app.business_hours_id"))?;
            Some(Some(BusinessHoursId(id)))
        }
        Some(_) => Some(None),
        None => None,
    };
    Ok(SettingsPatch {
        site_name,
        language: lang,
        timezone,
        logo_url,
        favicon_url,
        business_hours,
        max_upload_mb: max_file_upload_size,
        upload_extensions: allowed_file_upload_extensions,
        show_subject: show_conversation_subject,
    })
}

/// Wire (observed, 2.7): a text of its own for an unknown zone.
fn told(error: Error) -> Failure {
    match error {
        Error::Invalid { field: "timezone", why: Why::Unknown } => Failure::input("Invalid timezone."),
        other => other.into(),
    }
}

/// Shows how notifications are mailed.
#[utoipa::path(
    get,
    path = "/api/v1/settings/notifications/email",
    tag = "settings",
    responses((status = 200, description = "The settings", body = Envelope<MailSettings>))
)]
pub(crate) async fn mail(State(api): State<Api>, agent: Agent) -> Result<Reply<MailSettings>> {
    Ok(Reply(MailSettings::new(api.app.mail_server(&agent.caller)?)))
}

/// Takes the mail settings that are there already. Others are refused: they are set in the operator's configuration.
#[utoipa::path(
    put,
    path = "/api/v1/settings/notifications/email",
    tag = "settings",
    request_body = MailSettingsRequest,
    responses((status = 200, description = "Nothing had to be changed", body = Envelope<bool>))
)]
pub(crate) async fn update_mail(
    State(api): State<Api>,
    agent: Agent,
    Body(request): Body<MailSettingsRequest>,
) -> Result<Done> {
    let present = MailSettings::new(api.app.mail_server(&agent.caller)?);
    match present.first_change(request) {
        None => Ok(Done),
        Some(name) => Err(Failure::input(format!(
            "`{name}` can't be changed here: the mail server is set in section [mail] of the desk's configuration file"
        ))),
    }
}
