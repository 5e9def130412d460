//! Nothing that somebody must not know gets into the log, even where everything is logged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_testkit::{TestEngine, both_engines};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::program::{Place, ended_with_input};

both_engines!(no_secret_gets_into_the_log);

/// What customers and agents say and are called, none of which the log may hold.
const WORDS: [&str; 6] = [
    "4111-1111",
    "My card number is",
    "An answer in confidence",
    "quincy.customer@example.org",
    "Quincy Customer",
    "kim@example.org",
];

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
    for format in ["text", "json"] {
        nothing_secret_in(engine, format).await;
    }
}

async fn nothing_secret_in(engine: TestEngine, format: &str) {
    let place = Place::new(engine).await;
    let mut desk = place.serve_with(&[], &[("MUSTER_LOG", "trace"), ("MUSTER_LOG__FORMAT", format)]);
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
    let field = |key: &str| json!({"key": key, "enabled": true, "required": true, "custom_attribute_id": 0});
    let form = json!({"prechat_form": {"enabled": true, "fields": [field("name"), field("email")]}});
    let inbox = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": form});
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

    let start = http.post(url("/api/v1/widget/chat/conversations/init")).header("x-libredesk-inbox-id", &inbox);
    let who = json!({"name": "Quincy Customer", "email": "quincy.customer@example.org"});
    let said = json!({"message": "My card number is 4111-1111", "form_data": who});
    let started = data(start.json(&said)).await;
    let (visitor, conversation) = (text(&started["session_token"]), text(&started["conversation"]["uuid"]));
    let messages = format!("/api/v1/conversations/{conversation}/messages");
    let answered = data(
        by_key(Method::POST, &messages).json(&json!({"message": "An answer in confidence", "sender_type": "agent"})),
    )
    .await;
    let issued = elsewhere(&place, &http, &desk.base).await;

    let log = desk.kill();
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "the log is not read at its fullest");
    assert!(answered.is_object() && log.contains("libredesk") && log.contains("imichat"), "nothing was logged of it");
    if format == "json" {
        is_one_object_a_line(&log);
    }
    let secrets = [PASSWORD, WRONG, NEW, &setup_token, &secret, &link_token, &visitor];
    let further = cookies.iter().chain(&issued).map(String::as_str).chain([agents_key["api_secret"].as_str().unwrap()]);
    for secret in secrets.into_iter().chain(further).chain(WORDS) {
        assert!(!log.contains(secret), "the log holds {secret:?}");
    }
}

/// Comes in at the other products' doors, rightly and wrongly, and answers with the secrets that were given out.
async fn elsewhere(place: &Place, http: &Client, base: &str) -> Vec<String> {
    let made = |arguments: &[&str]| -> Value {
        serde_json::from_str(&place.run(&[&["integration", "create", "--json", "--kind"], arguments].concat()).ok())
            .unwrap()
    };
    let phones = made(&["cloudagent", "--name", "Phones"]);
    let chat = made(&["imichat", "--name", "Chat"]);
    let (phones_key, chat_key) = (text(&phones["api_key"]), text(&chat["api_key"]));

    let login = |password: &str| {
        http.post(format!("{base}/api/v1/login")).json(&json!({"user": "kim", "password": password})).send()
    };
    assert_eq!(login(WRONG).await.unwrap().status(), 401);
    let signed_in: Value = login(NEW).await.unwrap().json().await.unwrap();
    let auth_token = text(&signed_in["data"]["authToken"]);

    let token = http.post(format!("{base}/ca_apis/CAToken/generateToken")).header("apiKey", &phones_key);
    let token: Value = token.json(&json!({"userName": "phones"})).send().await.unwrap().json().await.unwrap();
    let bearer = text(&token["token"]);
    let lists = http.get(format!("{base}/ca_apis/agentList?userName=phones")).bearer_auth(&bearer);
    lists.send().await.unwrap();

    let shown = STANDARD.encode(format!("{chat_key}@{}", text(&chat["domain"])));
    let authorised = http.get(format!("{base}/v3.1/authorize")).header("authorization", &shown).send().await.unwrap();
    let access_token = authorised.headers()["access_token"].to_str().unwrap().to_owned();
    http.get(format!("{base}/v3.1/teams")).header("access_token", &access_token).send().await.unwrap();
    vec![phones_key, chat_key, auth_token, bearer, shown, access_token]
}

fn is_one_object_a_line(log: &str) {
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for name in ["timestamp", "level", "target"] {
            assert!(line[name].is_string(), "{name} in {line}");
        }
        let spans = line["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        let request = spans.iter().find(|span| span["name"] == "request");
        if line["message"] == "answered" {
            let request = request.unwrap_or_else(|| panic!("no request in {line}"));
            let is_text = |name: &str| request[name].is_string();
            assert!(is_text("request.id") && is_text("dialect") && is_text("http.method"), "{line}");
            assert!(request["http.status"].is_u64() && line["elapsed_us"].is_u64(), "{line}");
            assert!(request["http.route"].as_str().is_none_or(|route| !route.contains('?')), "{line}");
        }
    }
}
