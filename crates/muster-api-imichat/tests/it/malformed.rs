//! What no client should send, to every route: never a failure of the desk's own, always the envelope, and nothing
//! half-written.

use muster_http::layers::BodyLimit;
use muster_testkit::matrix::{self, addresses, bodies, fields};
use muster_testkit::{TestEngine, both_engines};

use crate::whole::Whole;

#[tokio::test]
async fn every_documented_endpoint_has_its_body() {
    matrix::bodies_are_complete(&Whole::on(TestEngine::Sqlite).await);
}

async fn bodies_that_cannot_be_read(engine: TestEngine) {
    let whole = Whole::on(engine).await;
    bodies::that_are_no_object(&whole).await;
    bodies::that_are_no_text(&whole).await;
    bodies::that_are_nested_too_deep(&whole).await;
    bodies::that_are_too_large(&whole, BodyLimit::DEFAULT.0).await;
}

async fn bodies_of_any_type_and_with_odd_keys(engine: TestEngine) {
    let whole = Whole::on(engine).await;
    bodies::of_another_content_type(&whole).await;
    bodies::with_unknown_and_repeated_keys(&whole).await;
    bodies::where_none_is_read(&whole, &[]).await;
}

async fn addresses_that_make_no_sense(engine: TestEngine) {
    let whole = Whole::on(engine).await;
    addresses::that_name_nothing(&whole).await;
    addresses::with_senseless_queries(&whole).await;
}

async fn fields_that_hold_what_they_should_not(engine: TestEngine) {
    let whole = Whole::on(engine).await;
    fields::take_what_fits_and_refuse_the_rest(&whole).await;
}

async fn bodies_of_any_shape(engine: TestEngine) {
    let whole = Whole::on(engine).await;
    let words = ["active", "inactive", "Retail", "Pune", "fr", "Team Agent", "eq", "status", "created_at", "ana"];
    fields::hold_anything(&whole, &words).await;
}

both_engines!(
    bodies_that_cannot_be_read,
    bodies_of_any_type_and_with_odd_keys,
    addresses_that_make_no_sense,
    fields_that_hold_what_they_should_not,
    bodies_of_any_shape,
);
