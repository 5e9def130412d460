//! What no client should send, to every route: never a failure of the desk's own, always the dialect's envelope, and
//! nothing half-written.

use std::collections::BTreeSet;

use muster_http::layers::BodyLimit;
use muster_testkit::matrix::{Endpoint, Surface};
use muster_testkit::{Client, Reply, TestDesk, malformed};
use serde_json::Value;

use crate::world::World;

const KINDS: [&str; 6] = [
    "InputException",
    "UnauthorizedException",
    "PermissionException",
    "NotFoundException",
    "ConflictException",
    "GeneralException",
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

    fn names_nothing(&self, endpoint: &Endpoint) -> bool {
        ["/api/v1/setup", "/api/v1/agents/set-password"].contains(&endpoint.path.as_str())
    }

    fn client(&self, endpoint: &Endpoint) -> &Client {
        let asks_for_nobody = ["/api/v1/auth/login", "/api/v1/agents/reset-password", "/api/v1/agents/set-password"];
        match endpoint.path.as_str() {
            path if asks_for_nobody.contains(&path) => &self.nobody,
            path if path.contains("/widget/") => &self.widget,
            _ => &self.admin,
        }
    }

    #[track_caller]
    fn check_envelope(&self, reply: &Reply, place: &str) {
        assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{place}");
        let body = reply.json();
        if reply.status().is_success() {
            assert_eq!(body["status"], "success", "{place}");
            return;
        }
        let keys: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["status", "message", "data", "error_type"]), "{place}");
        assert_eq!(body["status"], "error", "{place}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{place}");
        assert!(body["error_type"].as_str().is_some_and(|kind| KINDS.contains(&kind)), "{place}");
    }

    /// A refused sign-in stands in the books.
    fn notes_refusals_in(&self, endpoint: &Endpoint) -> &'static [&'static str] {
        if endpoint.path == "/api/v1/auth/login" { &["audit", "events"] } else { &[] }
    }

    fn is_taken(&self, reply: &Reply) -> bool {
        reply.text().contains("already exists")
    }
}

malformed! {
    world: World::on,
    largest: BodyLimit::DEFAULT.0,
    words: ["Admin", "Agent", "Support", "French", "online", "Open", "contact", "agent", "High", "UTC"],
    once: ["/logout"],
}
