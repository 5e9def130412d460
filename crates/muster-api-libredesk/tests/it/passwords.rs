//! The way back to a forgotten password.

use muster_core::actor::Caller;
use serde_json::json;

use crate::support::{Said as _, Wire};

const RESET: &str = "/api/v1/agents/reset-password";
const SET: &str = "/api/v1/agents/set-password";
const NEW: &str = "Another-Horse-8";

async fn token(wire: &Wire) -> String {
    let link = wire.desk.app.reset_password_link(&Caller::operator(), "ada@example.org").await.unwrap();
    link.rsplit_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn asking_for_a_reset_never_tells_whether_there_is_somebody() {
    let (wire, _) = Wire::new().await;
    let before = wire.desk.digest().await;
    assert_eq!(wire.nobody().post(RESET, &json!({"email": "nobody@example.org"})).await.data(), true);
    assert_eq!(wire.desk.digest().await, before);
    assert_eq!(wire.nobody().post(RESET, &json!({"email": "ada@example.org"})).await.data(), true);
    assert!(wire.desk.digest().await.changed_since(&before).contains(&"jobs".to_owned()));
    wire.nobody().post(RESET, &json!({"email": " "})).await.refuses(400, "InputException", "`email` empty");
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_ends_the_sessions() {
    let (wire, _) = Wire::new().await;
    let session = wire.sign_in("ada@example.org").await;
    let token = token(&wire).await;
    let body = json!({"token": token, "password": NEW});
    assert_eq!(wire.nobody().post(SET, &body).await.data(), true);
    let answer = session.get("/api/v1/agents/me").await;
    answer.refuses(401, "GeneralException", "Invalid or expired session");
    let sign_in = json!({"email": "ada@example.org", "password": NEW});
    assert_eq!(wire.nobody().post("/api/v1/auth/login", &sign_in).await.status(), 200);
    let expired = "Token is invalid or expired, Please try again by requesting a new password reset link";
    wire.nobody().post(SET, &body).await.refuses(400, "InputException", expired);
}

#[tokio::test]
async fn weak_passwords_and_wrong_tokens_are_refused_and_the_link_stays_good() {
    let (wire, _) = Wire::new().await;
    let token = token(&wire).await;
    let expired = "Token is invalid or expired, Please try again by requesting a new password reset link";
    let weak = "Password is not strong enough, Password must be 10-72 characters long should contain at least one \
                uppercase letter, one lowercase letter, one number, and one special character.";
    for (body, message) in [
        (json!({"token": token}), "Password empty"),
        (json!({"token": token, "password": "short"}), weak),
        (json!({"token": "wrong", "password": NEW}), expired),
        (json!({"password": NEW}), expired),
    ] {
        wire.nobody().post(SET, &body).await.refuses(400, "InputException", message);
    }
    assert_eq!(wire.nobody().post(SET, &json!({"token": token, "password": NEW})).await.status(), 200);
}

#[tokio::test]
async fn whoever_is_signed_in_is_refused_but_not_without_the_csrf_token() {
    let (wire, admin) = Wire::new().await;
    let session = wire.sign_in("ada@example.org").await;
    for path in [RESET, SET] {
        admin.post(path, &json!({})).await.refuses(400, "InputException", "User already logged in");
        session.post(path, &json!({})).await.refuses(400, "InputException", "User already logged in");
    }
    let without = session.header("x-csrftoken", "");
    without.post(RESET, &json!({})).await.refuses(400, "InputException", "`email` empty");
}
