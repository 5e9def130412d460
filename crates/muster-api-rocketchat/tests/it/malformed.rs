//! What no client should send, to every route: never a failure of the desk's own, always the dialect's envelope, and
//! nothing half-written.

use muster_http::layers::BodyLimit;
use muster_testkit::malformed;

use crate::world::World;

malformed! {
    world: World::on,
    largest: BodyLimit::DEFAULT.0,
    words: ["admin", "livechat-agent", "Support", "kim", "online", "available", "user", "sha-256"],
    once: [],
}
