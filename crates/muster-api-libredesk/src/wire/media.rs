//! Files.

use muster_core::media;
use muster_core::media::is_shown;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Time;

/// A file to be uploaded, as the OpenAPI document shows it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as it comes in")]
pub(crate) struct MediaForm {
    /// One file; others are dropped.
    #[schema(value_type = String, format = Binary)]
    files: String,
    /// Meant to be shown within a text.
    inline: Option<bool>,
    /// Accepted, and not looked at: what a file belongs to is told by what it is sent with.
    linked_model: Option<String>,
}

/// A picture of somebody.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as it comes in")]
pub(crate) struct AvatarForm {
    /// One gif, jpg, jpeg or png of at most 2 MB. Without it nothing changes.
    #[schema(value_type = Option<String>, format = Binary)]
    files: Option<String>,
}

/// A visitor's file.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as it comes in")]
pub(crate) struct ChatMediaForm {
    conversation_uuid: Uuid,
    /// One file; others are dropped.
    #[schema(value_type = String, format = Binary)]
    files: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Disposition {
    Inline,
    Attachment,
}

/// Where files are kept. Always `fs`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MediaStore {
    Fs,
}

/// Of images.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MediaMeta {
    /// In pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) width: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) height: Option<i64>,
}

/// A file. Wire (observed, 2.7): `model_id` and `model_type` are null until it is sent with something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Media {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) uuid: Uuid,
    pub(crate) store: MediaStore,
    pub(crate) filename: String,
    /// By the file's bytes; `application/octet-stream` for whatever a browser could run.
    pub(crate) content_type: String,
    /// What `cid:` names it by; empty unless it is inline.
    pub(crate) content_id: String,
    #[schema(required)]
    pub(crate) model_id: Option<i64>,
    #[schema(required)]
    pub(crate) model_type: Option<ModelType>,
    pub(crate) disposition: Disposition,
    /// In bytes.
    pub(crate) size: i64,
    pub(crate) meta: MediaMeta,
    /// Good for an hour, for whoever has it.
    pub(crate) url: String,
}

/// Wire (observed, 2.7): the product's tables.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ModelType {
    Messages,
    Users,
}

impl Media {
    pub(crate) fn new(media: media::Media, url: String) -> Self {
        let content_id = content_id(&media);
        let disposition = disposition(&media);
        let media::Media { id, uuid, filename, content_type, size, width, height, owner, created_at, .. } = media;
        let (model_type, model_id) = match owner {
            None => (None, None),
            Some(media::Owner::Message(id)) => (Some(ModelType::Messages), Some(id.0)),
            Some(media::Owner::Agent(id)) => (Some(ModelType::Users), Some(id.0)),
            Some(media::Owner::Contact(id)) => (Some(ModelType::Users), Some(id.0)),
        };
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(created_at),
            uuid,
            store: MediaStore::Fs,
            filename,
            content_type,
            content_id,
            model_id,
            model_type,
            disposition,
            size,
            meta: MediaMeta { width, height },
            url,
        }
    }
}

/// What a text names the file by.
pub(crate) fn content_id(media: &media::Media) -> String {
    if media.is_inline { media.uuid.to_string() } else { String::new() }
}

pub(crate) fn disposition(media: &media::Media) -> Disposition {
    if media.is_inline && is_shown(&media.content_type) { Disposition::Inline } else { Disposition::Attachment }
}
