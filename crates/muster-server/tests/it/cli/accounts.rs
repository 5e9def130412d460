//! An agent's own account, from the first sign-in to the way back in.

use std::time::Duration;

use muster_app::{Clock as _, SystemClock};
use muster_core::second_factor::Secret;
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, answer};
use crate::program::{Place, Serving, ended_with_input};

const EMAIL: &str = "kim@example.org";
const NEW_PASSWORD: &str = "Another-horse-9";
const FACTOR: &str = "/api/v1/agents/me/second-factor";
const SESSIONS: &str = "/api/v1/agents/me/sessions";

/// A browser: it keeps the cookies that it is given, and sends the CSRF token along.
struct Browser<'s> {
    desk: &'s Serving,
    http: reqwest::Client,
    csrf: String,
}

impl<'s> Browser<'s> {
    fn new(desk: &'s Serving) -> Self {
        let http = reqwest::Client::builder().no_proxy().cookie_store(true).build().unwrap();
        Self { desk, http, csrf: String::new() }
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.desk.base));
        let request = request.header("x-csrftoken", &self.csrf);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = request.send().await.unwrap();
        self.keep(&response);
        answer(response).await
    }

    fn keep(&mut self, response: &Response) {
        if let Some(cookie) = response.cookies().find(|cookie| cookie.name() == "csrf_token") {
            cookie.value().clone_into(&mut self.csrf);
        }
    }

    /// `data` of a success.
    async fn data(&mut self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let (status, mut body) = self.send(method, path, body).await;
        assert_eq!((status, &body["status"]), (StatusCode::OK, &json!("success")), "{path}: {body}");
        body["data"].take()
    }

    async fn sign_in(&mut self, password: &str, code: Option<&str>) -> (StatusCode, Value) {
        let body = json!({"email": EMAIL, "password": password, "totp_code": code});
        self.send(Method::POST, "/api/v1/auth/login", Some(&body)).await
    }
}

/// The code of the device, and the one that follows it, which is good already.
fn codes(secret: &Secret) -> (String, String) {
    let now = SystemClock.now();
    (secret.code(now), secret.code(now + Duration::from_secs(30)))
}

async fn set_up(browser: &mut Browser<'_>) -> (Secret, Vec<String>) {
    let begun = browser.data(Method::POST, FACTOR, Some(&json!({"current_password": NEW_PASSWORD}))).await;
    let secret = Secret::parse(begun["secret"].as_str().unwrap()).unwrap();
    let code = json!({"code": codes(&secret).0});
    let confirmed = browser.data(Method::POST, &format!("{FACTOR}/confirm"), Some(&code)).await;
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn an_agent_keeps_the_own_account_and_finds_back_in(engine: TestEngine) {
    let place = Place::new(engine).await;
    let variables = [("MUSTER_SECURITY__REQUIRE_SECOND_FACTOR", "administrators"), ("MUSTER_LOG", "trace")];
    let mut desk = place.serve_with(&[], &variables);
    let create = place.command(&["admin", "create", "--email", EMAIL, "--first-name", "Kim", "--password-stdin"]);
    ended_with_input(create, &format!("{PASSWORD}\n")).ok();

    let mut kim = Browser::new(&desk);
    assert_eq!(kim.sign_in(PASSWORD, None).await.0, StatusCode::OK);
    let (status, refused) = kim.send(Method::GET, "/api/v1/agents", None).await;
    assert_eq!((status, &refused["data"]), (StatusCode::FORBIDDEN, &json!("set_up")), "{refused}");
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    kim.data(Method::PUT, "/api/v1/agents/me/password", Some(&change)).await;
    let (secret, recovery_codes) = set_up(&mut kim).await;
    kim.data(Method::GET, "/api/v1/agents", None).await;

    let mut other = Browser::new(&desk);
    let (status, wanted) = other.sign_in(NEW_PASSWORD, None).await;
    assert_eq!((status, &wanted["data"]), (StatusCode::UNAUTHORIZED, &json!("wanted")), "{wanted}");
    let next = codes(&secret).1;
    assert_eq!(other.sign_in(NEW_PASSWORD, Some(&next)).await.0, StatusCode::OK);
    assert_eq!(Browser::new(&desk).sign_in(NEW_PASSWORD, Some(&next)).await.0, StatusCode::UNAUTHORIZED);
    let sessions = kim.data(Method::GET, SESSIONS, None).await;
    assert_eq!(sessions.as_array().unwrap().len(), 2, "{sessions}");
    kim.data(Method::DELETE, SESSIONS, None).await;
    assert_eq!(other.send(Method::GET, SESSIONS, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(other.sign_in(NEW_PASSWORD, Some(&recovery_codes[0])).await.0, StatusCode::OK);
    assert_eq!(kim.data(Method::GET, FACTOR, None).await["recovery_codes_left"], 9);

    let printed = place.run(&["admin", "reset-second-factor", "--agent", EMAIL]).ok();
    assert!(printed.contains("no second factor any more"), "{printed}");
    super::until("the sessions have ended", async || {
        let known = kim.send(Method::GET, SESSIONS, None).await.0 == StatusCode::OK;
        !known && other.send(Method::GET, SESSIONS, None).await.0 == StatusCode::UNAUTHORIZED
    })
    .await;
    assert_eq!(kim.sign_in(NEW_PASSWORD, None).await.0, StatusCode::OK);
    assert_eq!(kim.data(Method::GET, FACTOR, None).await["required"], true);
    assert_eq!(place.run(&["admin", "reset-second-factor", "--agent", "nobody@example.org"]).code, Some(1));
    assert!(place.run(&["admin", "reset-second-factor", "--agent", EMAIL]).ok().contains("nothing was changed"));

    drop((kim, other));
    let log = desk.kill();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is not read at its fullest");
    let secrets = [PASSWORD, NEW_PASSWORD, &secret.base32()];
    for secret in secrets.into_iter().chain(recovery_codes.iter().map(String::as_str)) {
        assert!(!log.contains(secret), "the log holds {secret:?}");
    }
}

both_engines!(an_agent_keeps_the_own_account_and_finds_back_in);
