//! What no client should send, to every route: never a failure of the desk's own, always the envelope, and nothing
//! half-written.

use muster_http::layers::BodyLimit;
use muster_testkit::malformed;

use crate::whole::Whole;

malformed! {
    world: Whole::on,
    largest: BodyLimit::DEFAULT.0,
    words: ["active", "inactive", "Retail", "Pune", "fr", "Team Agent", "eq", "status", "created_at", "ana"],
    once: [],
}
