//! Before any handler: paths, methods, hosts, sizes.

use muster_testkit::{Client, Reply};
use reqwest::Method;
use reqwest::header::HeaderName;

use crate::support::{Said as _, World, outcome};

async fn send(client: &Client, method: Method, path: &str) -> Reply {
    client.send(client.request(method, path)).await
}

#[tokio::test]
async fn an_unknown_path_is_2098_before_any_credential() {
    let world = World::new().await;
    let paths = [
        "/v3.1",
        "/v3.0",
        "/v3.1/nothing",
        "/v3.1/users/1/x",
        "/v3.1/chats",
        "/v3.0/chats/search",
        "/v3.1/chats/1/messages",
        "/v3.2/users",
        "/",
        "/v3.1/Users",
    ];
    for path in paths {
        for client in [&world.wire.nobody(), &world.client] {
            let answer = client.get(path).await;
            answer.comes_out(outcome::NO_ROUTE);
            assert_eq!(answer.header("rate-limit-remaining"), Some("10000"));
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_2099_with_allow_before_any_credential() {
    let world = World::new().await;
    for (path, allow) in [
        ("/v3.1/authorize", "GET, HEAD, OPTIONS"),
        ("/v3.1/teams", "GET, HEAD, OPTIONS"),
        ("/v3.1/users", "GET, POST, HEAD, OPTIONS"),
        ("/v3.1/users/search", "POST, OPTIONS"),
        ("/v3.0/users/7", "GET, PUT, PATCH, HEAD, OPTIONS"),
    ] {
        let answer = world.wire.nobody().delete(path).await;
        answer.comes_out(outcome::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some(allow));
        let options = send(&world.wire.nobody(), Method::OPTIONS, path).await;
        assert_eq!((options.status().as_u16(), options.header("allow")), (204, Some(allow)));
    }
}

#[tokio::test]
async fn a_preflight_is_answered_without_cors_or_stamps() {
    let world = World::new().await;
    let nobody = world.wire.nobody();
    let request = nobody.request(Method::OPTIONS, "/v3.1/users/7").header("origin", "https://evil.example.com");
    let answer = nobody.send(request.header("access-control-request-method", "PATCH")).await;
    assert_eq!(answer.status(), 204);
    let names: Vec<&str> = answer.headers().keys().map(HeaderName::as_str).collect();
    assert!(names.iter().all(|name| !name.starts_with("access-control") && !name.starts_with("rate-limit")));
    assert!(!names.contains(&"trxid"));
}

#[tokio::test]
async fn head_is_served_like_get_and_slashes_do_not_matter() {
    let world = World::new().await;
    let head = send(&world.client, Method::HEAD, &world.path()).await;
    assert_eq!((head.status().as_u16(), head.text()), (200, String::new()));
    head.is_stamped();
    world.client.get("//v3.1//users/ana/").await.response(4306);
    world.client.get("/v3%2E1/users/%61na").await.response(4306);
}

#[tokio::test]
async fn a_foreign_host_and_a_nul_are_refused_in_the_envelope() {
    let world = World::new().await;
    let foreign = world.client.clone().header("host", "evil.example.com");
    foreign.get("/v3.1/teams").await.comes_out(outcome::INVALID_REQUEST);
    world.client.get("/v3.1/users/%00").await.comes_out(outcome::INVALID_REQUEST);
}

#[tokio::test]
async fn the_usual_headers_stand_on_every_answer_and_nothing_asks_for_a_password() {
    let world = World::new().await;
    for answer in [world.client.get("/v3.1/teams").await, world.wire.nobody().get("/v3.1/users").await] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn a_body_is_read_whatever_its_content_type() {
    let world = World::new().await;
    for kind in ["application/json; charset=utf-8", "text/plain", "application/xml", ""] {
        let request = world.client.request(Method::PATCH, &world.path()).header("content-type", kind);
        world.client.send(request.body(r#"{"last_name":"Ruiz"}"#)).await.response(4309);
    }
}

#[tokio::test]
async fn each_call_has_an_id_of_its_own() {
    let world = World::new().await;
    let ids = [world.client.get("/v3.1/teams").await, world.client.get("/v3.1/teams").await];
    assert_ne!(ids[0].header("trxid"), ids[1].header("trxid"));
}
