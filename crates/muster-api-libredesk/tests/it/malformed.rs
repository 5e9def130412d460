//! What no client should send, to every route: never a failure of the desk's own, always the dialect's envelope, and
//! nothing half-written.

use std::collections::BTreeSet;

use muster_http::layers::BodyLimit;
use muster_testkit::matrix::uploads::{self, Form};
use muster_testkit::matrix::{Endpoint, Surface};
use muster_testkit::{Client, Reply, TestDesk, TestEngine, both_engines, malformed};
use serde_json::Value;

use crate::world::World;

const KINDS: [&str; 7] = [
    "InputException",
    "UnauthorizedException",
    "PermissionException",
    "NotFoundException",
    "ConflictException",
    "GeneralException",
    "SecondFactorException",
];

impl Surface for World {
    fn desk(&self) -> &TestDesk {
        &self.wire.desk
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    fn document(&self) -> &Value {
        &self.wire.document
    }

    fn path(&self, endpoint: &Endpoint) -> String {
        self.path_to(&endpoint.path)
    }

    fn body(&self, endpoint: &Endpoint) -> Option<Value> {
        self.body_for(&endpoint.method, &endpoint.path)
    }

    fn form(&self, endpoint: &Endpoint) -> Option<Form> {
        self.form_for(&endpoint.method, &endpoint.path)
    }

    fn names_nothing(&self, endpoint: &Endpoint) -> bool {
        let known_to_nobody = [
            "/api/v1/setup",
            "/api/v1/agents/set-password",
            "/api/v1/agents/me/password",
            "/api/v1/csat/{survey_uuid}/response",
        ];
        known_to_nobody.contains(&endpoint.path.as_str())
            || endpoint.path.starts_with("/api/v1/agents/me/second-factor")
    }

    fn takes_list(&self, endpoint: &Endpoint) -> bool {
        endpoint.path.ends_with("/apply")
    }

    fn client(&self, endpoint: &Endpoint) -> &Client {
        let asks_for_nobody = ["/api/v1/auth/login", "/api/v1/agents/reset-password", "/api/v1/agents/set-password"];
        match endpoint.path.as_str() {
            path if asks_for_nobody.contains(&path) => &self.nobody,
            path if path.contains("/widget/") => &self.widget,
            path if path.starts_with("/api/v1/agents/me/") => &self.session,
            _ => &self.admin,
        }
    }

    #[track_caller]
    fn check_envelope(&self, reply: &Reply, place: &str) {
        // What comes to no page is refused as everywhere.
        let is_page = reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if is_page && place.contains(" /csat/") {
            return check_page(reply, place);
        }
        if reply.status().is_success() {
            return check_success(reply, place);
        }
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{place}");
        let body = reply.json();
        let keys: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["status", "message", "data", "error_type"]), "{place}");
        assert_eq!(body["status"], "error", "{place}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{place}");
        assert!(body["error_type"].as_str().is_some_and(|kind| KINDS.contains(&kind)), "{place}");
    }

    /// A wrong password stands in the books.
    fn notes_refusals_in(&self, endpoint: &Endpoint) -> &'static [&'static str] {
        let asks_password = ["/api/v1/auth/login", "/api/v1/agents/me/password", "/api/v1/agents/me/second-factor"];
        let asks = asks_password.iter().any(|path| endpoint.path.starts_with(path));
        if asks { &["audit", "events"] } else { &[] }
    }

    /// Custom attributes are defined.
    fn refuses_unknown_keys(&self, endpoint: &Endpoint) -> bool {
        endpoint.path.ends_with("/custom-attributes") && endpoint.method == "PUT"
    }

    fn is_taken(&self, reply: &Reply) -> bool {
        reply.text().contains("already exists")
    }
}

/// What people see is a page of this desk's own.
#[track_caller]
fn check_page(reply: &Reply, place: &str) {
    assert!(reply.text().starts_with("<!doctype html>"), "{place}");
    assert!(reply.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{place}");
}

/// Only files and texts stand in no envelope.
#[track_caller]
fn check_success(reply: &Reply, place: &str) {
    let route = place.split(' ').nth(1).expect("a place begins with method and route");
    assert_eq!(reply.header("content-disposition").is_some(), gives_file(route), "{place}");
    if !gives_file(route) {
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{place}");
        let body = reply.json();
        assert!(if gives_texts(route) { holds_texts(&body) } else { body["status"] == "success" }, "{place}");
    }
}

fn gives_file(route: &str) -> bool {
    route.starts_with("/uploads/") || route.ends_with("/transcript")
}

/// Of a language, or about a macro that was applied.
fn gives_texts(route: &str) -> bool {
    route.starts_with("/api/v1/lang/") || route.ends_with("/apply")
}

/// Texts by name, and nothing of an envelope.
fn holds_texts(body: &Value) -> bool {
    let texts = body.as_object().filter(|body| !body.is_empty() && !body.contains_key("status"));
    texts.is_some_and(|texts| texts.values().all(Value::is_string))
}

malformed! {
    world: World::on,
    largest: BodyLimit::DEFAULT.0,
    words: ["Admin", "Agent", "Support", "French", "online", "Open", "contact", "agent", "High", "UTC"],
    once: ["/logout", "/api/v1/contacts/{id}/erase"],
}

async fn forms_that_are_broken(engine: TestEngine) {
    uploads::that_are_broken(&World::on(engine).await).await;
}

async fn files_of_any_bytes_and_name(engine: TestEngine) {
    uploads::that_hold_anything(&World::on(engine).await).await;
}

both_engines!(forms_that_are_broken, files_of_any_bytes_and_name);
