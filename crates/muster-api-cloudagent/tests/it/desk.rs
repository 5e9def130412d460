//! Agents' own way in and out.

use muster_app::auth::Origin;
use muster_core::actor::{Actor, Caller, Via};
use muster_core::agent::Mode;
use muster_core::presence::{Intent, Link};
use muster_core::second_factor::Secret;
use muster_testkit::{Client, PASSWORD, Reply, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, DESK, Setup, TOO_MANY, Wire, is};

const IN: &str = r#"{"status": "success","message": "Agent kim logged in successfully"}"#;
const OUT: &str = r#"{"status": "success","message": "Agent kim logged out successfully"}"#;
const WRONG_PAIR: &str = r#"{"status": "error","message": "Invalid userName or apiKey"}"#;
const WRONG_AGENT: &str = r#"{"status": "error","message": "Invalid Authentication"}"#;

async fn send(wire: &Wire, password: &str, changes: Value) -> Reply {
    wire.desk_call("kim", password, changes).await
}

async fn an_agent_logs_in_and_out(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.agent("kim").await;
    let edit = json!({"agentId": "kim", "email": "kim@example.org", "password": "abc", "blended": true});
    wire.ok(&wire.edit(edit).await);
    is(&send(&wire, "abc", json!({"phoneNumber": "+5550100"})).await, 200, IN);
    let state = wire.agent("kim").await.state;
    assert_eq!((state.link, state.intent), (Link::Live, Intent::Ready));
    assert_eq!((state.mode.map(Mode::as_str), state.phone.as_deref()), (Some("blended"), Some("+5550100")));
    let again = r#"{"status": "error","message": "Agent has already logged in"}"#;
    is(&send(&wire, "abc", json!({"phoneNumber": "+5550100"})).await, 400, again);
    is(&send(&wire, "abc", json!({"action": "LOGOUT"})).await, 200, OUT);
    let not_in = r#"{"status": "error","message": "Agent kim is not logged in"}"#;
    is(&send(&wire, "abc", json!({"action": "logout"})).await, 400, not_in);
    let paused = json!({"action": "Login", "state": "pause", "mode": "Chat", "phoneNumber": "5550100"});
    is(&send(&wire, "abc", paused).await, 200, IN);
    let state = wire.agent("kim").await.state;
    assert_eq!((state.intent, state.mode.map(Mode::as_str)), (Intent::Paused, Some("chat")));
}

both_engines!(an_agent_logs_in_and_out);

#[tokio::test]
async fn the_form_comes_in_parts_or_urlencoded_or_as_json() {
    let wire = Wire::new().await;
    wire.desk.agent("kim").password().await;
    let client = wire.nobody();
    let fields =
        [("userName", ACCOUNT), ("apiKey", wire.key.as_str()), ("phoneNumber", "5550100"), ("action", "login")];
    let basic = |client: &Client| client.request(Method::POST, DESK).basic_auth("kim", Some(PASSWORD));
    let parts = fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| {
        form.text((*name).to_owned(), (*value).to_owned())
    });
    is(&client.send(basic(&client).multipart(parts)).await, 200, IN);
    is(&send(&wire, PASSWORD, json!({"action": "logout"})).await, 200, OUT);
    let sent: Value =
        fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into();
    is(&client.send(basic(&client).json(&sent)).await, 200, IN);
}

#[tokio::test]
async fn who_does_not_say_who_they_are_is_refused() {
    let wire = Wire::new().await;
    wire.desk.agent("kim").password().await;
    for changes in
        [json!({"userName": ""}), json!({"userName": "nobody"}), json!({"apiKey": "x"}), json!({"apiKey": ""})]
    {
        is(&send(&wire, PASSWORD, changes).await, 401, WRONG_PAIR);
    }
    let phone = json!({"phoneNumber": "5550100"});
    is(&send(&wire, "Wrong-horse-7", phone.clone()).await, 401, WRONG_AGENT);
    is(&send(&wire, "", phone.clone()).await, 401, WRONG_AGENT);
    is(&wire.desk_call("zz", PASSWORD, phone.clone()).await, 401, WRONG_AGENT);
    let client = wire.nobody();
    let sent = json!({"userName": ACCOUNT, "apiKey": wire.key, "phoneNumber": "5550100", "action": "login"});
    is(&client.post(DESK, &sent).await, 401, WRONG_AGENT);
    is(&client.send(client.request(Method::POST, DESK)).await, 401, WRONG_PAIR);
    assert_eq!(wire.agent("kim").await.state.link, Link::Absent);
}

