//! What writers were told is done, and the proof that it is.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;

use crate::client::{Answer, Client};

/// Requests at a time.
const READERS: usize = 8;

/// A write that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledged {
    /// The request that wrote it. `None` where an earlier one, whose answer was lost, may have.
    pub(crate) request: Option<String>,
    pub(super) what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Agent {
        id: i64,
        email: String,
    },
    /// Revisions of an agent count up.
    Revision {
        id: i64,
        revision: u32,
    },
    Conversation {
        uuid: String,
    },
    Chat {
        uuid: String,
        /// The visitor, by the token that came with the answer.
        visitor: Client,
    },
    Reply(Message),
    FromVisitor(Message),
    /// An uploaded file, which holds a text as JSON.
    File {
        uuid: String,
        text: String,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) conversation: String,
    pub(super) uuid: String,
    pub(super) echo_id: String,
    pub(super) text: String,
}

impl Acknowledged {
    pub(super) const KINDS: usize = 7;

    /// How many of each kind there are.
    pub(super) fn counts(all: &[Self]) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for one in all {
            *counts.entry(one.what.kind()).or_default() += 1;
        }
        counts
    }

    /// Reads each through the API, and looks for the events of those whose request is known.
    pub(crate) async fn assert_stored(all: &[Self], admin: &Client, requests: &BTreeSet<String>) {
        let told = |one: &&Self| one.request.as_ref().is_none_or(|request| requests.contains(request));
        let untold: Vec<_> = all.iter().filter(|one| !told(one)).collect();
        assert!(untold.is_empty(), "acknowledged without an event: {untold:?}");
        stream::iter(all.iter().map(|one| one.what.assert_stored(admin)))
            .buffer_unordered(READERS)
            .collect::<()>()
            .await;
    }
}

impl What {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Agent { .. } => "agent",
            Self::Revision { .. } => "revision",
            Self::Conversation { .. } => "conversation",
            Self::Chat { .. } => "chat",
            Self::Reply(_) => "reply",
            Self::FromVisitor(_) => "message from a visitor",
            Self::File { .. } => "file",
        }
    }

    async fn assert_stored(&self, admin: &Client) {
        match self {
            Self::Agent { id, email } => {
                let agent = read(admin, &format!("/api/v1/agents/{id}")).await;
                assert_eq!(agent["email"], **email, "{self:?}");
            }
            Self::Revision { id, revision } => {
                let agent = read(admin, &format!("/api/v1/agents/{id}")).await;
                let words = agent["muster"]["job_description"].as_str().unwrap_or_default();
                let stored: Option<u32> = words.strip_prefix("revision ").and_then(|number| number.parse().ok());
                assert!(stored.is_some_and(|stored| stored >= *revision), "{self:?}, but {words:?} is stored");
            }
            Self::Conversation { uuid } => {
                let conversation = read(admin, &format!("/api/v1/conversations/{uuid}")).await;
                assert_eq!(conversation["uuid"], **uuid);
            }
            Self::Chat { uuid, visitor } => {
                let chat = read(visitor, &format!("/api/v1/widget/chat/conversations/{uuid}")).await;
                assert!(!chat["messages"].as_array().unwrap().is_empty(), "{self:?}");
            }
            Self::Reply(message) | Self::FromVisitor(message) => message.assert_stored(admin).await,
            Self::File { uuid, text } => {
                let kept = answered(admin, &format!("/uploads/{uuid}")).await;
                assert_eq!((kept.status.as_u16(), &kept.body), (200, &text.as_str().into()), "{self:?}");
            }
        }
    }
}

impl Message {
    async fn assert_stored(&self, admin: &Client) {
        let Self { conversation, uuid, echo_id, text } = self;
        let stored = read(admin, &format!("/api/v1/conversations/{conversation}/messages/{uuid}")).await;
        assert_eq!(
            (&stored["text_content"], &stored["meta"]["echo_id"]),
            (&text.as_str().into(), &echo_id.as_str().into())
        );
    }
}

/// `data` of a success.
async fn read(client: &Client, path: &str) -> Value {
    answered(client, path).await.data().clone()
}

/// The desk may say that it is busy.
async fn answered(client: &Client, path: &str) -> Answer {
    loop {
        let answer: Answer = client.get(path).await.unwrap();
        if answer.status.as_u16() != 503 {
            return answer;
        }
    }
}
