//! The first administrator.

use muster_core::actor::Caller;
use muster_testkit::PASSWORD;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const SET_UP: &str = "/api/v1/setup";
const NOT_YET: &str = "The desk is not set up yet, Please open the set-up link printed at its first start";

async fn token(wire: &Wire) -> String {
    let link = wire.desk.app.new_setup_link(&Caller::operator()).await.unwrap();
    link.rsplit_once('#').unwrap().1.to_owned()
}

fn ada(token: &str) -> Value {
    json!({"token": token, "first_name": "Ada", "email": "ada@example.org", "password": PASSWORD})
}

#[tokio::test]
async fn until_it_is_set_up_a_desk_answers_set_up_and_health_only() {
    let wire = Wire::empty().await;
    let nobody = wire.nobody();
    for path in ["/api/v1/agents", "/api/v1/agents/me", "/logout", "/api/v1/statuses"] {
        nobody.get(path).await.refuses(503, "GeneralException", NOT_YET);
    }
    nobody.post("/api/v1/auth/login", &json!({})).await.refuses(503, "GeneralException", NOT_YET);
    nobody.post("/api/v1/agents/reset-password", &json!({})).await.refuses(503, "GeneralException", NOT_YET);
    assert_eq!(nobody.get("/health").await.status(), 200);
    assert_eq!(nobody.get("/ready").await.status(), 200);
    assert_eq!(nobody.get("/api/v1/nothing").await.status(), 404);
}

#[tokio::test]
async fn the_link_makes_one_administrator_who_is_signed_in() {
    let wire = Wire::empty().await;
    let token = token(&wire).await;
    let answer = wire.nobody().post(SET_UP, &ada(&token)).await;
    let data = answer.data();
    assert_eq!((&data["first_name"], &data["roles"]), (&json!("Ada"), &json!(["Admin"])));
    let session = wire.session(&answer);
    assert_eq!(session.get("/api/v1/agents").await.data()[0]["email"], "ada@example.org");
    wire.nobody().post(SET_UP, &ada(&token)).await.refuses(404, "NotFoundException", "Not found");
    wire.sign_in("ada@example.org").await;
}

#[tokio::test]
async fn wrong_tokens_and_missing_fields_are_refused_and_the_link_stays_good() {
    let wire = Wire::empty().await;
    let token = token(&wire).await;
    let expired = "Token is invalid or expired, Please try again by requesting a new password reset link";
    wire.nobody().post(SET_UP, &ada("wrong")).await.refuses(400, "InputException", expired);
    for field in ["token", "first_name", "email", "password"] {
        let mut body = ada(&token);
        body.as_object_mut().unwrap().remove(field);
        wire.nobody().post(SET_UP, &body).await.refuses(400, "InputException", &format!("`{field}` empty"));
    }
    let mut weak = ada(&token);
    weak["password"] = json!("short");
    assert_eq!(wire.nobody().post(SET_UP, &weak).await.status(), 400);
    let mut odd = ada(&token);
    odd["email"] = json!("ada");
    wire.nobody().post(SET_UP, &odd).await.refuses(400, "InputException", "Invalid email address");
    assert_eq!(wire.nobody().post(SET_UP, &ada(&token)).await.status(), 200);
}

#[tokio::test]
async fn the_link_dies_after_a_day() {
    let wire = Wire::empty().await;
    let token = token(&wire).await;
    wire.desk.advance(std::time::Duration::from_secs(24 * 3600)).await;
    assert_eq!(wire.nobody().post(SET_UP, &ada(&token)).await.status(), 400);
}
