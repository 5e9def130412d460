//! The general settings, and what of them anybody may know.

use muster_core::settings;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a front end has to know before anybody signs in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicConfig {
    #[serde(rename = "app.lang")]
    lang: String,
    #[serde(rename = "app.favicon_url")]
    favicon_url: String,
    #[serde(rename = "app.logo_url")]
    logo_url: String,
    #[serde(rename = "app.site_name")]
    site_name: String,
    /// Always empty: the desk has no single sign-on.
    #[serde(rename = "app.sso_providers")]
    #[schema(max_items = 0)]
    sso_providers: Vec<String>,
}

impl From<&settings::GeneralSettings> for PublicConfig {
    fn from(settings: &settings::GeneralSettings) -> Self {
        Self {
            lang: settings.language.clone(),
            favicon_url: settings.favicon_url.clone(),
            logo_url: settings.logo_url.clone(),
            site_name: settings.site_name.clone(),
            sso_providers: Vec::new(),
        }
    }
}

/// A language that there are texts in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Language {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GeneralSettings {
    #[serde(rename = "app.lang")]
    lang: String,
    /// Where people reach the desk. Set in the operator's configuration.
    #[serde(rename = "app.root_url")]
    root_url: String,
    #[serde(rename = "app.logo_url")]
    logo_url: String,
    #[serde(rename = "app.site_name")]
    site_name: String,
    #[serde(rename = "app.favicon_url")]
    favicon_url: String,
    /// In MB.
    #[serde(rename = "app.max_file_upload_size")]
    max_file_upload_size: u32,
    /// `*` allows all.
    #[serde(rename = "app.allowed_file_upload_extensions")]
    allowed_file_upload_extensions: Vec<String>,
    /// IANA name.
    #[serde(rename = "app.timezone")]
    timezone: String,
    /// An id, or nothing.
    #[serde(rename = "app.business_hours_id")]
    business_hours_id: String,
    #[serde(rename = "app.show_conversation_subject")]
    show_conversation_subject: bool,
    /// Always null: the desk doesn't ask outside whether there is a newer one.
    #[serde(rename = "app.update")]
    #[schema(schema_with = muster_http::openapi::always_null)]
    update: (),
    #[serde(rename = "app.version")]
    version: &'static str,
    /// Always false: what can be set here holds at once.
    #[serde(rename = "app.restart_required")]
    restart_required: bool,
}

impl GeneralSettings {
    /// The settings of a desk that people reach at `root_url`.
    pub(crate) fn new(settings: &settings::GeneralSettings, root_url: &str) -> Self {
        let settings::GeneralSettings {
            site_name,
            language,
            timezone,
            logo_url,
            favicon_url,
            business_hours,
            max_upload_mb,
            upload_extensions,
            show_subject,
        } = settings.clone();
        Self {
            lang: language,
            root_url: root_url.to_owned(),
            logo_url,
            site_name,
            favicon_url,
            max_file_upload_size: max_upload_mb,
            allowed_file_upload_extensions: upload_extensions,
            timezone,
            business_hours_id: business_hours.map(|id| id.to_string()).unwrap_or_default(),
            show_conversation_subject: show_subject,
            update: (),
            version: env!("CARGO_PKG_VERSION"),
            restart_required: false,
        }
    }
}

/// Settings to be written; an absent one stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct GeneralSettingsRequest {
    #[serde(rename = "app.lang")]
    pub(crate) lang: Option<String>,
    /// Only what it is already: it is set in the operator's configuration.
    #[serde(rename = "app.root_url")]
    pub(crate) root_url: Option<String>,
    #[serde(rename = "app.logo_url")]
    #[schema(max_length = 2000)]
    pub(crate) logo_url: Option<String>,
    #[serde(rename = "app.site_name")]
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) site_name: Option<String>,
    #[serde(rename = "app.favicon_url")]
    #[schema(max_length = 2000)]
    pub(crate) favicon_url: Option<String>,
    /// In MB.
    #[serde(rename = "app.max_file_upload_size")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) max_file_upload_size: Option<u32>,
    /// `*` allows all.
    #[serde(rename = "app.allowed_file_upload_extensions")]
    #[schema(max_items = 200)]
    pub(crate) allowed_file_upload_extensions: Option<Vec<String>>,
    /// IANA name.
    #[serde(rename = "app.timezone")]
    pub(crate) timezone: Option<String>,
    /// An id; nothing or null: none.
    #[serde(rename = "app.business_hours_id", default)]
    pub(crate) business_hours_id: Patch<String>,
    #[serde(rename = "app.show_conversation_subject")]
    pub(crate) show_conversation_subject: Option<bool>,
}
