//! What an agent does with the own account: password, sessions and second factor, and what an administrator may do.

use std::time::Duration;

use muster_core::second_factor::{Requirement, Secret};
use muster_testkit::{Client, PASSWORD, Reply, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sockets::{Socket, refusal};
use crate::support::{Said as _, Wire};

both_engines!(
    the_own_password_is_changed_and_this_session_alone_goes_on,
    an_agent_sees_and_ends_the_own_sessions_only,
    an_administrator_ends_others_sessions,
    a_session_that_is_ended_takes_its_socket_and_presence_along,
    a_second_factor_is_set_up_asked_for_and_turned_off,
    a_code_is_refused_the_second_time,
    an_administrator_without_a_second_factor_is_held_until_there_is_one,
    too_many_wrong_passwords_stop_an_account_from_any_address,
    a_name_that_no_store_holds_is_nobodys,
);

const LOGIN: &str = "/api/v1/auth/login";
const SESSIONS: &str = "/api/v1/agents/me/sessions";
const FACTOR: &str = "/api/v1/agents/me/second-factor";
const NEW_PASSWORD: &str = "Another-horse-8";
const STEP: Duration = Duration::from_secs(30);

async fn wire(engine: TestEngine) -> Wire {
    let wire = Wire::configured(engine, |_| {}).await;
    wire.desk.admin().await;
    wire.desk.agent("kim").password().await;
    wire
}

async fn login(wire: &Wire, body: &Value) -> Reply {
    wire.nobody().post(LOGIN, body).await
}

fn with_code(code: &str) -> Value {
    json!({"email": "kim@example.org", "password": PASSWORD, "totp_code": code})
}

async fn delete(client: &Client, path: &str, body: &Value) -> Reply {
    client.send(client.request(Method::DELETE, path).json(body)).await
}

#[track_caller]
fn asks(answer: &Reply, status: u16, kind: &str, data: &str) {
    let body = answer.json();
    let found = (answer.status().as_u16(), &body["error_type"], &body["data"]);
    assert_eq!(found, (status, &json!(kind), &json!(data)), "{}", answer.shown());
}

async fn the_own_password_is_changed_and_this_session_alone_goes_on(engine: TestEngine) {
    let wire = wire(engine).await;
    let (this, other) = (wire.sign_in("kim@example.org").await, wire.sign_in("kim@example.org").await);
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let path = "/api/v1/agents/me/password";
    let wrong = "The current password is wrong";
    this.put(path, &change("wrong", NEW_PASSWORD)).await.refuses(400, "InputException", wrong);
    this.put(path, &change("", NEW_PASSWORD)).await.refuses(400, "InputException", "`current_password` empty");
    this.put(path, &change(PASSWORD, "weak")).await.refuses(400, "InputException", muster_core::password::DESK_RULE);
    other.get("/api/v1/agents/me").await.data();

    let answer = this.put(path, &change(PASSWORD, NEW_PASSWORD)).await;
    assert_eq!(answer.data()["email"], "kim@example.org");
    let renewed = wire.session(&answer);
    for old in [&this, &other] {
        old.get("/api/v1/agents/me").await.refuses(401, "GeneralException", "Invalid or expired session");
    }
    renewed.put("/api/v1/agents/me/availability", &json!({"status": "online"})).await.data();
    let old = login(&wire, &json!({"email": "kim@example.org", "password": PASSWORD})).await;
    old.refuses(400, "InputException", "Invalid email or password.");
    login(&wire, &json!({"email": "kim@example.org", "password": NEW_PASSWORD})).await.data();
}

async fn an_agent_sees_and_ends_the_own_sessions_only(engine: TestEngine) {
    let wire = wire(engine).await;
    let ada = wire.sign_in("ada@example.org").await;
    let ada_session = ada.get(SESSIONS).await.data()[0]["id"].as_str().unwrap().to_owned();
    let first = wire.sign_in("kim@example.org").await;
    wire.desk.advance(STEP).await;
    let second = wire.sign_in("kim@example.org").await;
    wire.desk.advance(STEP).await;
    let third = wire.sign_in("kim@example.org").await;

    let sessions = first.get(SESSIONS).await.data();
    let current: Vec<&Value> = sessions.as_array().unwrap().iter().map(|session| &session["current"]).collect();
    assert_eq!(current, [&json!(false), &json!(false), &json!(true)]);
    let keys: Vec<&String> = sessions[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["created_at", "current", "expires_at", "id", "ip", "kind", "user_agent"]);
    assert_eq!((&sessions[0]["kind"], &sessions[0]["ip"]), (&json!("browser"), &json!("127.0.0.1")));

    first.delete(&format!("{SESSIONS}/{ada_session}")).await.refuses(404, "NotFoundException", "Not found");
    ada.get("/api/v1/agents/me").await.data();
    let third_id = sessions[0]["id"].as_str().unwrap();
    first.delete(&format!("{SESSIONS}/{third_id}")).await.data();
    assert_eq!(third.get("/api/v1/agents/me").await.status(), 401);
    second.get("/api/v1/agents/me").await.data();
    first.delete(&format!("{SESSIONS}/{third_id}")).await.refuses(404, "NotFoundException", "Not found");
    first.delete(SESSIONS).await.data();
    assert_eq!(second.get("/api/v1/agents/me").await.status(), 401);
    assert_eq!(first.get(SESSIONS).await.data().as_array().unwrap().len(), 1);
}

async fn an_administrator_ends_others_sessions(engine: TestEngine) {
    let wire = wire(engine).await;
    let kim = wire.sign_in("kim@example.org").await;
    let other = wire.sign_in("kim@example.org").await;
    let id = kim.get("/api/v1/agents/me").await.data()["id"].as_i64().unwrap();
    let ada = wire.sign_in("ada@example.org").await;
    let path = format!("/api/v1/agents/{id}/sessions");
    let sessions = ada.get(&path).await.data();
    let sessions = sessions.as_array().unwrap();
    assert!(sessions.len() == 2 && sessions.iter().all(|session| session["current"] == false), "{sessions:?}");
    ada.delete(&format!("{path}/{}", sessions[0]["id"].as_str().unwrap())).await.data();
    let left = [kim.get("/api/v1/agents/me").await.status(), other.get("/api/v1/agents/me").await.status()];
    assert_eq!(left.iter().filter(|status| **status == 200).count(), 1);
    ada.delete(&path).await.data();
    assert_eq!(ada.get(&path).await.data(), json!([]));
    ada.get("/api/v1/agents/me").await.data();
}

async fn a_session_that_is_ended_takes_its_socket_and_presence_along(engine: TestEngine) {
    let wire = wire(engine).await;
    let (first, second) = (wire.sign_in("kim@example.org").await, wire.sign_in("kim@example.org").await);
    wire.desk.quiet().await;
    let browser = second.clone().header("origin", "http://localhost:5173");
    let mut socket = Socket(browser.socket("/ws").await.unwrap());
    socket.text("ping").await;
    socket.heard_until("pong").await;
    let kim = first.get("/api/v1/agents/me").await.data();
    assert_eq!(kim["availability_status"], "online");
    first.delete(SESSIONS).await.data();
    assert_eq!(socket.closed().await, (1000, "kicked".to_owned()));
    assert_eq!(refusal(browser.socket("/ws").await).0, 401);
    assert_eq!(first.get("/api/v1/agents/me").await.data()["availability_status"], "offline");
}

/// Sets a second factor up, and answers its secret and the recovery codes.
async fn set_up(wire: &Wire, client: &Client) -> (Secret, Vec<String>) {
    let begun = client.post(FACTOR, &json!({"current_password": PASSWORD})).await.data();
    let secret = begun["secret"].as_str().unwrap();
    let uri = begun["otpauth_uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Muster:") && uri.contains(secret), "{uri}");
    let secret = Secret::parse(secret).unwrap();
    let code = json!({"code": secret.code(wire.desk.now())});
    let confirmed = client.post(&format!("{FACTOR}/confirm"), &code).await.data();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    wire.desk.advance(STEP).await;
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn a_second_factor_is_set_up_asked_for_and_turned_off(engine: TestEngine) {
    let wire = wire(engine).await;
    let kim = wire.sign_in("kim@example.org").await;
    let off = json!({"enabled": false, "required": false, "recovery_codes_left": 0});
    assert_eq!(kim.get(FACTOR).await.data(), off);
    let (secret, codes) = set_up(&wire, &kim).await;
    assert_eq!(kim.get(FACTOR).await.data(), json!({"enabled": true, "required": false, "recovery_codes_left": 10}));
    let again = kim.post(FACTOR, &json!({"current_password": PASSWORD})).await;
    again.refuses(409, "ConflictException", "There is a second factor already, Please turn it off first");

    let without = login(&wire, &json!({"email": "kim@example.org", "password": PASSWORD})).await;
    asks(&without, 401, "SecondFactorException", "wanted");
    assert!(without.header("set-cookie").is_none());
    let wrong = login(&wire, &json!({"email": "kim@example.org", "password": "wrong", "totp_code": codes[0]})).await;
    wrong.refuses(400, "InputException", "Invalid email or password.");
    asks(&login(&wire, &with_code("000000")).await, 401, "SecondFactorException", "wrong");
    login(&wire, &with_code(&secret.code(wire.desk.now()))).await.data();
    login(&wire, &with_code(&codes[0])).await.data();
    asks(&login(&wire, &with_code(&codes[0])).await, 401, "SecondFactorException", "wrong");

    let proof = |code: &str| json!({"current_password": PASSWORD, "code": code});
    let renewed = kim.post(&format!("{FACTOR}/recovery-codes"), &proof(&codes[1])).await.data();
    let codes = renewed["recovery_codes"].as_array().unwrap();
    asks(&delete(&kim, FACTOR, &proof("000000")).await, 401, "SecondFactorException", "wrong");
    delete(&kim, FACTOR, &proof(codes[0].as_str().unwrap())).await.data();
    assert_eq!(kim.get(FACTOR).await.data(), off);
    wire.sign_in("kim@example.org").await;
}

async fn a_code_is_refused_the_second_time(engine: TestEngine) {
    let wire = wire(engine).await;
    let kim = wire.sign_in("kim@example.org").await;
    let (secret, _) = set_up(&wire, &kim).await;
    let body = with_code(&secret.code(wire.desk.now()));
    let tries = tokio::join!(login(&wire, &body), login(&wire, &body), login(&wire, &body));
    let mut statuses = [&tries.0, &tries.1, &tries.2].map(|answer| answer.status().as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
}

async fn an_administrator_without_a_second_factor_is_held_until_there_is_one(engine: TestEngine) {
    let wire = Wire::configured(engine, |settings| settings.second_factor = Requirement::Administrators).await;
    let handle = wire.desk.admin().await;
    wire.desk.agent("kim").password().await;
    wire.sign_in("kim@example.org").await.get("/api/v1/teams/compact").await.data();
    let ada = wire.sign_in("ada@example.org").await;
    for route in wire.routes.iter().filter(|route| !route.path.contains("/widget/")) {
        if route.path == "/logout" {
            continue;
        }
        let path = route.path.replace("{id}", "1").replace("{uuid}", &uuid::Uuid::nil().to_string());
        let answer = ada.send(ada.request(route.method.clone(), &path)).await;
        if asks_for_the_desk(route.guard.access) {
            asks(&answer, 403, "SecondFactorException", "set_up");
        } else {
            assert_ne!(answer.status(), 403, "{} {path}", route.method);
        }
    }
    wire.client(&handle).get("/api/v1/agents").await.data();
    assert_eq!(ada.get("/logout").await.status(), 302);

    let ada = wire.sign_in("ada@example.org").await;
    ada.get("/api/v1/agents/me").await.data();
    asks(&ada.get("/ws").await, 403, "SecondFactorException", "set_up");
    assert_eq!(ada.get(FACTOR).await.data()["required"], true);
    set_up(&wire, &ada).await;
    ada.get("/api/v1/agents").await.data();
}

fn asks_for_the_desk(access: muster_api_libredesk::Access) -> bool {
    use muster_api_libredesk::Access as A;
    match access {
        A::AnyAgent | A::Linked | A::May(_) => true,
        A::Always | A::Open | A::SignedOut | A::Session | A::OwnAccount => false,
    }
}

async fn too_many_wrong_passwords_stop_an_account_from_any_address(engine: TestEngine) {
    let wire = wire(engine).await;
    for name in ["kim@example.org", "nobody@example.org"] {
        let body = |password: &str| json!({"email": name, "password": password});
        for _ in 0..10 {
            login(&wire, &body("wrong")).await.refuses(400, "InputException", "Invalid email or password.");
        }
        for password in ["wrong", PASSWORD] {
            let stopped = login(&wire, &body(password)).await;
            let text = "Too many wrong passwords or codes, Please try again later";
            stopped.refuses(429, "RateLimitException", text);
            assert_eq!(stopped.header("retry-after"), Some("900"));
        }
    }
    login(&wire, &json!({"email": "ada@example.org", "password": PASSWORD})).await.data();
    wire.desk.advance(Duration::from_secs(900)).await;
    wire.sign_in("kim@example.org").await;
}

async fn a_name_that_no_store_holds_is_nobodys(engine: TestEngine) {
    use base64::Engine as _;
    let wire = wire(engine).await;
    for pair in ["ki\0m:secret", "kim:sec\0ret"] {
        let header = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let answer = wire.nobody().header("authorization", &header).get("/api/v1/agents/me").await;
        answer.refuses(401, "GeneralException", "Invalid or expired session");
    }
    let answer = login(&wire, &json!({"email": "ki\0m", "password": PASSWORD})).await;
    answer.refuses(400, "InputException", "Error parsing request");
}
