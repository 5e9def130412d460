//! Texts of mails that administrators keep.

use crate::id::TemplateId;
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why, text};

pub const NAME_MAX: usize = 140;
pub const SUBJECT_MAX: usize = 1000;
/// Characters of a body.
pub const BODY_MAX: usize = 100_000;

words! {
    pub enum TemplateKind {
        /// What stands around replies to customers.
        Outgoing = "outgoing",
        /// What agents are told by mail.
        Notification = "notification",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub id: TemplateId,
    pub kind: TemplateKind,
    pub name: String,
    pub subject: Option<String>,
    /// Kept as it was given.
    pub body: String,
    /// One of each kind at most.
    pub is_default: bool,
    /// Can be changed, but not deleted.
    pub is_built_in: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i64,
}

/// What is said of a template; on a change `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplatePatch {
    /// Fixed when the template is made: the same or nothing.
    pub kind: Option<TemplateKind>,
    pub name: Option<String>,
    /// `Some(None)`: it has none.
    pub subject: Option<Option<String>>,
    pub body: Option<String>,
    pub is_default: Option<bool>,
}

impl Template {
    /// A template that nobody has named yet, without a word in it.
    #[must_use]
    pub const fn new(kind: TemplateKind, now: Timestamp) -> Self {
        Self {
            id: TemplateId(0),
            kind,
            name: String::new(),
            subject: None,
            body: String::new(),
            is_default: false,
            is_built_in: false,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// # Errors
    /// [`Error::Invalid`], also if the template would have no name, or another kind (`type`).
    pub fn patched(&self, patch: &TemplatePatch) -> Result<Self> {
        if patch.kind.is_some_and(|kind| kind != self.kind) {
            return Err(Error::invalid("type", Why::Unknown));
        }
        let mut after = self.clone();
        after.name = text::bounded("name", patch.name.as_deref().unwrap_or(&self.name), 1, NAME_MAX)?;
        if let Some(subject) = &patch.subject {
            let subject =
                subject.as_deref().map(|subject| text::bounded("subject", subject, 0, SUBJECT_MAX)).transpose()?;
            after.subject = subject.filter(|subject| !subject.is_empty());
        }
        if let Some(body) = &patch.body {
            after.body = checked_body(body)?;
        }
        after.is_default = patch.is_default.unwrap_or(after.is_default);
        Ok(after)
    }
}

/// Blanks at its ends may be meant.
fn checked_body(body: &str) -> Result<String> {
    if !text::is_storable(body) {
        return Err(Error::invalid("body", Why::Malformed));
    }
    let fits = body.chars().count() <= BODY_MAX;
    if fits { Ok(body.to_owned()) } else { Err(Error::invalid("body", Why::TooLong { max: BODY_MAX })) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_a_name_and_keeps_its_body_as_it_is() {
        let blank = Template::new(TemplateKind::Outgoing, Timestamp::from_millis(0));
        assert!(blank.patched(&TemplatePatch::default()).is_err());
        let patch = TemplatePatch {
            kind: Some(TemplateKind::Outgoing),
            name: Some(" Reply ".to_owned()),
            subject: Some(Some(" ".to_owned())),
            body: Some(" {{ template \"content\" . }}\n".to_owned()),
            is_default: Some(true),
        };
        let made = blank.patched(&patch).unwrap();
        assert_eq!((made.name.as_str(), made.subject.as_ref(), made.is_default), ("Reply", None, true));
        assert_eq!(made.body, " {{ template \"content\" . }}\n");
        assert_eq!(made.patched(&TemplatePatch::default()).unwrap(), made);
        let other = TemplatePatch { kind: Some(TemplateKind::Notification), ..TemplatePatch::default() };
        assert!(matches!(made.patched(&other), Err(Error::Invalid { field: "type", .. })));
        for body in ["a\0b".to_owned(), "x".repeat(BODY_MAX + 1)] {
            assert!(made.patched(&TemplatePatch { body: Some(body), ..TemplatePatch::default() }).is_err());
        }
    }
}
