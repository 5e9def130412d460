//! Texts of mails.

use muster_core::template::{self, TemplateKind, TemplatePatch};
use muster_http::patch::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use crate::error::{Failure, Result};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Template {
    pub(crate) id: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) r#type: TemplateType,
    pub(crate) name: String,
    #[schema(required)]
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    /// One of each type at most.
    pub(crate) is_default: bool,
    pub(crate) is_builtin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TemplateType {
    EmailOutgoing,
    EmailNotification,
}

impl TemplateType {
    pub(crate) fn parse(word: &str) -> Option<TemplateKind> {
        match word {
            "email_outgoing" => Some(TemplateKind::Outgoing),
            "email_notification" => Some(TemplateKind::Notification),
            _ => None,
        }
    }
}

impl From<TemplateKind> for TemplateType {
    fn from(kind: TemplateKind) -> Self {
        match kind {
            TemplateKind::Outgoing => Self::EmailOutgoing,
            TemplateKind::Notification => Self::EmailNotification,
        }
    }
}

impl From<template::Template> for Template {
    fn from(template: template::Template) -> Self {
        let template::Template {
            id,
            kind,
            name,
            subject,
            body,
            is_default,
            is_built_in,
            created_at,
            updated_at,
            version: _,
        } = template;
        Self {
            id: id.0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            r#type: kind.into(),
            name,
            subject,
            body,
            is_default,
            is_builtin: is_built_in,
        }
    }
}

/// A template to be written. On an update an absent field stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct TemplateRequest {
    /// Needed on creation, and fixed by it.
    #[schema(value_type = Option<TemplateType>)]
    pub(crate) r#type: Option<String>,
    /// Needed on creation.
    #[schema(min_length = 1, max_length = 140)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) subject: Patch<String>,
    #[schema(max_length = 100_000)]
    pub(crate) body: Option<String>,
    pub(crate) is_default: Option<bool>,
}

impl TemplateRequest {
    pub(crate) fn into_patch(self) -> Result<TemplatePatch> {
        let Self { r#type, name, subject, body, is_default } = self;
        let word = r#type.filter(|word| !word.is_empty());
        let kind = word.map(|word| TemplateType::parse(&word).ok_or_else(|| Failure::invalid("type"))).transpose()?;
        Ok(TemplatePatch { kind, name, subject: subject.into_change(), body, is_default })
    }
}
