//! Sends and checks: no failure, the envelope, and nothing written unless all went well.

use std::sync::Mutex;

use reqwest::RequestBuilder;

use super::{Endpoint, Surface};
use crate::digest::Digest;
use crate::http::Reply;
use crate::postgres::TestEngine;

pub(super) struct Probe<'s, S> {
    pub(super) surface: &'s S,
    /// Whether the tables are looked at after each call; else where a run says so.
    looks_often: bool,
    /// The tables as they were after the last call that may have changed them.
    tables: Mutex<Option<Digest>>,
}

impl<'s, S: Surface> Probe<'s, S> {
    pub(super) fn new(surface: &'s S) -> Self {
        let looks_often = surface.desk().engine() == TestEngine::Sqlite;
        Self { surface, looks_often, tables: Mutex::default() }
    }

    /// Looks at the tables only where a run says so.
    pub(super) fn looking_seldom(self) -> Self {
        Self { looks_often: false, ..self }
    }

    pub(super) fn request(&self, endpoint: &Endpoint, path: &str) -> RequestBuilder {
        self.surface.client(endpoint).request(endpoint.method.clone(), path)
    }

    pub(super) async fn send(&self, endpoint: &Endpoint, request: RequestBuilder, what: &str) -> Reply {
        if self.known().is_none() {
            self.know(digest(self.surface).await);
        }
        let answer = self.surface.client(endpoint).send(request).await;
        let place = format!("{endpoint} {}: {}", what.chars().take(200).collect::<String>(), answer.text());
        check_answer(self.surface, &answer, &place);
        if endpoint.is_unsafe() && self.surface.accepts(&answer) {
            self.tables().take();
        } else if endpoint.is_unsafe() && self.looks_often && !self.surface.was_unread(&answer) {
            self.check_unchanged(endpoint, &place).await;
        }
        answer
    }

    /// Nothing was written by any call since the last one that may have.
    pub(super) async fn check_unchanged(&self, endpoint: &Endpoint, place: &str) {
        let Some(before) = self.known() else { return };
        let mut changed = digest(self.surface).await.changed_since(&before);
        let notes = self.surface.notes_refusals_in(endpoint);
        if !notes.is_empty() {
            changed.retain(|table| !notes.contains(&table.as_str()));
            self.tables().take();
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

    fn known(&self) -> Option<Digest> {
        self.tables().clone()
    }

    fn know(&self, digest: Digest) {
        *self.tables() = Some(digest);
    }

    fn tables(&self) -> std::sync::MutexGuard<'_, Option<Digest>> {
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
