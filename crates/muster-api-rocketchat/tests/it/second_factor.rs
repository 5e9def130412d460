//! Signing in with a second factor, and the limit that holds for an account.

use std::time::Duration;

use muster_app::auth::Origin;
use muster_core::actor::{Actor, Caller, Via};
use muster_core::second_factor::{Requirement, Secret};
use muster_testkit::{PASSWORD, Reply, TestEngine, both_engines};
use serde_json::{Value, json};

use crate::support::{LOGIN, Said as _, Setting, Wire};

both_engines!(
    a_code_comes_beside_the_password_or_around_the_request,
    of_two_sign_ins_with_one_code_one_wins,
    whoever_lacks_a_second_factor_is_held,
    too_many_wrong_passwords_stop_an_account,
    a_name_that_no_store_holds_is_nobodys,
);

async fn login(wire: &Wire, body: Value) -> Reply {
    wire.nobody().post(LOGIN, &body).await
}

/// Gives the agent `kim` a second factor, as the desk's own pages do. Answers its secret and the recovery codes.
async fn kim(wire: &Wire) -> (Secret, Vec<String>) {
    wire.desk.agent("kim").password().await;
    let app = &wire.desk.app;
    let origin = Origin { ip: None, user_agent: None, request_id: None, via: Via::Api };
    let token = app.sign_in(&origin, "kim", PASSWORD).await.unwrap().token;
    let session = app.authenticate_session(&token).await.unwrap();
    let caller =
        Caller { actor: Actor::Agent(session.actor), via: Via::Api, request_id: None, ip: None, credential: None };
    let secret = Secret::parse(&app.begin_second_factor(&caller, PASSWORD).await.unwrap().secret).unwrap();
    let codes = app.confirm_second_factor(&caller, &token, &secret.code(wire.desk.now())).await.unwrap();
    wire.desk.advance(Duration::from_secs(30)).await;
    (secret, codes)
}

fn refusal(error: &str, message: &str) -> Value {
    let details = json!({"method": "totp", "codeGenerated": false, "availableMethods": ["totp"]});
    json!({"success": false, "status": "error", "error": error, "message": message, "details": details})
}

async fn a_code_comes_beside_the_password_or_around_the_request(engine: TestEngine) {
    let (wire, _) = Wire::on(engine).await;
    let (secret, codes) = kim(&wire).await;
    let plain = json!({"user": "kim", "password": PASSWORD});
    let required = refusal("totp-required", "TOTP Required");
    login(&wire, plain.clone()).await.refuses(401, &required);
    login(&wire, json!({"totp": {"login": plain}})).await.refuses(401, &required);
    let invalid = refusal("totp-invalid", "TOTP Invalid");
    login(&wire, json!({"user": "kim", "password": PASSWORD, "code": "000000"})).await.refuses(401, &invalid);
    let unauthorized = json!({"success": false, "status": "error", "error": "Unauthorized", "message": "Unauthorized"});
    login(&wire, json!({"user": "kim", "password": "wrong", "code": codes[0]})).await.refuses(401, &unauthorized);

    let code = secret.code(wire.desk.now());
    let answer = login(&wire, json!({"user": "kim", "password": PASSWORD, "code": code})).await.ok();
    let data = &answer["data"];
    let client = wire.with_token(data["userId"].as_str().unwrap(), data["authToken"].as_str().unwrap());
    client.get("/api/v1/me").await.ok();
    login(&wire, json!({"resume": data["authToken"]})).await.ok();
    login(&wire, json!({"totp": {"login": plain, "code": code}})).await.refuses(401, &invalid);
    login(&wire, json!({"totp": {"login": plain, "code": codes[1]}})).await.ok();
    login(&wire, json!({"totp": {"login": plain, "code": codes[1]}})).await.refuses(401, &invalid);
}

async fn of_two_sign_ins_with_one_code_one_wins(engine: TestEngine) {
    let (wire, _) = Wire::on(engine).await;
    let (secret, _) = kim(&wire).await;
    let body = json!({"user": "kim", "password": PASSWORD, "code": secret.code(wire.desk.now())});
    let tries = tokio::join!(login(&wire, body.clone()), login(&wire, body.clone()), login(&wire, body));
    let mut statuses = [&tries.0, &tries.1, &tries.2].map(|answer| answer.status().as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
}

async fn whoever_lacks_a_second_factor_is_held(engine: TestEngine) {
    let setting = Setting { engine, second_factor: Requirement::Administrators, ..Setting::default() };
    let (wire, ada) = Wire::with(setting).await;
    ada.get("/api/v1/me").await.ok();
    let text = "Please set up a second factor first [error-second-factor-required]";
    let held = json!({"success": false, "error": text, "errorType": "error-second-factor-required"});
    for path in ["/api/v1/users.list", "/api/v1/livechat/department", "/api/v1/livechat/users/agent"] {
        ada.get(path).await.refuses(403, &held);
    }
    ada.post("/api/v1/logout", &json!({})).await.ok();
    wire.desk.agent("kim").password().await;
    wire.sign_in("kim").await.get("/api/v1/livechat/users/agent").await.ok();
}

async fn too_many_wrong_passwords_stop_an_account(engine: TestEngine) {
    let (wire, _) = Wire::with(Setting { engine, rate_limits: true, ..Setting::default() }).await;
    wire.desk.agent("kim").password().await;
    wire.desk.advance(Duration::from_secs(60)).await;
    for _ in 0..10 {
        assert_eq!(login(&wire, json!({"user": "kim", "password": "wrong"})).await.status(), 401);
    }
    // The address may call again, the account takes no password yet.
    wire.desk.advance(Duration::from_secs(60)).await;
    let stopped = login(&wire, json!({"email": "kim@example.org", "password": PASSWORD})).await;
    assert_eq!((stopped.status().as_u16(), stopped.header("retry-after")), (429, Some("840")));
    wire.sign_in("ada").await;
    wire.desk.advance(Duration::from_secs(840)).await;
    wire.sign_in("kim").await;
}

async fn a_name_that_no_store_holds_is_nobodys(engine: TestEngine) {
    let (wire, _) = Wire::on(engine).await;
    for body in [json!({"user": "ki\0m", "password": PASSWORD}), json!({"resume": "a\0b"})] {
        assert_eq!(login(&wire, body).await.status(), 400);
    }
}
