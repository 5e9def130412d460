//! Sends and checks: no failure, the envelope, and nothing written unless all went well.

use std::sync::Mutex;

use reqwest::RequestBuilder;

use super::{Endpoint, Surface};
use crate::digest::Digest;
use crate::http::Reply;

pub(super) struct Probe<'s, S> {
    pub(super) surface: &'s S,
    /// The tables as they were after the last call that may have changed them.
    tables: Mutex<Option<Tables>>,
}

#[derive(Clone)]
struct Tables {
    digest: Digest,
    /// How much had been committed when they were looked at.
    commits: u64,
}

impl<'s, S: Surface> Probe<'s, S> {
    pub(super) fn new(surface: &'s S) -> Self {
        Self { surface, tables: Mutex::default() }
    }

    pub(super) fn request(&self, endpoint: &Endpoint, path: &str) -> RequestBuilder {
        self.surface.client(endpoint).request(endpoint.method.clone(), path)
    }

    pub(super) async fn send(&self, endpoint: &Endpoint, request: RequestBuilder, what: &str) -> Reply {
        if self.known().is_none() {
            let commits = self.commits();
            let digest = digest(self.surface).await;
            *self.tables() = Some(Tables { digest, commits });
        }
        let answer = self.surface.client(endpoint).send(request).await;
        let place = format!("{endpoint} {}: {}", what.chars().take(200).collect::<String>(), answer.text());
        check_answer(self.surface, &answer, &place);
        if endpoint.is_unsafe() && self.surface.accepts(&answer) {
            self.tables().take();
        } else if endpoint.is_unsafe() && self.known().is_some_and(|tables| tables.commits != self.commits()) {
            self.check_unchanged(endpoint, &place).await;
        }
        answer
    }

    /// Nothing was written by any call since the last one that may have. A call after which something was committed is
    /// looked at by itself, so that it can be named; this is for commits that don't show, and ends a run over an
    /// endpoint.
    pub(super) async fn check_unchanged(&self, endpoint: &Endpoint, place: &str) {
        let Some(before) = self.known() else { return };
        let commits = self.commits();
        let digest = digest(self.surface).await;
        let mut changed = digest.changed_since(&before.digest);
        let notes = self.surface.notes_refusals_in(endpoint);
        if !notes.is_empty() {
            changed.retain(|table| !notes.contains(&table.as_str()));
            self.tables().take();
        } else {
            *self.tables() = Some(Tables { digest, commits });
        }
        assert_eq!(changed, Vec::<String>::new(), "{place}");
    }

    /// Sends a body as JSON.
    pub(super) async fn send_json(&self, endpoint: &Endpoint, body: impl Into<Vec<u8>>, what: &str) -> Reply {
        let request = self.request(endpoint, &self.surface.path(endpoint)).header("content-type", "application/json");
        self.send(endpoint, request.body(body.into()), what).await
    }

    /// A 400, whatever is meant by it.
    pub(super) async fn refuses_json(&self, endpoint: &Endpoint, body: impl Into<Vec<u8>>, what: &str) {
        let answer = self.send_json(endpoint, body, what).await;
        assert_eq!(answer.status(), 400, "{endpoint} {what}: {}", answer.text());
    }

    fn commits(&self) -> u64 {
        *self.surface.desk().app.store().committed().borrow()
    }

    fn known(&self) -> Option<Tables> {
        self.tables().clone()
    }

    fn tables(&self) -> std::sync::MutexGuard<'_, Option<Tables>> {
        self.tables.lock().expect("no run goes on after a panic")
    }
}

pub(super) async fn digest(surface: &impl Surface) -> Digest {
    surface.desk().quiet().await;
    surface.desk().digest().await
}

fn check_answer(surface: &impl Surface, answer: &Reply, place: &str) {
    let status = answer.status();
    assert!(!status.is_server_error(), "{status} {place}");
    if !status.is_redirection() {
        surface.check_envelope(answer, place);
    }
}
