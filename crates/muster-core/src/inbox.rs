//! Inboxes: the doors conversations come in by.

mod form;

use std::time::Duration;

use uuid::Uuid;

use crate::duration;
use crate::id::{InboxId, TeamId};
use crate::time::Timestamp;
use crate::word::words;

pub(crate) use form::claimed_phone;
pub use form::{Claims, Form};

pub const NAME_MAX: usize = 140;
/// Longest time that conversations can be said to be kept, in days: a hundred years.
pub const RETENTION_MAX: u16 = 36_500;

/// How long somebody at a chat is known after the last visit, unless the inbox says otherwise.
const SESSION_LIFE: Duration = Duration::from_secs(180 * 24 * 3600);
const SESSION_LIFE_MIN: Duration = Duration::from_secs(3600);

words! {
    pub enum Medium { Chat = "chat", Email = "email", Api = "api" }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Inbox {
    pub id: InboxId,
    pub uuid: Uuid,
    pub name: String,
    pub medium: Medium,
    pub enabled: bool,
    pub csat_enabled: bool,
    pub prompt_tags_on_reply: bool,
    /// `Name <address>` that mail is sent from; empty for chat.
    pub sender: String,
    pub sender_name_template: String,
    /// What the channel needs; checked by whoever writes it.
    pub config: serde_json::Value,
    /// Sealed; signs the tokens of identified visitors.
    pub secret: Option<String>,
    /// Conversations without a team get this one.
    pub default_team: Option<TeamId>,
    pub linked_email_inbox: Option<InboxId>,
    /// Days that a resolved conversation is kept after its last change; `None`: for ever.
    pub retention_days: Option<u16>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    pub version: i64,
}

/// What a chat inbox lets one group of people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatRules {
    pub may_start: bool,
    pub one_at_a_time: bool,
    pub no_reply_to_closed: bool,
}

impl Inbox {
    /// The rules for verified contacts (`users` in the configuration) or for visitors.
    #[must_use]
    pub fn chat_rules(&self, verified: bool) -> ChatRules {
        let group = &self.config[if verified { "users" } else { "visitors" }];
        let flag = |name: &str, default: bool| group[name].as_bool().unwrap_or(default);
        ChatRules {
            may_start: flag("allow_start_conversation", true),
            one_at_a_time: flag("prevent_multiple_conversations", false),
            no_reply_to_closed: flag("prevent_reply_to_closed_conversation", false),
        }
    }
}

impl Inbox {
    /// Whether visitors may send files.
    #[must_use]
    pub fn takes_files(&self) -> bool {
        self.config["features"]["file_upload"].as_bool().unwrap_or(false)
    }

    /// How long somebody is known after the last visit: 180 days, or for verified contacts what the configuration says
    /// (`session_duration`).
    #[must_use]
    pub fn session_life(&self, verified: bool) -> Duration {
        let said = self.config["session_duration"].as_str().filter(|_| verified).and_then(duration::millis_of);
        let life = said.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis);
        life.filter(|life| *life >= SESSION_LIFE_MIN).unwrap_or(SESSION_LIFE)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(super) fn chat(config: Value) -> Inbox {
        let at = Timestamp::from_millis(0);
        Inbox {
            id: InboxId(1),
            uuid: Uuid::nil(),
            name: "Website".to_owned(),
            medium: Medium::Chat,
            enabled: true,
            csat_enabled: false,
            prompt_tags_on_reply: false,
            sender: String::new(),
            sender_name_template: String::new(),
            config,
            secret: None,
            default_team: None,
            linked_email_inbox: None,
            retention_days: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            version: 1,
        }
    }

    #[test]
    fn verified_contacts_are_known_as_long_as_the_inbox_says() {
        for (config, hours) in [
            (json!({}), 180 * 24),
            (json!({ "session_duration": "" }), 180 * 24),
            (json!({ "session_duration": "10m" }), 180 * 24),
            (json!({ "session_duration": "36h" }), 36),
        ] {
            let inbox = chat(config);
            assert_eq!(inbox.session_life(true), Duration::from_secs(hours * 3600));
            assert_eq!(inbox.session_life(false), SESSION_LIFE);
        }
    }

    #[test]
    fn each_group_has_rules_of_its_own() {
        let inbox = chat(json!({ "visitors": { "allow_start_conversation": false }, "users": {} }));
        assert!(!inbox.chat_rules(false).may_start);
        assert!(inbox.chat_rules(true).may_start && !inbox.chat_rules(true).one_at_a_time);
    }
}
