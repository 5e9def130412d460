//! Signing in, set-up, passwords and keys.

use muster_app::auth::OneTimeLink;
use muster_http::body::null_as_default;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// Requests whose fields are texts that have to be there, and that show none of them.
macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Deserialize, Default, ToSchema)]
        pub(crate) struct $name {
            $(
                $(#[$field_doc])*
                #[serde(default, deserialize_with = "null_as_default")]
                #[schema(required)]
                pub(crate) $field: String
            ),+
        }

        muster_http::debug_without_fields!($name);
    )+};
}

pub(crate) use requests;

requests! {
    ResetPasswordRequest { email }
    SetPasswordRequest {
        /// From the link.
        token,
        password,
    }
}

/// A name and a password, and a code of whoever has a second factor.
#[derive(Deserialize, Default, ToSchema)]
pub(crate) struct SignInRequest {
    /// E-mail or login.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) email: String,
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) password: String,
    /// Six digits from the device, or a recovery code. Ours, not the product's.
    #[serde(default)]
    pub(crate) totp_code: Option<String>,
}

muster_http::debug_without_fields!(SignInRequest);

/// The first administrator. Ours, not the product's.
#[derive(Deserialize, Default, ToSchema)]
pub(crate) struct SetUpRequest {
    /// From the link that the first start prints.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) token: String,
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) first_name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) last_name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) email: String,
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required)]
    pub(crate) password: String,
}

muster_http::debug_without_fields!(SetUpRequest);

/// A new key pair. The secret is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKey {
    pub(crate) api_key: String,
    pub(crate) api_secret: String,
}

muster_http::debug_without_fields!(ApiKey);

/// A link by which an agent chooses a first password. Ours, not the product's. Shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    pub(crate) url: String,
    pub(crate) expires_at: Time,
}

muster_http::debug_without_fields!(Invitation);

impl From<OneTimeLink> for Invitation {
    fn from(link: OneTimeLink) -> Self {
        let OneTimeLink { url, expires_at } = link;
        Self { url, expires_at: Time(expires_at) }
    }
}

/// Presence to be set for oneself.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct AvailabilityRequest {
    #[serde(default, deserialize_with = "null_as_default")]
    #[schema(required, value_type = super::availability::AvailabilityStatus)]
    pub(crate) status: String,
    /// `idle`: sent by the idle detector, which never overrules a choice.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) source: String,
    /// With `away_manual`: one of the desk's reasons, which takes the place of the one before; null takes that away, and
    /// absent it stays. Ours, not the product's.
    #[serde(default)]
    pub(crate) pause_reason: Patch<String>,
}
