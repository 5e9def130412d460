//! Signing in, set-up, passwords and keys.

use muster_http::body::null_as_default;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

requests! {
    SignInRequest {
        /// E-mail or login.
        email,
        password,
    }
    ResetPasswordRequest { email }
    SetPasswordRequest {
        /// From the link.
        token,
        password,
    }
}

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

impl std::fmt::Debug for SetUpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetUpRequest").finish_non_exhaustive()
    }
}

/// A new key pair. The secret is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKey {
    pub(crate) api_key: String,
    pub(crate) api_secret: String,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").finish_non_exhaustive()
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
}
