//! Nothing that somebody must not know gets into the log, even where everything is logged.

use muster_testkit::{TestEngine, both_engines};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::program::{Place, ended_with_input};

both_engines!(no_secret_gets_into_the_log);

const PASSWORD: &str = "Corr3ct-horse_battery";
const WRONG: &str = "Wr0ng-horse_battery";
const NEW: &str = "An0ther-horse_battery";

/// Whatever of it is text, `data` of a success.
async fn data(request: RequestBuilder) -> Value {
    let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["status"], "success", "{answer}");
    answer["data"].take()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn no_secret_gets_into_the_log(engine: TestEngine) {
    let place = Place::new(engine).await;
    let mut desk = place.serve_with(&[], &[("MUSTER_LOG", "trace")]);
    let url = |path: &str| format!("{}{path}", desk.base);
    let setup_token = desk.printed.iter().find_map(|line| line.split_once("/setup#")).unwrap().1.to_owned();
    let admin = ["admin", "create", "--email", "ada@example.org", "--first-name", "Ada", "--password-stdin"];
    ended_with_input(place.command(&admin), PASSWORD).ok();
    let key: Value =
        serde_json::from_str(&place.run(&["api-key", "create", "--agent", "ada@example.org", "--json"]).ok()).unwrap();
    let (id, secret) = (text(&key["api_key"]), text(&key["api_secret"]));

    let http = Client::builder().no_proxy().build().unwrap();
    let by_key = |method: Method, path: &str| http.request(method, url(path)).basic_auth(&id, Some(&secret));
    let agent = json!({
        "first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "send_welcome_email": true,
        "new_password": PASSWORD,
    });
    let agent = data(by_key(Method::POST, "/api/v1/agents").json(&agent)).await;
    let change = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "new_password": NEW});
    data(by_key(Method::PUT, &format!("/api/v1/agents/{}", agent["id"])).json(&change)).await;
    let agents_key = data(by_key(Method::POST, &format!("/api/v1/agents/{}/api-key", agent["id"]))).await;
    let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {}});
    let inbox = text(&data(by_key(Method::POST, "/api/v1/inboxes").json(&inbox)).await["uuid"]);

    let wrong = json!({"email": "kim@example.org", "password": WRONG});
    let refused = http.post(url("/api/v1/auth/login")).json(&wrong).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let right = json!({"email": "kim@example.org", "password": NEW});
    let signed_in = http.post(url("/api/v1/auth/login")).json(&right).send().await.unwrap();
    let cookies: Vec<String> = signed_in.cookies().map(|cookie| cookie.value().to_owned()).collect();
    assert_eq!(cookies.len(), 2, "a session and its CSRF token");
    data(http.post(url("/api/v1/agents/reset-password")).json(&json!({"email": "kim@example.org"}))).await;
    let link = place.run(&["admin", "reset-password", "--agent", "kim@example.org"]).ok();
    let link_token = link.split_once("token=").unwrap().1.trim().to_owned();
    let broken =
        http.post(url("/api/v1/agents/set-password")).body(format!("{{\"token\":\"{link_token}\",\"password\":"));
    assert_eq!(broken.header("content-type", "application/json").send().await.unwrap().status(), 400);

    let start = http.post(url("/api/v1/widget/chat/conversations/init")).header("x-libredesk-inbox-id", inbox);
    let visitor = text(&data(start.json(&json!({"message": "My card number is 4111-1111"}))).await["session_token"]);

    let log = desk.kill();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is not read at its fullest");
    let secrets = [PASSWORD, WRONG, NEW, &setup_token, &secret, &link_token, &visitor, "4111-1111"];
    let issued = [text(&agents_key["api_secret"])];
    for secret in secrets.iter().copied().chain(cookies.iter().chain(&issued).map(String::as_str)) {
        assert!(!log.contains(secret), "the log holds {secret:?}");
    }
}
