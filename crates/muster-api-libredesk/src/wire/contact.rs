//! Contacts in the address book.

use muster_app::contacts::{ContactPatch, NoteView};
use muster_core::Timestamp;
use muster_core::agent::Attributes;
use muster_core::contact;
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Time;
use super::availability::AvailabilityStatus;
use super::message::PersonType;
use crate::error::{Failure, Result};

/// A contact, with all the fields that an agent has; what only agents have is empty.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactUser {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    /// `contact`, or `visitor` if nobody has verified who it is.
    pub(crate) r#type: PersonType,
    pub(crate) availability_status: AvailabilityStatus,
    /// ISO 3166 alpha-2.
    #[schema(required)]
    pub(crate) phone_number_country_code: Option<String>,
    /// `+` and digits.
    #[schema(required)]
    pub(crate) phone_number_calling_code: Option<String>,
    #[schema(required)]
    pub(crate) phone_number: Option<String>,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    /// False for who is blocked.
    pub(crate) enabled: bool,
    #[schema(required)]
    pub(crate) last_active_at: Option<Time>,
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) last_login_at: (),
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) roles: (),
    /// Always empty.
    pub(crate) permissions: [String; 0],
    #[schema(required)]
    pub(crate) country: Option<String>,
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) meta: (),
    #[schema(value_type = BTreeMap<String, Value>)]
    pub(crate) custom_attributes: Attributes,
    #[schema(required)]
    pub(crate) external_user_id: Option<String>,
    /// Always empty.
    pub(crate) teams: [String; 0],
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) api_key: (),
    #[schema(schema_with = muster_http::openapi::always_null)]
    pub(crate) api_key_last_used_at: (),
}

impl ContactUser {
    /// The contact as shown at `now`, on which presence depends.
    pub(crate) fn new(contact: contact::Contact, now: Timestamp) -> Self {
        let shown = contact.shown(now);
        let (country_code, calling_code) = contact.phone.codes();
        Self {
            id: contact.id.0,
            created_at: Time(contact.created_at),
            updated_at: Time(contact.updated_at),
            first_name: contact.first_name,
            last_name: contact.last_name,
            email: contact.email,
            r#type: contact.kind.into(),
            availability_status: shown.into(),
            phone_number_country_code: country_code,
            phone_number_calling_code: calling_code,
            phone_number: contact.phone.number,
            avatar_url: contact.avatar_url,
            enabled: !contact.blocked,
            last_active_at: contact.last_active_at.map(Time),
            last_login_at: (),
            roles: (),
            permissions: [],
            country: contact.country,
            meta: (),
            custom_attributes: contact.attributes,
            external_user_id: contact.external_id,
            teams: [],
            api_key: (),
            api_key_last_used_at: (),
        }
    }
}

/// A contact in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactCompact {
    pub(crate) id: i64,
    /// `contact`, or `visitor` if nobody has verified who it is.
    pub(crate) r#type: PersonType,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) email: Option<String>,
    /// False for who is blocked.
    pub(crate) enabled: bool,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
    #[schema(required)]
    pub(crate) external_user_id: Option<String>,
    pub(crate) availability_status: AvailabilityStatus,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl ContactCompact {
    /// The contact as shown at `now`, on which presence depends.
    pub(crate) fn new(contact: &contact::Contact, now: Timestamp) -> Self {
        Self {
            id: contact.id.0,
            r#type: contact.kind.into(),
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            email: contact.email.clone(),
            enabled: !contact.blocked,
            avatar_url: contact.avatar_url.clone(),
            external_user_id: contact.external_id.clone(),
            availability_status: contact.shown(now).into(),
            created_at: Time(contact.created_at),
            updated_at: Time(contact.updated_at),
        }
    }
}

/// What the list of contacts is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct ContactParams {
    /// From 1.
    page: Option<u32>,
    /// 1 to 500; 30 when absent.
    page_size: Option<u32>,
    /// `asc` or `desc`; `desc` when absent.
    order: Option<String>,
    /// `users.email`, `users.created_at` or `users.updated_at`; `users.created_at` when absent.
    order_by: Option<String>,
    /// A JSON list of tests on the same fields, all of which must hold, or one group of them.
    filters: Option<String>,
}

/// A contact as it is corrected. `first_name` and `email` are needed; every other absent field stays as it is, an empty
/// one is emptied.
#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({"first_name": "Pat", "last_name": "Doe", "email": "pat@example.com"}))]
pub(crate) struct ContactRequest {
    #[schema(required, value_type = String, min_length = 1, max_length = 140)]
    pub(crate) first_name: Option<String>,
    #[schema(max_length = 140)]
    pub(crate) last_name: Option<String>,
    /// A bare address, kept in lower case; no other contact's.
    #[schema(required, value_type = String, format = Email)]
    pub(crate) email: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20)]
    pub(crate) phone_number: Patch<String>,
    /// ISO 3166 alpha-2.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) phone_number_country_code: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 140)]
    pub(crate) country: Patch<String>,
    /// An address on the web, or the present one.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2048)]
    pub(crate) avatar_url: Patch<String>,
}

muster_http::debug_without_fields!(ContactRequest);

/// A contact as it is corrected, and a picture of them.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as it comes in")]
pub(crate) struct ContactForm {
    #[serde(flatten)]
    fields: ContactRequest,
    /// One gif, jpg, jpeg or png of at most 2 MB. Without it the picture stays.
    #[schema(value_type = Option<String>, format = Binary)]
    files: Option<String>,
}

impl From<ContactRequest> for ContactPatch {
    fn from(request: ContactRequest) -> Self {
        let ContactRequest {
            first_name,
            last_name,
            email,
            phone_number,
            phone_number_country_code,
            country,
            avatar_url,
        } = request;
        Self {
            first_name: first_name.unwrap_or_default(),
            last_name,
            email: email.unwrap_or_default(),
            phone_number: phone_number.into_change(),
            phone_country: phone_number_country_code.into_change(),
            country: country.into_change(),
            avatar_url: avatar_url.into_change(),
        }
    }
}

/// Whether a contact is let in.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct BlockRequest {
    /// False blocks.
    #[schema(required, value_type = bool)]
    pub(crate) enabled: Option<bool>,
}

impl BlockRequest {
    pub(crate) fn blocked(&self) -> Result<bool> {
        self.enabled.map(|enabled| !enabled).ok_or_else(|| Failure::empty("enabled"))
    }
}

/// What an agent has noted down about a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactNote {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) contact_id: i64,
    /// HTML that is safe to show.
    pub(crate) note: String,
    /// Who wrote it.
    pub(crate) user_id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    #[schema(required)]
    pub(crate) avatar_url: Option<String>,
}

impl From<NoteView> for ContactNote {
    fn from(view: NoteView) -> Self {
        let NoteView { note: contact::ContactNote { id, contact, agent, note, created_at, updated_at }, author } = view;
        let (first_name, last_name, avatar_url) = match author {
            Some(author) => (author.first_name, author.last_name, author.avatar_url),
            None => (String::new(), String::new(), None),
        };
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            contact_id: contact.0,
            note,
            user_id: agent.0,
            first_name,
            last_name,
            avatar_url,
        }
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({"note": "Prefers to be called in the morning"}))]
pub(crate) struct NoteRequest {
    /// HTML.
    #[schema(required, value_type = String, min_length = 1, max_length = 20_000)]
    pub(crate) note: Option<String>,
}
