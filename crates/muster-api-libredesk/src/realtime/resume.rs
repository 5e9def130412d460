//! Coming back: a client that says up to where it has heard everything is told the rest first.
//!
//! The position comes with the address of the socket, not in a first frame: so nothing is told before it is known where
//! to begin, and whoever doesn't ask for it has the socket as it always was.

use muster_app::hub::{Listener, Missed};
use muster_http::query::Query;
use muster_http::socket::{Close, Text};
use serde_json::{Value, json};

use super::RELOAD;
use super::frames::{Reader, frame, frame_at, frames};
use crate::Api;
use crate::error::{Failure, Result};

/// What the client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resume {
    /// What happens from now on.
    No,
    /// The same, with the position where that begins.
    Latest,
    /// Everything behind this position.
    Behind(i64),
}

impl Resume {
    pub(super) fn read(query: &Query) -> Result<Self> {
        match query.get("position") {
            None => Ok(Self::No),
            Some("latest") => Ok(Self::Latest),
            Some(position) => match position.parse() {
                Ok(position) if position >= 0 => Ok(Self::Behind(position)),
                _ => Err(Failure::invalid("position")),
            },
        }
    }
}

/// What is still to be told before what happens now.
#[derive(Debug)]
pub(super) enum Start {
    Nothing,
    /// Where that begins.
    Ready,
    /// That what was missed can't be told.
    Reload,
    /// What is gone; then what was missed.
    Gone(i64, Missed),
    Missed(Missed),
}

impl Start {
    pub(super) async fn of(api: &Api, listener: &Listener, resume: Resume) -> Result<Self> {
        match resume {
            Resume::No => Ok(Self::Nothing),
            Resume::Latest => Ok(Self::Ready),
            Resume::Behind(position) => match api.app.missed(listener, position).await? {
                Some(missed) => Ok(Self::Gone(position, missed)),
                None => Ok(Self::Reload),
            },
        }
    }

    /// The next of it; `None` when that was all. Cancel safe.
    pub(super) async fn next(
        &mut self,
        api: &Api,
        listener: &Listener,
        reader: &Reader<'_>,
    ) -> std::result::Result<Option<Vec<Text>>, Close> {
        let ready = || frame("ready", json!({ "position": listener.since() }));
        let texts = match self {
            Self::Nothing => return Ok(None),
            Self::Ready => vec![ready()],
            Self::Reload => vec![frame("reload", Value::Null), ready()],
            Self::Missed(missed) => match api.app.tell_missed(listener, missed).await {
                Ok(Some(notices)) => {
                    return Ok(Some(notices.iter().flat_map(|notice| frames(notice, reader)).collect()));
                }
                Ok(None) => vec![ready()],
                Err(error) => {
                    tracing::warn!(?error, "what was missed can't be told; the client has to reload");
                    return Err(RELOAD);
                }
            },
            Self::Gone(..) => return Ok(Some(self.tell_gone())),
        };
        *self = Self::Nothing;
        Ok(Some(texts))
    }

    /// Of no event of their own: who is cut off among them is told them again.
    fn tell_gone(&mut self) -> Vec<Text> {
        match std::mem::replace(self, Self::Nothing) {
            Self::Gone(position, mut missed) => {
                let gone = std::mem::take(&mut missed.gone);
                *self = Self::Missed(missed);
                gone.iter().map(|uuid| frame_at(position, "conversation_gone", json!({ "uuid": uuid }))).collect()
            }
            other => {
                *self = other;
                Vec::new()
            }
        }
    }
}
