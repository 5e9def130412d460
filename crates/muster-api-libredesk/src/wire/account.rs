//! What an agent does with the own account: ours, in the product's manner.

use muster_app::auth::{Enrolment, OpenSession, SecondFactorState};
use muster_http::body::null_as_default;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use super::auth::requests;

requests! {
    PasswordChangeRequest {
        current_password,
        /// 10 to 72 bytes with an upper and a lower case letter, a digit and another character.
        new_password,
    }
    SecondFactorRequest { current_password }
    CodeRequest {
        /// Six digits from the device.
        code,
    }
    PasswordAndCodeRequest {
        current_password,
        /// Six digits from the device, or a recovery code.
        code,
    }
}

/// A session that holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionItem {
    id: String,
    /// A browser or a program.
    kind: SessionKind,
    created_at: Time,
    expires_at: Time,
    /// The address it was opened from.
    #[schema(required)]
    ip: Option<String>,
    /// At most 120 characters.
    #[schema(required)]
    user_agent: Option<String>,
    /// The one that this was asked under.
    current: bool,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SessionKind {
    Browser,
    Program,
}

impl From<OpenSession> for SessionItem {
    fn from(session: OpenSession) -> Self {
        let OpenSession { id, kind, created_at, expires_at, ip, user_agent, is_current } = session;
        let kind = if kind == "web" { SessionKind::Browser } else { SessionKind::Program };
        let (created_at, expires_at) = (Time(created_at), Time(expires_at));
        Self { id: id.to_string(), kind, created_at, expires_at, ip, user_agent, current: is_current }
    }
}

/// How the second factor stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecondFactor {
    enabled: bool,
    /// The desk asks this agent for one.
    required: bool,
    recovery_codes_left: i64,
}

impl From<SecondFactorState> for SecondFactor {
    fn from(state: SecondFactorState) -> Self {
        let SecondFactorState { enabled, required, recovery_codes_left } = state;
        Self { enabled, required, recovery_codes_left }
    }
}

/// What the device has to be told. Shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorSecret {
    /// In base32, to be typed in.
    secret: String,
    /// The same as an address, to be shown as a QR code.
    otpauth_uri: String,
}

muster_http::debug_without_fields!(SecondFactorSecret);

impl From<Enrolment> for SecondFactorSecret {
    fn from(enrolment: Enrolment) -> Self {
        let Enrolment { secret, uri } = enrolment;
        Self { secret, otpauth_uri: uri }
    }
}

/// Each stands in for a code once. Shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    pub(crate) recovery_codes: Vec<String>,
}

muster_http::debug_without_fields!(RecoveryCodes);
