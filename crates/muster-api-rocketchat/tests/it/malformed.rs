//! What no client should send, to every route: never a failure of the desk's own, always the dialect's envelope, and
//! nothing half-written.

use muster_http::layers::BodyLimit;
use muster_testkit::TestEngine;
use muster_testkit::matrix::{self, addresses, bodies, fields};
use muster_testkit::postgres::engines;

use crate::world::World;

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
async fn another_content_type_is_read_as_a_form_or_as_the_object_that_it_is() {
    bodies::of_another_content_type(&World::new().await).await;
}

#[tokio::test]
async fn what_is_not_known_of_a_body_is_ignored_and_of_equal_keys_the_last_counts() {
    bodies::with_unknown_and_repeated_keys(&World::new().await).await;
}

#[tokio::test]
async fn a_body_where_none_is_read_changes_nothing_of_the_answer() {
    bodies::where_none_is_read(&World::new().await, &[]).await;
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
async fn a_path_that_names_nothing_is_refused_or_shows_nothing() {
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
    let words = ["admin", "livechat-agent", "Support", "kim", "online", "available", "user", "sha-256"];
    for engine in engines() {
        fields::hold_anything(&World::on(engine).await, &words).await;
    }
}
