//! The permission run: every route of the router's own list against every kind of caller. Whoever is refused gets
//! exactly this status and envelope, and no table changes.

use std::time::Duration;

use muster_api_rocketchat::Access;
use muster_core::permission::Permission as P;
use muster_testkit::Client;
use muster_testkit::matrix::callers::{self, Refusal};
use muster_testkit::matrix::{Endpoint, Surface as _};
use reqwest::Method;
use serde_json::json;

use crate::support::{Said as _, lacks_permission, not_signed_in};
use crate::world::World;

/// Who may call a listing of agents or managers is said in its handler, since it hangs on the path.
const LIST: &str = "/api/v1/livechat/users/{type}";

fn access(world: &World, endpoint: &Endpoint) -> Access {
    let mut routes = world.wire.routes.iter();
    routes.find(|route| route.method == endpoint.method && route.path == endpoint.path).unwrap().guard.access
}

/// The rights of which one opens an endpoint.
fn rights(world: &World, endpoint: &Endpoint) -> Vec<P> {
    match access(world, endpoint) {
        Access::Any(rights) => rights.to_vec(),
        Access::SignedIn if endpoint.path == LIST && endpoint.method == Method::GET => {
            vec![P::ConversationsUpdateUserAssignee, P::ContactsWrite]
        }
        Access::SignedIn | Access::OwnAccount | Access::Open => Vec::new(),
    }
}

async fn without_token(world: &World, name: &str, client: &Client) {
    let refused = callers::are_refused(world, name, client, |endpoint| {
        (access(world, endpoint) != Access::Open).then(|| Refusal { status: 401, body: not_signed_in() })
    });
    assert!(refused.await > 25, "{name}");
}

#[tokio::test]
async fn whoever_shows_no_good_token_is_refused_everywhere() {
    let world = World::new().await;
    let request = world.admin.request(Method::GET, "/").build().unwrap();
    let sent = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    let (user, token) = (sent("x-user-id"), sent("x-auth-token"));
    let nobody = world.wire.nobody();
    for (name, client) in [
        ("nothing", nobody.clone()),
        ("token alone", nobody.clone().header("x-auth-token", &token)),
        ("user alone", nobody.clone().header("x-user-id", &user)),
        ("another token", world.wire.with_token(&user, "RScctEHSmLGZGywfIhWyRpyofhKOiMoUIpimhvheU3f")),
        ("another user", world.wire.with_token("rbAXPnMktTFbNpwtJ", &token)),
        ("empty", world.wire.with_token("", "")),
        ("in cookies", nobody.clone().header("cookie", &format!("rc_uid={user}; rc_token={token}"))),
        ("as a bearer", nobody.header("authorization", &format!("Bearer {token}"))),
    ] {
        without_token(&world, name, &client).await;
    }
}

#[tokio::test]
async fn a_token_that_is_over_is_refused_everywhere() {
    let world = World::new().await;
    let out = world.wire.sign_in("ada").await;
    out.post("/api/v1/logout", &json!({})).await.ok();
    without_token(&world, "signed out", &out).await;
    let old = world.wire.sign_in("ada").await;
    world.wire.desk.advance(Duration::from_secs(91 * 24 * 3600)).await;
    without_token(&world, "expired", &old).await;
}

#[tokio::test]
async fn each_route_refuses_whoever_lacks_all_its_permissions() {
    let world = World::new().await;
    let all: Vec<P> = world.endpoints().iter().flat_map(|endpoint| rights(&world, endpoint)).collect();
    let mut refused = 0;
    for (number, endpoint) in world.endpoints().iter().enumerate() {
        let asked = rights(&world, endpoint);
        if asked.is_empty() {
            continue;
        }
        // Everything that other routes ask for, unless it implies what this one asks for.
        let implies = |right: &P| {
            let closure = [*right].into_iter().collect::<muster_core::permission::Permissions>().closure();
            asked.iter().any(|asked| closure.contains(*asked))
        };
        let others: Vec<P> = all.iter().copied().filter(|right| !implies(right)).collect();
        let client = world.wire.holder(&format!("holder{number}"), &others).await;
        let only = |other: &Endpoint| (other == endpoint).then(|| Refusal { status: 403, body: lacks_permission() });
        refused += callers::are_refused(&world, &format!("all but {asked:?}"), &client, only).await;
    }
    assert!(refused > 20);
}

#[tokio::test]
async fn each_permission_alone_opens_its_routes() {
    let world = World::new().await;
    let mut opened = 0;
    for (number, endpoint) in world.endpoints().iter().enumerate() {
        for (at, right) in rights(&world, endpoint).into_iter().enumerate() {
            let client = world.wire.holder(&format!("only{number}x{at}"), &[right]).await;
            let answer = callers::call(&world, &client, endpoint).await;
            let is_refused_by_guard = answer.status() == 403 && answer.json() == lacks_permission();
            assert!(!is_refused_by_guard, "{right} {endpoint}: {}", answer.text());
            opened += 1;
        }
    }
    assert!(opened > 25);
}

#[tokio::test]
async fn whoever_is_signed_in_may_call_what_asks_for_no_more() {
    let world = World::new().await;
    let client = world.wire.holder("nora", &[P::ViewManage]).await;
    for endpoint in world.endpoints() {
        let is_for_all = access(&world, endpoint) == Access::SignedIn && rights(&world, endpoint).is_empty();
        if is_for_all && !endpoint.path.ends_with("/logout") {
            callers::call(&world, &client, endpoint).await.ok();
        }
    }
}
