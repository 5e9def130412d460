//! Signing in and out, the signed-in user, and the release.

use muster_testkit::{Client, PASSWORD, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{LOGIN, Said as _, Setting, Wire, not_signed_in};

async fn login(wire: &Wire, body: Value) -> Reply {
    wire.nobody().post(LOGIN, &body).await
}

fn unauthorized() -> Value {
    json!({"success": false, "status": "error", "error": "Unauthorized", "message": "Unauthorized"})
}

fn digest() -> String {
    Sha256::digest(PASSWORD.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn is_signed_in(client: &Client) -> bool {
    client.get("/api/v1/me").await.status() == 200
}

#[tokio::test]
async fn a_name_comes_in_three_fields_and_an_address_counts_in_each() {
    let (wire, _) = Wire::new().await;
    for name in ["user", "username", "email"] {
        for text in ["ada", "ADA", "ada@example.org", "Ada@Example.org"] {
            let mut body = json!({"password": PASSWORD});
            body[name] = json!(text);
            let answer = login(&wire, body).await.ok();
            let data = &answer["data"];
            assert_eq!(
                (&answer["status"], &data["me"]["username"]),
                (&json!("success"), &json!("ada")),
                "{name} {text}"
            );
            let (user, token) = (data["userId"].as_str().unwrap(), data["authToken"].as_str().unwrap());
            assert_eq!(data["me"]["_id"], user);
            assert!(is_signed_in(&wire.with_token(user, token)).await);
        }
    }
}

#[tokio::test]
async fn a_password_comes_as_it_is_or_as_its_digest() {
    let (wire, _) = Wire::new().await;
    for password in [
        json!(PASSWORD),
        json!({"digest": digest(), "algorithm": "sha-256"}),
        json!({"digest": digest().to_uppercase(), "algorithm": "sha-256"}),
        json!({"hashed": digest()}),
        json!({"digest": digest(), "hashed": "other"}),
    ] {
        login(&wire, json!({"user": "ada", "password": password})).await.ok();
    }
    for password in [
        json!("wrong"),
        json!(digest()),
        json!({"digest": digest(), "algorithm": "md5"}),
        json!({"digest": PASSWORD, "algorithm": "sha-256"}),
        json!({"digest": "", "algorithm": "sha-256"}),
        json!({"algorithm": "sha-256"}),
        json!({"digest": null}),
        json!({}),
    ] {
        login(&wire, json!({"user": "ada", "password": password})).await.refuses(401, &unauthorized());
    }
}

#[tokio::test]
async fn a_form_is_taken_as_curl_sends_it() {
    let (wire, _) = Wire::new().await;
    let nobody = wire.nobody();
    let request = nobody.request(Method::POST, LOGIN).header("content-type", "application/x-www-form-urlencoded");
    nobody.send(request.body(format!("user=ada&password={PASSWORD}"))).await.ok();
    let request = nobody.request(Method::POST, LOGIN).header("content-type", "application/x-www-form-urlencoded");
    let body = json!({"user": "ada", "password": PASSWORD}).to_string();
    nobody.send(request.body(body)).await.ok();
}

#[tokio::test]
async fn whatever_is_wrong_with_a_sign_in_is_answered_alike() {
    let (wire, _) = Wire::new().await;
    wire.desk.agent("kim").await;
    for body in [
        json!({"user": "ada", "password": "wrong"}),
        json!({"user": "nobody", "password": PASSWORD}),
        json!({"user": "kim", "password": PASSWORD}),
        json!({"user": "", "password": ""}),
        json!({"user": "ada"}),
        json!({"password": PASSWORD}),
        json!({"resume": "unknown"}),
        json!({}),
    ] {
        login(&wire, body).await.refuses(401, &unauthorized());
    }
}

#[tokio::test]
async fn what_is_no_text_is_refused_as_such() {
    let (wire, _) = Wire::new().await;
    for body in [
        json!({"user": 7, "password": PASSWORD}),
        json!({"user": "ada", "password": 7}),
        json!({"user": "ada", "password": {"digest": 7}}),
        json!({"user": "ada", "password": {"hashed": [PASSWORD]}}),
        json!({"user": "ada", "password": {"digest": digest(), "algorithm": 256}}),
    ] {
        login(&wire, body).await.fails("must be string [invalid-params]", Some("invalid-params"));
    }
}

#[tokio::test]
async fn a_disabled_account_cannot_be_told_from_a_wrong_password() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").password().await;
    let off = json!({"userId": wire.id(&kim).await, "activeStatus": false});
    admin.post("/api/v1/users.setActiveStatus", &off).await.ok();
    login(&wire, json!({"user": "kim", "password": PASSWORD})).await.refuses(401, &unauthorized());
}

#[tokio::test]
async fn a_token_signs_in_again_and_stays_the_same() {
    let (wire, _) = Wire::new().await;
    let first = login(&wire, json!({"user": "ada", "password": PASSWORD})).await.ok();
    let again = login(&wire, json!({"resume": first["data"]["authToken"]})).await.ok();
    assert_eq!(again["data"]["authToken"], first["data"]["authToken"]);
    assert_eq!(again["data"]["userId"], first["data"]["userId"]);
}

#[tokio::test]
async fn signing_in_shows_one_online_and_proves_nothing() {
    let (wire, admin) = Wire::new().await;
    let me = admin.get("/api/v1/me").await.ok();
    assert_eq!(
        (&me["status"], &me["statusConnection"], &me["statusLivechat"]),
        (&json!("online"), &json!("online"), &json!("available"))
    );
    let inbox = wire.desk.inbox().await;
    let visitor = wire.desk.visitor(&inbox, "Hello").await;
    wire.desk.quiet().await;
    let operator = muster_core::actor::Caller::operator();
    let view = wire.desk.app.conversation(&operator, visitor.conversation).await.unwrap();
    assert_eq!(view.conversation.assignee, None);
    wire.desk.advance(std::time::Duration::from_secs(301)).await;
    assert_eq!(admin.get("/api/v1/me").await.ok()["status"], "offline");
}

#[tokio::test]
async fn the_login_answers_the_user_whole() {
    let (wire, _) = Wire::new().await;
    let answer = login(&wire, json!({"user": "ada", "password": PASSWORD})).await;
    let body = answer.ok();
    let (id, token) = (body["data"]["userId"].as_str().unwrap(), body["data"]["authToken"].as_str().unwrap());
    assert_eq!(
        answer.text(),
        format!(
            "{{\"status\":\"success\",\"data\":{{\"userId\":\"{id}\",\"authToken\":\"{token}\",\"me\":{{\
             \"_id\":\"{id}\",\"name\":\"Ada\",\"username\":\"ada\",\
             \"emails\":[{{\"address\":\"ada@example.org\",\"verified\":false}}],\
             \"status\":\"online\",\"statusConnection\":\"online\",\"statusText\":\"\",\"utcOffset\":0,\"active\":true,\
             \"roles\":[\"user\",\"admin\",\"livechat-agent\"],\"settings\":{{\"preferences\":{{}}}},\
             \"customFields\":{{}},\"avatarUrl\":\"https://desk.example.org/avatar/ada\",\
             \"email\":\"ada@example.org\",\"isOAuthUser\":false,\"statusLivechat\":\"available\",\"operator\":true,\
             \"livechat\":{{}},\"openBusinessHours\":[],\"livechatCount\":0}}}},\"success\":true}}"
        )
    );
}

#[tokio::test]
async fn me_is_what_the_login_answered() {
    let (wire, admin) = Wire::new().await;
    let login = login(&wire, json!({"user": "ada", "password": PASSWORD})).await.ok();
    let mut me = admin.get("/api/v1/me").await.ok();
    me.as_object_mut().unwrap().remove("success");
    assert_eq!(me, login["data"]["me"]);
}

#[tokio::test]
async fn who_is_no_agent_is_shown_without_the_agents_part() {
    let (wire, _) = Wire::new().await;
    wire.desk.agent("ann").role("Analyst").password().await;
    let me = wire.sign_in("ann").await.get("/api/v1/me").await.ok();
    assert_eq!(me["roles"], json!(["user", "analyst"]));
    for absent in ["statusLivechat", "operator", "livechat", "openBusinessHours"] {
        assert!(me.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_token_by_either_method() {
    let (wire, _) = Wire::new().await;
    for method in [Method::GET, Method::POST] {
        let client = wire.sign_in("ada").await;
        let answer = client.send(client.request(method, "/api/v1/logout")).await;
        answer.ok();
        assert_eq!(
            answer.text(),
            r#"{"status":"success","data":{"message":"You've been logged out!"},"success":true}"#
        );
        client.get("/api/v1/me").await.refuses(401, &not_signed_in());
        client.get("/api/v1/logout").await.refuses(401, &not_signed_in());
    }
}

#[tokio::test]
async fn the_release_is_told_to_everybody_at_both_addresses() {
    let (wire, _) = Wire::new().await;
    for path in ["/api/info", "/api/v1/info"] {
        let answer = wire.nobody().get(path).await;
        answer.ok();
        assert_eq!(answer.text(), r#"{"version":"8.0.0","success":true}"#);
    }
}

#[tokio::test]
async fn until_there_is_an_administrator_nothing_is_answered() {
    let wire = Wire::empty(Setting::default()).await;
    let unavailable = json!({"success": false, "error": "Service Unavailable"});
    let nobody = wire.nobody();
    nobody.get("/api/info").await.refuses(503, &unavailable);
    nobody.get("/api/v1/me").await.refuses(503, &unavailable);
    nobody.post(LOGIN, &json!({})).await.refuses(503, &unavailable);
    nobody.get("/api/v1/nothing").await.refuses(404, &json!({"success": false, "error": "Resource not found"}));
    wire.desk.admin().await;
    nobody.get("/api/info").await.ok();
}
