//! What a chat widget is told of its inbox's configuration.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::chat_config::{
    Audience, ChatConfig, Colors, Features, HomeApp, HomeScreen, Launcher, NoticeBanner, PrechatForm,
};

/// What stands on the page before the widget opens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LauncherSettings {
    pub(crate) launcher: Launcher,
    pub(crate) colors: Colors,
}

impl From<ChatConfig> for LauncherSettings {
    fn from(config: ChatConfig) -> Self {
        Self { launcher: config.launcher, colors: config.colors }
    }
}

/// The configuration without what is none of the visitor's business. Wire (observed, 2.7): the keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WidgetSettings {
    pub(crate) brand_name: String,
    pub(crate) website_url: String,
    pub(crate) dark_mode: bool,
    pub(crate) show_powered_by: bool,
    pub(crate) language: String,
    pub(crate) fallback_language: String,
    pub(crate) users: Audience,
    pub(crate) visitors: Audience,
    pub(crate) colors: Colors,
    pub(crate) home_screen: HomeScreen,
    pub(crate) features: Features,
    pub(crate) launcher: Launcher,
    pub(crate) logo_url: String,
    pub(crate) notice_banner: NoticeBanner,
    pub(crate) home_apps: Vec<HomeApp>,
    pub(crate) direct_to_conversation: bool,
    pub(crate) greeting_message: String,
    pub(crate) chat_introduction: String,
    pub(crate) introduction_message: String,
    pub(crate) show_office_hours_in_chat: bool,
    pub(crate) show_office_hours_after_assignment: bool,
    pub(crate) chat_reply_expectation_message: String,
    /// Only the fields that are asked.
    pub(crate) prechat_form: PrechatForm,
    /// The attributes that fields of the form fill in, by id. There are none yet.
    pub(crate) custom_attributes: BTreeMap<String, FormAttribute>,
}

/// An attribute's choices in the form.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormAttribute {
    pub(crate) id: i64,
    pub(crate) values: Vec<String>,
}

impl From<ChatConfig> for WidgetSettings {
    fn from(config: ChatConfig) -> Self {
        let ChatConfig {
            brand_name,
            website_url,
            dark_mode,
            show_powered_by,
            language,
            fallback_language,
            users,
            visitors,
            colors,
            home_screen,
            features,
            launcher,
            logo_url,
            notice_banner,
            home_apps,
            trusted_domains: _,
            blocked_ips: _,
            direct_to_conversation,
            greeting_message,
            chat_introduction,
            introduction_message,
            continuity: _,
            show_office_hours_in_chat,
            show_office_hours_after_assignment,
            chat_reply_expectation_message,
            session_duration: _,
            prechat_form,
        } = config;
        Self {
            brand_name,
            website_url,
            dark_mode,
            show_powered_by,
            language,
            fallback_language,
            users,
            visitors,
            colors,
            home_screen,
            features,
            launcher,
            logo_url,
            notice_banner,
            home_apps,
            direct_to_conversation,
            greeting_message,
            chat_introduction,
            introduction_message,
            show_office_hours_in_chat,
            show_office_hours_after_assignment,
            chat_reply_expectation_message,
            prechat_form: asked(prechat_form),
            custom_attributes: BTreeMap::new(),
        }
    }
}

/// The form without what isn't asked: fields that are off, and those whose attribute isn't defined.
fn asked(form: PrechatForm) -> PrechatForm {
    let asked = form.fields.into_iter().filter(|field| field.enabled && field.custom_attribute_id == 0);
    PrechatForm { fields: asked.collect(), ..form }
}
