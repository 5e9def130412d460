//! Signing in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::user::Me;
use crate::reply::Yes;
use crate::validate::{Kind, Parameters, Shape, optional};

/// A name in one of three fields with a password, or a token; or such a request with a code, in `totp`.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginRequest {
    #[serde(flatten)]
    pub(crate) credentials: Credentials,
    /// The same with a code, as clients of the socket write it.
    pub(crate) totp: Option<WithCode>,
}

/// A request to sign in, and the code that goes with it.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WithCode {
    pub(crate) login: Option<Credentials>,
    pub(crate) code: Option<String>,
}

/// A name in one of three fields with a password, or a token.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// An e-mail address or a username.
    pub(crate) user: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) password: Option<Password>,
    /// A token from an earlier sign-in.
    pub(crate) resume: Option<String>,
    /// Of the second factor: six digits from the device, or a recovery code.
    pub(crate) code: Option<String>,
}

impl LoginRequest {
    /// What is presented: in `totp` if that is there.
    pub(crate) fn credentials(self) -> Credentials {
        match self.totp {
            Some(WithCode { login: Some(login), code }) => Credentials { code: code.or(login.code), ..login },
            Some(WithCode { login: None, code }) => {
                Credentials { code: code.or(self.credentials.code), ..self.credentials }
            }
            None => self.credentials,
        }
    }
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginRequest(..)")
    }
}

/// A password as it was typed, or its digest.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Password {
    Plain(String),
    Digest {
        /// SHA-256 of the password, in hexadecimal.
        digest: Option<String>,
        /// The same.
        hashed: Option<String>,
        /// `sha-256`.
        algorithm: Option<String>,
    },
}

impl Parameters for LoginRequest {
    const SHAPE: Shape = Shape::of(&[
        optional("user", Kind::Text),
        optional("username", Kind::Text),
        optional("email", Kind::Text),
        optional("password", Kind::TextOrObject(DIGEST)),
        optional("resume", Kind::Text),
        optional("code", Kind::Text),
        optional("totp", Kind::Object(WITH_CODE)),
    ]);
}

const WITH_CODE: Shape = Shape::of(&[optional("login", Kind::Object(CREDENTIALS)), optional("code", Kind::Text)]);

const CREDENTIALS: Shape = Shape::of(&[
    optional("user", Kind::Text),
    optional("username", Kind::Text),
    optional("email", Kind::Text),
    optional("password", Kind::TextOrObject(DIGEST)),
    optional("resume", Kind::Text),
    optional("code", Kind::Text),
]);

const DIGEST: Shape =
    Shape::of(&[optional("digest", Kind::Text), optional("hashed", Kind::Text), optional("algorithm", Kind::Text)]);

/// Always `success`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SuccessStatus {
    Success,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginData {
    pub(crate) user_id: String,
    pub(crate) auth_token: String,
    pub(crate) me: Me,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LoginReply {
    pub(crate) status: SuccessStatus,
    pub(crate) data: LoginData,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogoutData {
    pub(crate) message: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogoutReply {
    pub(crate) status: SuccessStatus,
    pub(crate) data: LogoutData,
    pub(crate) success: Yes,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InfoReply {
    /// Of the product whose API this is.
    pub(crate) version: &'static str,
    pub(crate) success: Yes,
}
