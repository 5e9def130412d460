//! What a live-chat inbox is configured with. Every key is there on reads, with its default where
//! nothing was set.

use muster_core::duration;
use muster_http::client::TrustedProxies;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{Failure, Result};

// Wire (observed, 2.7): the keys. The defaults are ours.
macro_rules! config {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        #[serde(default)]
        pub(crate) struct $name {
            $($(#[$field_doc])* #[schema(required)] pub(crate) $field: $type),+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }
    )+};
}

config! {
    /// The configuration of a live-chat inbox.
    ChatConfig {
        brand_name: String = String::new(),
        website_url: String = String::new(),
        dark_mode: bool = false,
        show_powered_by: bool = true,
        language: String = "en-US".to_owned(),
        fallback_language: String = "en-US".to_owned(),
        /// What identified contacts may do.
        users: Audience = Audience::default(),
        /// What everybody else may do.
        visitors: Audience = Audience::default(),
        colors: Colors = Colors::default(),
        home_screen: HomeScreen = HomeScreen::default(),
        features: Features = Features::default(),
        launcher: Launcher = Launcher::default(),
        logo_url: String = String::new(),
        notice_banner: NoticeBanner = NoticeBanner::default(),
        home_apps: Vec<HomeApp> = Vec::new(),
        /// Host names, without a scheme, of the pages that may show the widget; none: all.
        trusted_domains: Vec<String> = Vec::new(),
        /// Addresses and networks.
        blocked_ips: Vec<String> = Vec::new(),
        direct_to_conversation: bool = false,
        greeting_message: String = String::new(),
        chat_introduction: String = String::new(),
        introduction_message: String = String::new(),
        continuity: Continuity = Continuity::default(),
        show_office_hours_in_chat: bool = false,
        show_office_hours_after_assignment: bool = false,
        chat_reply_expectation_message: String = String::new(),
        /// How long an identified contact stays signed in: at least `1h`; empty: 180 days.
        session_duration: String = String::new(),
        prechat_form: PrechatForm = PrechatForm::default(),
    }

    Audience {
        allow_start_conversation: bool = true,
        prevent_multiple_conversations: bool = false,
        prevent_reply_to_closed_conversation: bool = false,
        start_conversation_button_text: String = "Start conversation".to_owned(),
    }

    Colors {
        /// `#rgb` or `#rrggbb`.
        primary: String = "#2563eb".to_owned(),
    }

    HomeScreen {
        header_text_color: String = "#ffffff".to_owned(),
        background: Background = Background::default(),
        fade_background: bool = false,
    }

    Background {
        r#type: BackgroundType = BackgroundType::Solid,
        color: String = "#2563eb".to_owned(),
        gradient_start: String = "#2563eb".to_owned(),
        gradient_end: String = "#1e40af".to_owned(),
        image_url: String = String::new(),
    }

    Features {
        emoji: bool = true,
        file_upload: bool = false,
    }

    Launcher {
        spacing: Spacing = Spacing::default(),
        logo_url: String = String::new(),
        position: Position = Position::Right,
        color: String = "#2563eb".to_owned(),
    }

    /// In pixels.
    Spacing {
        side: u16 = 20,
        bottom: u16 = 20,
    }

    NoticeBanner {
        text: String = String::new(),
        enabled: bool = false,
    }

    /// Mail for contacts who left the chat; looked at where a mail inbox is linked.
    Continuity {
        offline_threshold: String = "10m".to_owned(),
        max_messages_per_email: i64 = 10,
        min_email_interval: String = "15m".to_owned(),
    }

    /// What visitors are asked before they write.
    PrechatForm {
        enabled: bool = false,
        title: String = String::new(),
        fields: Vec<PrechatField> = vec![
            PrechatField::asked("name", FieldType::Text, "Name", 1),
            PrechatField::asked("email", FieldType::Email, "Email", 2),
        ],
    }

    PrechatField {
        key: String = String::new(),
        r#type: FieldType = FieldType::Text,
        label: String = String::new(),
        placeholder: String = String::new(),
        required: bool = false,
        enabled: bool = false,
        /// Lower first.
        order: i64 = 0,
        /// Name, e-mail and phone are.
        is_default: bool = false,
        custom_attribute_id: i64 = 0,
    }
}

impl PrechatField {
    fn asked(key: &str, r#type: FieldType, label: &str, order: i64) -> Self {
        Self {
            key: key.to_owned(),
            r#type,
            label: label.to_owned(),
            order,
            is_default: true,
            enabled: true,
            ..Self::default()
        }
    }
}

/// A tile on the widget's first page.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct HomeApp {
    pub(crate) r#type: HomeAppType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HomeAppType {
    Announcement,
    ExternalLink,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackgroundType {
    Solid,
    Gradient,
    Image,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Position {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FieldType {
    Text,
    Email,
    Number,
    Checkbox,
    Date,
    Link,
    List,
}

impl ChatConfig {
    /// Reads what is stored, or was sent, as far as it is there.
    ///
    /// # Errors
    /// 400 with the decoder's words where a value has another type.
    pub(crate) fn read(config: Value) -> Result<Self> {
        serde_json::from_value(config).map_err(|error| Failure::invalid("config").with_data(error.to_string()))
    }

    /// Lays what was sent over what is stored, object by object; lists and texts replace.
    ///
    /// # Errors
    /// 400 for values that can't be.
    pub(crate) fn changed(stored: &Value, sent: Value, has_mail: bool) -> Result<Value> {
        let mut config = serde_json::to_value(Self::read(stored.clone())?).map_err(muster_core::Error::internal)?;
        require(overlay(&mut config, sent), "config")?;
        let config = Self::read(config)?;
        config.check(has_mail)?;
        serde_json::to_value(config).map_err(|error| muster_core::Error::internal(error).into())
    }

    fn check(&self, has_mail: bool) -> Result<()> {
        let background = &self.home_screen.background;
        for (field, color) in [
            ("colors.primary", &self.colors.primary),
            ("launcher.color", &self.launcher.color),
            ("home_screen.background.color", &background.color),
            ("home_screen.background.gradient_start", &background.gradient_start),
            ("home_screen.background.gradient_end", &background.gradient_end),
        ] {
            require(is_hex_color(color), field)?;
        }
        require(self.trusted_domains.iter().all(|domain| is_domain(domain)), "trusted_domains")?;
        require(TrustedProxies::parse(&self.blocked_ips).is_ok(), "blocked_ips")?;
        require(self.session_duration.is_empty() || is_at_least(&self.session_duration, HOUR), "session_duration")?;
        if has_mail { self.continuity.check() } else { Ok(()) }
    }
}

impl Continuity {
    fn check(&self) -> Result<()> {
        require(is_at_least(&self.offline_threshold, MINUTE), "continuity.offline_threshold")?;
        require(is_at_least(&self.min_email_interval, MINUTE), "continuity.min_email_interval")?;
        require((1..=100).contains(&self.max_messages_per_email), "continuity.max_messages_per_email")
    }
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn require(holds: bool, field: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(Failure::invalid(field)) }
}

/// Says whether every object stayed one.
fn overlay(under: &mut Value, over: Value) -> bool {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            let mut fields = over.into_iter();
            fields.all(|(key, value)| overlay(under.entry(key).or_insert(Value::Null), value))
        }
        (Value::Object(_), _) => false,
        (under, over) => {
            *under = over;
            true
        }
    }
}

/// Empty, or `#` with three, four, six or eight hexadecimal digits.
fn is_hex_color(text: &str) -> bool {
    let is_hex =
        |digits: &str| matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    text.is_empty() || text.strip_prefix('#').is_some_and(is_hex)
}

/// A host name, perhaps with a port or a leading `*.`; no scheme, no path.
fn is_domain(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let (host, port) = name.rsplit_once(':').unwrap_or((name, "80"));
    let is_label = |label: &str| {
        let fits = (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
        fits && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(is_label) && port.parse::<u16>().is_ok()
}

fn is_at_least(text: &str, least_ms: i64) -> bool {
    duration::millis_of(text).is_some_and(|millis| millis >= least_ms)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(sent: Value) -> Result<Value> {
        ChatConfig::changed(&json!({}), sent, false)
    }

    #[test]
    fn every_key_is_there_and_a_change_leaves_the_others() {
        let config = change(json!({"colors": {"primary": "#abc"}, "launcher": {"position": "left"}})).unwrap();
        assert_eq!(config["colors"]["primary"], "#abc");
        assert_eq!(config["launcher"]["position"], "left");
        assert_eq!(config["launcher"]["spacing"], json!({"side": 20, "bottom": 20}));
        assert_eq!(config.as_object().unwrap().len(), 27);
        let again = ChatConfig::changed(&config, json!({"brand_name": "Acme"}), false).unwrap();
        assert_eq!((&again["brand_name"], &again["colors"]["primary"]), (&json!("Acme"), &json!("#abc")));
    }

    #[test]
    fn what_can_not_be_is_refused() {
        for sent in [
            json!({"colors": {"primary": "blue"}}),
            json!({"trusted_domains": ["https://example.org"]}),
            json!({"trusted_domains": ["example.org/path"]}),
            json!({"blocked_ips": ["10.0.0.0/99"]}),
            json!({"session_duration": "59m"}),
            json!({"launcher": {"position": "middle"}}),
            json!({"dark_mode": "yes"}),
            json!({"users": null}),
            json!({"users": []}),
            json!([]),
        ] {
            assert!(change(sent.clone()).is_err(), "{sent}");
        }
        for sent in [
            json!({"trusted_domains": ["example.org", "*.example.org", "localhost:3000"]}),
            json!({"blocked_ips": ["192.0.2.1", "2001:db8::/32"]}),
            json!({"session_duration": "1h"}),
            json!({"continuity": {"offline_threshold": "1s"}}),
        ] {
            assert!(change(sent.clone()).is_ok(), "{sent}");
        }
        assert!(ChatConfig::changed(&json!({}), json!({"continuity": {"offline_threshold": "1s"}}), true).is_err());
    }
}