#[tokio::test]
async fn what_can_not_be_done_is_said() {
    let wire = Wire::new().await;
    for name in ["kim", "lee"] {
        wire.desk.agent(name).password().await;
    }
    let refusal = |message: &str| format!(r#"{{"status": "error","message": "{message}"}}"#);
    let phone = "5550100";
    for (changes, message) in [
        (json!({"action": "", "phoneNumber": phone}), "action is Invalid"),
        (json!({"action": "sleep", "phoneNumber": phone}), "action is Invalid"),
        (json!({}), "phoneNumber should not be empty"),
        (json!({"phoneNumber": "12"}), "phoneNumber is Invalid"),
        (json!({"phoneNumber": "call me"}), "phoneNumber is Invalid"),
        (json!({"phoneNumber": phone, "mode": "sideways"}), "Agent mode is Invalid"),
        (json!({"phoneNumber": phone, "mode": "manual"}), "Agent mode is Invalid"),
        (json!({"phoneNumber": phone, "state": "sleepy"}), "The state should be either 'Ready' or 'Pause' state'"),
    ] {
        is(&send(&wire, PASSWORD, changes).await, 400, &refusal(message));
    }
    wire.logs_in("lee", PASSWORD, json!({"phoneNumber": phone})).await;
    let in_use = refusal("lee logged in with the number (5550100)");
    is(&send(&wire, PASSWORD, json!({"phoneNumber": phone})).await, 400, &in_use);
}

#[tokio::test]
async fn locked_agents_are_told_nothing_and_may_come_again_once_unlocked() {
    let wire = Wire::new().await;
    wire.desk.agent("kim").password().await;
    let lock = |locked: bool| json!({"agentId": "kim", "email": "kim@example.org", "locked": locked});
    wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100"})).await;
    wire.ok(&wire.edit(lock(true)).await);
    assert_eq!(wire.agent("kim").await.state.link, Link::Absent);
    is(&send(&wire, PASSWORD, json!({"phoneNumber": "5550100"})).await, 401, WRONG_AGENT);
    wire.ok(&wire.edit(lock(false)).await);
    is(&send(&wire, PASSWORD, json!({"phoneNumber": "5550100"})).await, 200, IN);
}

#[tokio::test]
async fn a_new_password_ends_the_sign_in() {
    let wire = Wire::new().await;
    wire.desk.agent("kim").password().await;
    wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100"})).await;
    wire.ok(&wire.edit(json!({"agentId": "kim", "email": "kim@example.org", "password": "abc"})).await);
    assert_eq!(wire.agent("kim").await.state.link, Link::Absent);
    is(&send(&wire, "abc", json!({"phoneNumber": "5550100"})).await, 200, IN);
}

#[tokio::test]
async fn guessing_passwords_ends_after_a_minutes_worth() {
    let wire = Wire::limited().await;
    wire.desk.agent("kim").password().await;
    for number in 0..60 {
        let guess = wire.desk_call(&format!("kim{number}"), "wrong", json!({"phoneNumber": "5550100"})).await;
        is(&guess, 401, WRONG_AGENT);
    }
    is(&send(&wire, PASSWORD, json!({"phoneNumber": "5550100"})).await, 429, TOO_MANY);
    // Not the sign-in's own limit: the address is refused wherever it calls.
    is(&wire.edit(json!({})).await, 429, TOO_MANY);
}

#[tokio::test]
async fn guessing_one_agents_password_ends_after_ten_guesses() {
    let wire = Wire::limited().await;
    wire.desk.agent("kim").password().await;
    wire.desk.agent("lee").password().await;
    for _ in 0..10 {
        is(&send(&wire, "wrong", json!({"phoneNumber": "5550100"})).await, 401, WRONG_AGENT);
    }
    is(&send(&wire, PASSWORD, json!({"phoneNumber": "5550100"})).await, 429, TOO_MANY);
    wire.logs_in("lee", PASSWORD, json!({"phoneNumber": "5550101"})).await;
}

async fn a_name_that_no_store_holds_is_nobodys(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    for (login, password) in [("ki\0m", PASSWORD), ("kim", "sec\0ret")] {
        let answer = wire.desk_call(login, password, json!({"phoneNumber": "5550100"})).await;
        is(&answer, 401, WRONG_AGENT);
    }
}

/// The sign-in asks for no code: whoever has a second factor uses the password that is good here alone.
async fn the_desks_password_is_not_enough_for_whoever_has_a_second_factor(engine: TestEngine) {
    let wire = Wire::with(Setup { engine, ..Setup::default() }).await;
    wire.desk.agent("kim").password().await;
    let edit = json!({"agentId": "kim", "email": "kim@example.org", "password": "abc"});
    wire.ok(&wire.edit(edit).await);
    wire.logs_in("kim", PASSWORD, json!({"phoneNumber": "5550100"})).await;
    assert_eq!(wire.agent("kim").await.state.link, Link::Live);

    let app = &wire.desk.app;
    let origin = Origin { ip: None, user_agent: None, request_id: None, via: Via::Api };
    let token = app.sign_in(&origin, "kim", PASSWORD).await.unwrap().token;
    let actor = Actor::Agent(app.authenticate_session(&token).await.unwrap().actor);
    let kim = Caller { actor, via: Via::Api, request_id: None, ip: None, credential: None };
    let secret = app.begin_second_factor(&kim, PASSWORD).await.unwrap().secret;
    let code = Secret::parse(&secret).unwrap().code(wire.desk.now());
    app.confirm_second_factor(&kim, &token, &code).await.unwrap();

    assert_eq!(wire.agent("kim").await.state.link, Link::Absent);
    is(&send(&wire, PASSWORD, json!({"phoneNumber": "5550100"})).await, 401, WRONG_AGENT);
    wire.logs_in("kim", "abc", json!({"phoneNumber": "5550100"})).await;
    is(&send(&wire, PASSWORD, json!({"action": "logout"})).await, 401, WRONG_AGENT);
}

both_engines!(a_name_that_no_store_holds_is_nobodys, the_desks_password_is_not_enough_for_whoever_has_a_second_factor,);
