//! Signing in and out.

use insta::assert_snapshot;
use muster_testkit::PASSWORD;
use serde_json::json;

use crate::support::{Said as _, Wire};

const LOGIN: &str = "/api/v1/auth/login";
const ME: &str = "/api/v1/agents/me";

#[tokio::test]
async fn signing_in_answers_the_agent_as_before_and_sets_both_cookies() {
    let (wire, admin) = Wire::new().await;
    let answer = wire.nobody().post(LOGIN, &json!({"email": "ada@example.org", "password": PASSWORD})).await;
    assert_eq!(answer.data()["last_login_at"], serde_json::Value::Null);
    let set: Vec<&str> = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(set.len(), 2);
    let session = set[0].strip_prefix("libredesk_session=").unwrap();
    let (token, attributes) = session.split_once("; ").unwrap();
    assert_eq!((token.len(), attributes), (43, "Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=32400"));
    let (token, attributes) = set[1].strip_prefix("csrf_token=").unwrap().split_once("; ").unwrap();
    assert_eq!((token.len(), attributes), (44, "Path=/; SameSite=Lax; Secure"));
    assert_eq!(admin.get(ME).await.data()["last_login_at"], "2026-01-05T09:00:00Z");
}

#[tokio::test]
async fn deviation_the_email_goes_in_any_case_and_the_login_too() {
    let (wire, _) = Wire::new().await;
    for name in ["ADA@Example.org", "ada", " ada@example.org "] {
        let answer = wire.nobody().post(LOGIN, &json!({"email": name, "password": PASSWORD})).await;
        assert_eq!(answer.status(), 200, "{name}: {}", answer.shown());
    }
}

#[tokio::test]
async fn wrong_names_and_wrong_passwords_read_alike() {
    let (wire, _) = Wire::new().await;
    for (email, password) in [
        ("ada@example.org", "Wrong-Horse-7"),
        ("nobody@example.org", PASSWORD),
        ("System", PASSWORD),
        ("ada@example.org", "correct-horse-7"),
    ] {
        let answer = wire.nobody().post(LOGIN, &json!({"email": email, "password": password})).await;
        answer.refuses(400, "InputException", "Invalid email or password.");
        assert!(answer.header("set-cookie").is_none());
    }
    for body in [json!({}), json!({"email": "ada@example.org"}), json!({"email": "", "password": "x"})] {
        wire.nobody().post(LOGIN, &body).await.refuses(400, "InputException", "Bad request");
    }
}

#[tokio::test]
async fn deviation_a_disabled_account_is_403_and_only_after_the_right_password() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    let body = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "enabled": false});
    admin.put(&format!("/api/v1/agents/{}", kim.id), &body).await.data();
    let right = json!({"email": "kim@example.org", "password": PASSWORD});
    let answer = wire.nobody().post(LOGIN, &right).await;
    answer.refuses(403, "PermissionException", "Your account is disabled, Please contact administrator");
    let wrong = json!({"email": "kim@example.org", "password": "Wrong-Horse-7"});
    wire.nobody().post(LOGIN, &wrong).await.refuses(400, "InputException", "Invalid email or password.");
}

#[tokio::test]
async fn another_sites_page_signs_nobody_in() {
    let (wire, _) = Wire::new().await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let elsewhere = wire.nobody().header("origin", "https://evil.example.com");
    elsewhere.post(LOGIN, &body).await.refuses(403, "PermissionException", "Requests from this origin are not allowed");
    let cross = wire.nobody().header("sec-fetch-site", "cross-site");
    cross.post(LOGIN, &body).await.refuses(403, "PermissionException", "Requests from this origin are not allowed");
    let own = wire.nobody().header("origin", "http://localhost:5173");
    assert_eq!(own.post(LOGIN, &body).await.status(), 200);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_leads_home() {
    let (wire, _) = Wire::new().await;
    let session = wire.sign_in("ada@example.org").await;
    assert_snapshot!(session.get("/logout").await.shown(), @r#"
    302
    location: /
    set-cookie: csrf_token=; Path=/; SameSite=Lax; Secure; Max-Age=0
    set-cookie: libredesk_session=; Path=/; SameSite=Lax; HttpOnly; Secure; Max-Age=0
    "#);
    session.get(ME).await.refuses(401, "GeneralException", "Invalid or expired session");
    session.get("/logout").await.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn a_key_does_not_sign_out() {
    let (wire, admin) = Wire::new().await;
    admin.get("/logout").await.refuses(401, "GeneralException", "Invalid or expired session");
    wire.nobody().get("/logout").await.refuses(401, "GeneralException", "Invalid or expired session");
    assert_eq!(admin.get(ME).await.status(), 200);
}

#[tokio::test]
async fn a_session_lasts_nine_hours() {
    let (wire, _) = Wire::new().await;
    let session = wire.sign_in("ada@example.org").await;
    wire.desk.advance(std::time::Duration::from_secs(9 * 3600 - 1)).await;
    assert_eq!(session.get(ME).await.status(), 200);
    wire.desk.advance(std::time::Duration::from_secs(1)).await;
    session.get(ME).await.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn signing_in_does_not_change_the_availability_status() {
    let (wire, admin) = Wire::new().await;
    wire.sign_in("ada@example.org").await;
    assert_eq!(admin.get(ME).await.data()["availability_status"], "offline");
}
