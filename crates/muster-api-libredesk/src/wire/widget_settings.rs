//! What a chat widget is told of its inbox's configuration.

use std::collections::BTreeMap;

use muster_app::livechat::OfficeHours;
use muster_core::attribute::{Definition, ValueKind};
use muster_core::text;
use serde::Serialize;
use utoipa::ToSchema;

use super::business_hours::BusinessHours;
use super::chat_config::{
    Audience, ChatConfig, Colors, Features, FieldType, HomeApp, HomeScreen, Launcher, NoticeBanner, PrechatField,
    PrechatForm,
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
    /// The attributes that fields of the form fill in, by id.
    pub(crate) custom_attributes: BTreeMap<String, FormAttribute>,
    /// Only where office hours are shown, as the two after it are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) business_hours: Option<Vec<BusinessHours>>,
    /// Absent also without any: then the desk is always open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_business_hours_id: Option<i64>,
    /// Minutes that the desk's zone is ahead of UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) working_hours_utc_offset: Option<i16>,
}

/// An attribute's choices in the form.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormAttribute {
    pub(crate) id: i64,
    pub(crate) values: Vec<String>,
}

impl WidgetSettings {
    /// `attributes`: those that the form may ask for. `office`: where hours are shown.
    pub(crate) fn new(config: ChatConfig, attributes: &[Definition], office: Option<OfficeHours>) -> Self {
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
            mut prechat_form,
        } = config;
        let custom_attributes = ask(&mut prechat_form, attributes);
        let default = office.as_ref().and_then(|office| office.default);
        let working_hours_utc_offset = office.as_ref().map(|office| office.utc_offset);
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
            prechat_form,
            custom_attributes,
            business_hours: office.map(|office| office.all.into_iter().map(Into::into).collect()),
            default_business_hours_id: default.map(|hours| hours.0),
            working_hours_utc_offset,
        }
    }
}

/// Leaves what is asked, in its order: no field that is off, none whose attribute isn't defined, and the others as their
/// attribute is called now. Tells the choices of those.
fn ask(form: &mut PrechatForm, attributes: &[Definition]) -> BTreeMap<String, FormAttribute> {
    let mut choices = BTreeMap::new();
    form.fields.retain_mut(|field| {
        if !field.enabled || field.custom_attribute_id == 0 {
            return field.enabled;
        }
        let Some(definition) = definition_of(field, attributes) else { return false };
        let id = definition.id.0;
        field.custom_attribute_id = id;
        field.label.clone_from(&definition.name);
        field.r#type = field_type(definition.kind);
        choices.insert(id.to_string(), FormAttribute { id, values: definition.options.clone() });
        true
    });
    form.fields.sort_by_key(|field| field.order);
    choices
}

/// By key, as answers go; where contacts and conversations both have it, the one that the field names.
fn definition_of<'d>(field: &PrechatField, attributes: &'d [Definition]) -> Option<&'d Definition> {
    let of_key = || attributes.iter().filter(|definition| text::key(&definition.key) == text::key(&field.key));
    of_key().find(|definition| definition.id.0 == field.custom_attribute_id).or_else(|| of_key().next())
}

const fn field_type(kind: ValueKind) -> FieldType {
    match kind {
        ValueKind::Text => FieldType::Text,
        ValueKind::Number => FieldType::Number,
        ValueKind::Bool => FieldType::Checkbox,
        ValueKind::Date => FieldType::Date,
        ValueKind::Link => FieldType::Link,
        ValueKind::List | ValueKind::Multi => FieldType::List,
    }
}
