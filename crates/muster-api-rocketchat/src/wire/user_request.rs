//! What is said about users.

use std::fmt;

use muster_core::agent::Attributes;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::validate::{Broken, Kind, Parameters, Shape, optional, required};

/// A user to be created.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateUser {
    pub(crate) email: String,
    pub(crate) name: String,
    /// Meets the desk's rule.
    pub(crate) password: String,
    pub(crate) username: String,
    /// True when absent.
    pub(crate) active: Option<bool>,
    /// Ids of roles; `user` when absent.
    pub(crate) roles: Option<Vec<String>>,
    /// Whether the address is known to be the user's.
    pub(crate) verified: Option<bool>,
    pub(crate) require_password_change: Option<bool>,
    /// The password given is not set; the user is mailed a link for choosing one.
    pub(crate) set_random_password: Option<bool>,
    /// Mails a link for choosing a password.
    pub(crate) send_welcome_email: Option<bool>,
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    pub(crate) custom_fields: Option<Attributes>,
}

impl fmt::Debug for CreateUser {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateUser").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Parameters for CreateUser {
    const SHAPE: Shape = Shape::of(&[
        required("email", Kind::Text),
        required("name", Kind::Text),
        required("password", Kind::Text),
        required("username", Kind::Text),
        optional("active", Kind::Bool),
        optional("roles", Kind::Texts),
        optional("verified", Kind::Bool),
        optional("joinDefaultChannels", Kind::Bool),
        optional("requirePasswordChange", Kind::Bool),
        optional("setRandomPassword", Kind::Bool),
        optional("sendWelcomeEmail", Kind::Bool),
        optional("customFields", Kind::Object(Shape::of(&[]))),
    ]);
}

/// A user to be enabled or disabled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SetActiveStatus {
    pub(crate) user_id: String,
    pub(crate) active_status: bool,
}

impl Parameters for SetActiveStatus {
    const SHAPE: Shape = Shape::of(&[
        required("userId", Kind::Text),
        required("activeStatus", Kind::Bool),
        optional("confirmRelinquish", Kind::Bool),
    ]);
}

/// A user to be deleted, by one of two names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteUser {
    pub(crate) user_id: Option<String>,
    pub(crate) username: Option<String>,
}

impl Parameters for DeleteUser {
    const SHAPE: Shape = Shape::of(&[
        optional("userId", Kind::Text),
        optional("username", Kind::Text),
        optional("confirmRelinquish", Kind::Bool),
    ]);

    fn check(fields: &Map<String, Value>) -> Result<(), Broken> {
        let is_named = ["userId", "username"].iter().any(|name| fields.get(*name).is_some_and(Value::is_string));
        if is_named { Ok(()) } else { Err(neither(["userId", "username"])) }
    }
}

/// Wire (documented): the text for two names of which one is needed.
pub(crate) fn neither(names: [&str; 2]) -> Broken {
    let [Broken(one), Broken(other)] = names.map(Broken::missing);
    Broken(format!("{one}\n {other}\n must match exactly one schema in oneOf"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let body = json!({"email": "kim@example.org", "name": "Kim", "password": "Secret-word-7", "username": "kim"});
        let request: CreateUser = serde_json::from_value(body).unwrap();
        assert_eq!(format!("{request:?}"), "CreateUser { username: \"kim\", .. }");
    }
}
