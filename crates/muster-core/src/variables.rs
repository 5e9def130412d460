//! Variables in what agents write: `{{ .Contact.FirstName }}` becomes the name.

use crate::contact::Contact;
use crate::conversation::{Conversation, Priority};
use crate::message::{ContentType, escaped};
use crate::text;
use crate::view::Person;

/// What stands between the braces is no longer than this, in characters.
const EXPRESSION_MAX: usize = 80;

/// What variables stand for: of one conversation, and of whoever writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variables(Vec<(&'static str, String)>);

impl Variables {
    /// The variables of a text that `author` writes into a conversation with `contact`.
    #[must_use]
    pub fn of(conversation: &Conversation, contact: &Contact, author: Option<&Person>) -> Self {
        let email = |email: Option<&String>| email.cloned().unwrap_or_default();
        let (first, last) = author.map_or(("", ""), |author| (author.first_name.as_str(), author.last_name.as_str()));
        Self(vec![
            ("Contact.FirstName", contact.first_name.clone()),
            ("Contact.LastName", contact.last_name.clone()),
            ("Contact.FullName", contact.name()),
            ("Contact.Email", email(contact.email.as_ref())),
            ("Recipient.FirstName", contact.first_name.clone()),
            ("Recipient.LastName", contact.last_name.clone()),
            ("Recipient.FullName", contact.name()),
            ("Recipient.Email", email(contact.email.as_ref())),
            ("Author.FirstName", first.to_owned()),
            ("Author.LastName", last.to_owned()),
            ("Author.FullName", text::joined_name(first, last)),
            ("Author.Email", email(author.and_then(|author| author.email.as_ref()))),
            ("Conversation.ReferenceNumber", conversation.number.clone()),
            ("Conversation.Subject", conversation.subject.clone().unwrap_or_default()),
            ("Conversation.Priority", conversation.priority.map(Priority::name).unwrap_or_default().to_owned()),
            ("Conversation.UUID", conversation.uuid.to_string()),
            ("IsAIComposed", "false".to_owned()),
        ])
    }

    /// Whether there is anything in `written` to be filled in.
    #[must_use]
    pub fn are_in(written: &str) -> bool {
        written.contains("{{")
    }

    /// `written` with its variables filled in. What isn't known stays as it is written; in HTML the values are escaped.
    #[must_use]
    pub fn filled(&self, written: &str, content_type: ContentType) -> String {
        let (mut out, mut rest) = (String::with_capacity(written.len()), written);
        while let Some(start) = rest.find("{{") {
            let (before, from) = rest.split_at(start);
            out.push_str(before);
            let (value, behind) = self.first_in(&from[2..]).unwrap_or(("{{", &from[2..]));
            match content_type {
                ContentType::Html => out.push_str(&escaped(value)),
                ContentType::Text => out.push_str(value),
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    /// The value of the variable that begins here, behind its braces, and what stands behind it.
    fn first_in<'t>(&'t self, inside: &'t str) -> Option<(&'t str, &'t str)> {
        let near = inside.char_indices().nth(EXPRESSION_MAX).map_or(inside, |(at, _)| &inside[..at]);
        let end = near.find("}}")?;
        Some((self.value(&inside[..end])?, &inside[end + 2..]))
    }

    /// Editors put hard blanks inside the braces.
    fn value(&self, expression: &str) -> Option<&str> {
        let name = expression.replace("&nbsp;", " ");
        let name = name.trim().strip_prefix('.')?;
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        Variables(vec![("Contact.FirstName", "Zoe <3".to_owned()), ("Conversation.Subject", String::new())])
    }

    #[test]
    fn what_is_known_is_filled_in() {
        let html = |written| variables().filled(written, ContentType::Html);
        assert_eq!(html("<p>Dear {{ .Contact.FirstName }},</p>"), "<p>Dear Zoe &lt;3,</p>");
        assert_eq!(html("{{.Contact.FirstName}}{{&nbsp;.Conversation.Subject&nbsp;}}!"), "Zoe &lt;3!");
        assert_eq!(variables().filled("{{ .Contact.FirstName }}", ContentType::Text), "Zoe <3");
    }

    #[test]
    fn what_is_not_known_stays() {
        for written in ["{{ .Contact.Age }}", "{{ Contact.FirstName }}", "{{", "a {{ b }} c", "}}{{", "{ { .X } }"] {
            assert_eq!(variables().filled(written, ContentType::Html), written);
        }
        let nested = variables().filled("{{{{ .Contact.FirstName }}}}", ContentType::Text);
        assert_eq!(nested, "{{Zoe <3}}");
    }
}
