//! The mail server, which the operator's configuration names.

use muster_app::mail::{MailSecurity, MailServer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::inbox::MASK;

/// The tries of a mail after the first one.
const RETRIES: u32 = muster_app::jobs::TRIES - 1;

macro_rules! mail_settings {
    ($($(#[$doc:meta])* $field:ident : $type:ty = $name:tt),+ $(,)?) => {
        /// How notifications are mailed.
        #[derive(Debug, PartialEq, Serialize, ToSchema)]
        pub(crate) struct MailSettings {
            $($(#[$doc])* #[serde(rename = $name)] $field: $type),+
        }

        /// The same as sent by a form. What it holds must be what is so already.
        #[derive(Default, Deserialize, ToSchema)]
        pub(crate) struct MailSettingsRequest {
            $($(#[$doc])* #[serde(rename = $name)] $field: Option<$type>),+
        }

        impl MailSettings {
            /// The first setting that `request` would change.
            fn moved_by(&self, request: &MailSettingsRequest) -> Option<&'static str> {
                $(if request.$field.as_ref().is_some_and(|sent| *sent != self.$field) {
                    return Some($name);
                })+
                None
            }
        }
    };
}

mail_settings! {
    username: String = "notification.email.username",
    host: String = "notification.email.host",
    port: u16 = "notification.email.port",
    /// Ten bullets for one that isn't shown.
    password: String = "notification.email.password",
    max_conns: u16 = "notification.email.max_conns",
    /// In Go's notation, such as `0s`.
    idle_timeout: String = "notification.email.idle_timeout",
    wait_timeout: String = "notification.email.wait_timeout",
    /// `none` or `plain`.
    auth_protocol: String = "notification.email.auth_protocol",
    /// `none`, `starttls` or `tls`.
    tls_type: String = "notification.email.tls_type",
    tls_skip_verify: bool = "notification.email.tls_skip_verify",
    hello_hostname: String = "notification.email.hello_hostname",
    email_address: String = "notification.email.email_address",
    max_msg_retries: u32 = "notification.email.max_msg_retries",
    enabled: bool = "notification.email.enabled",
}

muster_http::debug_without_fields!(MailSettingsRequest);

impl MailSettings {
    pub(crate) fn new(server: Option<&MailServer>) -> Self {
        let login = server.and_then(|server| server.login.clone());
        let seconds = server.map_or(0, |server| server.timeout.as_secs());
        Self {
            password: login.as_ref().map(|_| MASK.to_owned()).unwrap_or_default(),
            auth_protocol: if login.is_some() { "plain" } else { "none" }.to_owned(),
            username: login.unwrap_or_default(),
            host: server.map(|server| server.host.clone()).unwrap_or_default(),
            port: server.map_or(587, |server| server.port),
            max_conns: 1,
            idle_timeout: "0s".to_owned(),
            wait_timeout: format!("{seconds}s"),
            tls_type: tls_type(server.map_or(MailSecurity::Starttls, |server| server.security)).to_owned(),
            tls_skip_verify: false,
            hello_hostname: String::new(),
            email_address: server.map(|server| server.from.clone()).unwrap_or_default(),
            max_msg_retries: RETRIES,
            enabled: server.is_some(),
        }
    }

    /// The first setting that `request` would change. A password that is empty or has a bullet is the present one.
    pub(crate) fn first_change(&self, request: MailSettingsRequest) -> Option<&'static str> {
        let password = request.password.filter(|sent| !sent.is_empty() && !sent.contains('•'));
        self.moved_by(&MailSettingsRequest { password, ..request })
    }
}

const fn tls_type(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::Starttls => "starttls",
        MailSecurity::Tls => "tls",
        MailSecurity::None => "none",
    }
}
