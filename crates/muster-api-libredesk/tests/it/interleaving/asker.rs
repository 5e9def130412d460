//! A client that asks again while the desk is too busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use muster_testkit::{Client, Reply};
use reqwest::Method;
use serde_json::Value;

/// After so many answers that the desk is too busy a client gives up.
const TRIES: usize = 20;

#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) plain: Client,
    tally: Tally,
}

/// The requests of all askers.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(Arc<[AtomicUsize; 2]>);

impl Tally {
    pub(super) fn asker(&self, client: Client) -> Asker {
        Asker { plain: client, tally: self.clone() }
    }

    /// How many were sent, those that were sent again included.
    pub(super) fn sent(&self) -> usize {
        self.0[0].load(Ordering::Relaxed)
    }

    /// How many of them the desk was too busy for.
    pub(super) fn busy(&self) -> usize {
        self.0[1].load(Ordering::Relaxed)
    }
}

impl Asker {
    pub(super) fn header(&self, name: &str, value: &str) -> Self {
        Self { plain: self.plain.clone().header(name, value), tally: self.tally.clone() }
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(Method::POST, path, body).await
    }

    /// Sends a request. One that the desk is too busy for, because others changed the same again and again, is sent once
    /// more at once, without the rest that the answer asks for: that makes it harder for the desk.
    pub(super) async fn ask(&self, method: Method, path: &str, body: &Value) -> Reply {
        for _ in 0..TRIES {
            let request = self.plain.request(method.clone(), path);
            let request = if method == Method::GET { request } else { request.json(body) };
            self.tally.0[0].fetch_add(1, Ordering::Relaxed);
            let answer = self.plain.send(request).await;
            if answer.status() != 503 {
                return answer;
            }
            self.tally.0[1].fetch_add(1, Ordering::Relaxed);
        }
        panic!("{method} {path}: the desk is too busy {TRIES} times, one after the other")
    }
}
