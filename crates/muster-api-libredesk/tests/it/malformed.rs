//! What no client should send, to every route: never a failure of the desk's own, always the dialect's envelope, and
//! nothing half-written.

use std::collections::BTreeSet;

use muster_http::layers::BodyLimit;
use muster_testkit::matrix::{self, Endpoint, Surface, addresses, bodies, fields};
use muster_testkit::postgres::engines;
use muster_testkit::{Client, Reply, TestDesk, TestEngine};
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

    fn was_unread(&self, reply: &Reply) -> bool {
        reply.text().contains("Error parsing request")
    }

    fn is_taken(&self, reply: &Reply) -> bool {
        reply.text().contains("already exists")
    }
}

#[tokio::test]
async fn there_is_a_body_for_each_route_that_takes_one() {
    matrix::bodies_are_complete(&World::new().await);
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    bodies::that_are_no_object(&World::new().await).await;
}

#[tokio::test]
async fn a_body_that_is_no_text_is_refused() {
    bodies::that_are_no_text(&World::new().await).await;
}

#[tokio::test]
async fn a_body_that_is_nested_too_deep_is_refused() {
    bodies::that_are_nested_too_deep(&World::new().await).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_such() {
    bodies::that_are_too_large(&World::new().await, BodyLimit::DEFAULT.0).await;
}

#[tokio::test]
async fn another_content_type_is_read_as_a_form_or_refused() {
    bodies::of_another_content_type(&World::new().await).await;
}

#[tokio::test]
async fn what_is_not_known_of_a_body_is_ignored_and_of_equal_keys_the_last_counts() {
    bodies::with_unknown_and_repeated_keys(&World::new().await).await;
}

#[tokio::test]
async fn a_body_where_none_is_read_changes_nothing_of_the_answer() {
    bodies::where_none_is_read(&World::new().await, &["/logout"]).await;
}

#[tokio::test]
async fn every_field_takes_what_fits_and_refuses_the_rest_on_sqlite() {
    fields::take_what_fits_and_refuse_the_rest(&World::new().await).await;
}

#[tokio::test]
async fn every_field_takes_what_fits_and_refuses_the_rest_on_postgres() {
    if engines().contains(&TestEngine::Postgres) {
        fields::take_what_fits_and_refuse_the_rest(&World::on(TestEngine::Postgres).await).await;
    }
}

#[tokio::test]
async fn a_path_that_names_nothing_is_refused() {
    for engine in engines() {
        addresses::that_name_nothing(&World::on(engine).await).await;
    }
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused_or_ignored() {
    for engine in engines() {
        addresses::with_senseless_queries(&World::on(engine).await).await;
    }
}

#[tokio::test]
async fn whatever_comes_is_answered() {
    let words = ["Admin", "Agent", "Support", "French", "online", "Open", "contact", "agent", "High", "UTC"];
    for engine in engines() {
        fields::hold_anything(&World::on(engine).await, &words).await;
    }
}
