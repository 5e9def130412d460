//! Before any handler: paths, methods, hosts, credentials, CSRF, rate limits, sizes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use muster_testkit::PASSWORD;
use reqwest::Method;
use serde_json::json;

use crate::support::{Said as _, Wire, cookies};

const ME: &str = "/api/v1/agents/me";
const AVAILABILITY: &str = "/api/v1/agents/me/availability";
const LOGIN: &str = "/api/v1/auth/login";

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_before_any_credential() {
    let (wire, _) = Wire::new().await;
    assert_snapshot!(wire.nobody().get("/api/v1/nothing").await.shown(), @r#"
    404
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"Route not found",
      "data":null,
      "error_type":"GeneralException"
    }
    "#);
    let nobody = wire.nobody();
    assert_snapshot!(nobody.send(nobody.request(Method::PATCH, "/api/v1/agents")).await.shown(), @r#"
    405
    allow: GET, POST, HEAD, OPTIONS
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"Request method not allowed",
      "data":null,
      "error_type":"GeneralException"
    }
    "#);
    assert_eq!(nobody.delete("/api/v1/agents/me").await.header("allow"), Some("GET, PUT, HEAD, OPTIONS"));
}

#[tokio::test]
async fn options_are_answered_with_the_methods_and_no_cors_headers() {
    let (wire, _) = Wire::new().await;
    let nobody = wire.nobody();
    assert_snapshot!(nobody.send(nobody.request(Method::OPTIONS, "/api/v1/agents/7")).await.shown(), @r#"
    204
    allow: GET, PUT, DELETE, HEAD, OPTIONS
    "#);
    let preflight = nobody.request(Method::OPTIONS, "/api/v1/agents").header("origin", "https://evil.example.com");
    let answer = nobody.send(preflight.header("access-control-request-method", "POST")).await;
    assert_eq!(answer.status(), 204);
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn head_is_served_like_get_and_slashes_do_not_matter() {
    let (_wire, admin) = Wire::new().await;
    let answer = admin.send(admin.request(Method::HEAD, ME)).await;
    assert_eq!((answer.status().as_u16(), answer.text()), (200, String::new()));
    assert_eq!(admin.get("/api/v1//agents/me/").await.status(), 200);
    assert_eq!(admin.get("/api/v1/agents/%6De").await.status(), 200);
}

#[tokio::test]
async fn every_answer_carries_the_usual_headers_and_never_asks_for_a_password() {
    let (wire, admin) = Wire::new().await;
    for answer in [admin.get(ME).await, wire.nobody().get(ME).await, wire.nobody().get("/nothing").await] {
        assert_eq!(answer.header("x-request-id"), Some("request-1"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let (_wire, admin) = Wire::new().await;
    let answer = admin.clone().header("host", "evil.example.com").get(ME).await;
    answer.refuses(400, "InputException", "This desk does not answer to that host");
    assert_eq!(admin.header("host", "localhost").get(ME).await.status(), 200);
}

#[tokio::test]
async fn a_key_comes_in_two_schemes_and_anything_else_is_no_key() {
    let wire = Wire::empty().await;
    let (key, secret) = wire.desk.admin().await.key;
    let basic = STANDARD.encode(format!("{key}:{secret}"));
    let by = async |value: &str| wire.nobody().header("authorization", value).get(ME).await;
    assert_eq!(by(&format!("Basic {basic}")).await.status(), 200);
    assert_eq!(by(&format!("token {key}:{secret}")).await.status(), 200);
    assert_snapshot!(by(&format!("token {key}:wrong")).await.shown(), @r#"
    401
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"Invalid credential",
      "data":null,
      "error_type":"GeneralException"
    }
    "#);
    for other in [format!("basic {basic}"), format!("Bearer {secret}"), "Basic ???".to_owned(), format!("token {key}")]
    {
        by(&other).await.refuses(401, "GeneralException", "Invalid or expired session");
    }
}

#[tokio::test]
async fn a_key_needs_no_csrf_token_and_beats_the_cookie() {
    let (wire, admin) = Wire::new().await;
    let body = json!({"status": "away_manual"});
    assert_eq!(admin.put(AVAILABILITY, &body).await.status(), 200);
    let wrong = wire.sign_in("ada@example.org").await.header("authorization", "token key:secret");
    wrong.get(ME).await.refuses(401, "GeneralException", "Invalid credential");
}

#[tokio::test]
async fn without_a_credential_reads_are_401_and_writes_403() {
    let (wire, _) = Wire::new().await;
    assert_snapshot!(wire.nobody().get(ME).await.shown(), @r#"
    401
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"Invalid or expired session",
      "data":null,
      "error_type":"GeneralException"
    }
    "#);
    assert_snapshot!(wire.nobody().put(AVAILABILITY, &json!({})).await.shown(), @r#"
    403
    content-type: application/json; charset=utf-8
    {
      "status":"error",
      "message":"CSRF token mismatch",
      "data":null,
      "error_type":"PermissionException"
    }
    "#);
}

#[tokio::test]
async fn a_session_writes_with_its_csrf_token_only() {
    let (wire, _) = Wire::new().await;
    let session = wire.sign_in("ada@example.org").await;
    let body = json!({"status": "away_manual"});
    assert_eq!(session.put(AVAILABILITY, &body).await.status(), 200);
    let wrong = session.clone().header("x-csrftoken", "x");
    wrong.put(AVAILABILITY, &body).await.refuses(403, "PermissionException", "CSRF token mismatch");
    assert_eq!(wrong.get(ME).await.status(), 200);
}

#[tokio::test]
async fn deviation_a_csrf_token_is_made_for_its_session() {
    let (wire, _) = Wire::new().await;
    let answer = wire.nobody().post(LOGIN, &json!({"email": "ada@example.org", "password": PASSWORD})).await;
    let session = cookies(&answer)[0].clone();
    let planted = wire.nobody().header("cookie", &format!("{session}; csrf_token=x")).header("x-csrftoken", "x");
    let answer = planted.put(AVAILABILITY, &json!({"status": "away"})).await;
    answer.refuses(403, "PermissionException", "CSRF token mismatch");
    let without_session = wire.nobody().header("cookie", "csrf_token=x").header("x-csrftoken", "x");
    let answer = without_session.put(AVAILABILITY, &json!({"status": "away"})).await;
    answer.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn a_session_writes_from_pages_of_this_desk_only() {
    let (wire, _) = Wire::new().await;
    let session = wire.sign_in("ada@example.org").await;
    let body = json!({"status": "away_manual"});
    for (header, value) in [("origin", "https://evil.example.com"), ("origin", "null"), ("sec-fetch-site", "same-site")]
    {
        let answer = session.clone().header(header, value).put(AVAILABILITY, &body).await;
        answer.refuses(403, "PermissionException", "Requests from this origin are not allowed");
    }
    let own = session.clone().header("origin", "http://127.0.0.1:1");
    assert_eq!(own.put(AVAILABILITY, &body).await.status(), 200);
}

#[tokio::test]
async fn deviation_no_session_is_made_before_signing_in() {
    let (wire, _) = Wire::new().await;
    let before = wire.desk.digest().await;
    assert!(wire.nobody().get(ME).await.header("set-cookie").is_none());
    let stale = wire.nobody().header("cookie", "libredesk_session=gone");
    stale.get(ME).await.refuses(401, "GeneralException", "Invalid or expired session");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_a_body_above_one_mebibyte_is_413() {
    let (_wire, admin) = Wire::new().await;
    let request = admin.request(Method::POST, "/api/v1/agents").header("content-type", "application/json");
    let answer = admin.send(request.body("x".repeat(1024 * 1024 + 1))).await;
    answer.refuses(413, "GeneralException", "Request body is too large");
}

#[tokio::test]
async fn deviation_xml_is_not_read() {
    let (_wire, admin) = Wire::new().await;
    let request = admin.request(Method::POST, "/api/v1/agents").header("content-type", "application/xml");
    let answer = admin.send(request.body("<agent/>")).await;
    answer.refuses(400, "InputException", "Error parsing request");
}

#[tokio::test]
async fn deviation_texts_are_words_where_the_product_shows_raw_keys() {
    let (_wire, admin) = Wire::new().await;
    admin.delete("/api/v1/agents/0").await.refuses(400, "InputException", "User `id` empty");
    let answer = admin.post("/api/v1/roles", &json!({"name": "x", "permissions": []})).await;
    answer.refuses(400, "InputException", "Permission empty");
}

#[tokio::test]
async fn the_thirty_first_sign_in_of_a_minute_is_refused() {
    let (wire, _) = Wire::new().await;
    let nobody = wire.nobody();
    let first = nobody.post(LOGIN, &json!({})).await;
    assert_eq!(first.header("x-ratelimit-limit"), Some("30"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("29"));
    assert_eq!(first.header("x-ratelimit-reset"), Some("1767603660"));
    for _ in 0..29 {
        assert_eq!(nobody.post("/api/v1/agents/reset-password", &json!({})).await.status(), 400);
    }
    assert_snapshot!(nobody.post(LOGIN, &json!({})).await.shown(), @r#"
    429
    content-type: application/json; charset=utf-8
    retry-after: 60
    x-ratelimit-limit: 30
    x-ratelimit-remaining: 0
    x-ratelimit-reset: 1767603660
    {
      "status":"error",
      "message":"Rate limit exceeded"
    }
    "#);
    wire.desk.advance(std::time::Duration::from_secs(59)).await;
    assert_eq!(nobody.post(LOGIN, &json!({})).await.status(), 429);
    wire.desk.advance(std::time::Duration::from_secs(60)).await;
    assert_eq!(nobody.post(LOGIN, &json!({})).await.status(), 400);
    assert!(nobody.get(ME).await.header("x-ratelimit-limit").is_none());
}

#[tokio::test]
async fn limits_can_be_turned_off() {
    let wire = Wire::with(false).await;
    wire.desk.admin().await;
    for _ in 0..31 {
        let answer = wire.nobody().post(LOGIN, &json!({})).await;
        assert_eq!((answer.status().as_u16(), answer.header("x-ratelimit-limit")), (400, None));
    }
}

#[tokio::test]
async fn deviation_nobody_names_an_address_for_oneself() {
    let (wire, _) = Wire::new().await;
    for number in 0..31 {
        let client =
            wire.nobody().header("x-forwarded-for", &format!("203.0.113.{number}")).header("x-real-ip", "1.2.3.4");
        let expected = if number < 30 { 400 } else { 429 };
        assert_eq!(client.post(LOGIN, &json!({})).await.status(), expected);
    }
}
