//! Before any handler: paths, methods, hosts, headers, other sites' pages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, not_signed_in};

const ME: &str = "/api/v1/me";

fn not_found() -> Value {
    json!({"success": false, "error": "Resource not found"})
}

#[tokio::test]
async fn an_unknown_path_is_404_and_a_wrong_method_405_before_any_credential() {
    let (wire, admin) = Wire::new().await;
    for path in [
        "/api/v1/nothing",
        "/api/v1/livechat/room",
        "/api/v1/livechat/agent.info/rid/token",
        "/api/v1/livechat/agent.next/token",
        "/api/v1/users.update",
        "/api/v1/statistics",
        "/api/v1/audit",
        "/api/apps/public/x/incoming",
        "/livechat",
        "/avatar/kim",
    ] {
        wire.nobody().get(path).await.refuses(404, &not_found());
        admin.get(path).await.refuses(404, &not_found());
    }
    let answer = wire.nobody().delete("/api/v1/livechat/department").await;
    answer.refuses(405, &json!({"success": false, "error": "Method not allowed"}));
    assert_eq!(answer.header("allow"), Some("GET, POST, HEAD, OPTIONS"));
}

#[tokio::test]
async fn a_preflight_is_answered_before_all_else() {
    let (wire, _) = Wire::new().await;
    let nobody = wire.nobody();
    let request = nobody.request(Method::OPTIONS, "/api/v1/livechat/department/x/agents");
    let request = request.header("origin", "https://shop.example.com").header("access-control-request-method", "POST");
    let answer = nobody.send(request.header("access-control-request-headers", "x-auth-token,x-user-id")).await;
    assert_eq!((answer.status().as_u16(), answer.text().as_str()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, POST, HEAD, OPTIONS"));
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some(
            "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, x-2fa-code, \
             x-2fa-method"
        )
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn every_answer_carries_the_usual_headers() {
    let (wire, admin) = Wire::new().await;
    for answer in [admin.get(ME).await, wire.nobody().get(ME).await, wire.nobody().get("/nothing").await] {
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.header("x-instance-id").is_some_and(|id| !id.is_empty()));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("www-authenticate"), None);
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let (_wire, admin) = Wire::new().await;
    let answer = admin.clone().header("host", "evil.example.com").get(ME).await;
    answer.fails("This desk does not answer to that host", None);
}

#[tokio::test]
async fn slashes_and_unneeded_escapes_do_not_matter() {
    let (_wire, admin) = Wire::new().await;
    for path in ["/api/v1//me/", "/api/v1/m%65", "//api//v1/users%2Einfo?username=ada"] {
        admin.get(path).await.ok();
    }
}

#[tokio::test]
async fn both_headers_are_needed() {
    let (wire, admin) = Wire::new().await;
    let request = admin.request(Method::GET, ME).build().unwrap();
    let sent = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    for name in ["x-auth-token", "x-user-id"] {
        wire.nobody().header(name, &sent(name)).get(ME).await.refuses(401, &not_signed_in());
    }
    let padded = wire.with_token(&format!(" {} ", sent("x-user-id")), &sent("x-auth-token"));
    padded.get(ME).await.ok();
}

#[tokio::test]
async fn a_body_above_one_mebibyte_is_413() {
    let (_wire, admin) = Wire::new().await;
    let request = admin.request(Method::POST, "/api/v1/users.create").header("content-type", "application/json");
    let answer = admin.send(request.body("x".repeat(1024 * 1024 + 1))).await;
    answer.refuses(413, &json!({"success": false, "error": "request entity too large"}));
}
