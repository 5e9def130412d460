//! The general settings, the mail settings, and the texts of the front end.

use std::time::Duration;

use insta::assert_snapshot;
use muster_app::mail::{MailSecurity, MailServer};
use muster_testkit::TestEngine;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const GENERAL: &str = "/api/v1/settings/general";
const MAIL: &str = "/api/v1/settings/notifications/email";

#[tokio::test]
async fn a_front_end_learns_what_it_needs_before_anybody_signs_in() {
    let (wire, admin) = Wire::new().await;
    let change = json!({"app.site_name": "Example Help", "app.logo_url": "/images/logo.svg"});
    assert_eq!(admin.put(GENERAL, &change).await.data(), true);
    assert_snapshot!(wire.nobody().get("/api/v1/config").await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "app.lang":"en-US",
        "app.favicon_url":"",
        "app.logo_url":"/images/logo.svg",
        "app.site_name":"Example Help",
        "app.sso_providers":[]
      }
    }
    "#);
}

#[tokio::test]
async fn every_agent_reads_the_settings_and_their_defaults() {
    let (wire, _) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let shown = kim.get(GENERAL).await.shown();
    let shown = shown.replace(&wire.desk.app.settings().public_url, "<public url>");
    assert_snapshot!(shown.replace(env!("CARGO_PKG_VERSION"), "<version>"), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "app.lang":"en-US",
        "app.root_url":"<public url>",
        "app.logo_url":"",
        "app.site_name":"Muster",
        "app.favicon_url":"",
        "app.max_file_upload_size":20,
        "app.allowed_file_upload_extensions":[
          "*"
        ],
        "app.timezone":"UTC",
        "app.business_hours_id":"",
        "app.show_conversation_subject":true,
        "app.update":null,
        "app.version":"<version>",
        "app.restart_required":false
      }
    }
    "#);
    kim.put(GENERAL, &json!({})).await.refuses(403, "PermissionException", "Permission denied");
    wire.nobody().get(GENERAL).await.refuses(401, "GeneralException", "Invalid or expired session");
}

#[tokio::test]
async fn deviation_what_is_sent_is_changed_at_once_and_the_rest_stays() {
    let (wire, admin) = Wire::new().await;
    let before = admin.get(GENERAL).await.data();
    let root = format!("{}/", wire.desk.app.settings().public_url);
    let change = json!({"app.root_url": root, "app.timezone": "europe/berlin", "app.max_file_upload_size": 7,
                        "app.allowed_file_upload_extensions": [".PNG", "pdf"]});
    assert_eq!(admin.put(GENERAL, &change).await.data(), true);
    let after = admin.get(GENERAL).await.data();
    let mut expected = before;
    expected["app.timezone"] = json!("Europe/Berlin");
    expected["app.max_file_upload_size"] = json!(7);
    expected["app.allowed_file_upload_extensions"] = json!(["png", "pdf"]);
    assert_eq!(after, expected);
    let digest = wire.desk.digest().await;
    assert_eq!(admin.put(GENERAL, &after).await.data(), true);
    assert_eq!(wire.desk.digest().await, digest);
}

#[tokio::test]
async fn settings_that_can_not_be_are_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    for (field, value, message) in [
        ("app.timezone", json!("Mars/Olympus"), "Invalid timezone."),
        ("app.lang", json!("xx-XX"), "Invalid `app.lang`"),
        ("app.site_name", json!(" "), "`app.site_name` empty"),
        ("app.site_name", json!("x".repeat(141)), "Site name is too long, should be at most 140 characters"),
        ("app.logo_url", json!("javascript:alert(1)"), "Invalid `app.logo_url`"),
        ("app.favicon_url", json!("favicon.ico"), "Invalid `app.favicon_url`"),
        ("app.max_file_upload_size", json!(0), "Invalid `app.max_file_upload_size`"),
        ("app.allowed_file_upload_extensions", json!(["a/b"]), "Invalid `app.allowed_file_upload_extensions`"),
        ("app.business_hours_id", json!("x"), "Invalid `app.business_hours_id`"),
        ("app.max_file_upload_size", json!("20"), "Error parsing request"),
    ] {
        admin.put(GENERAL, &json!({field: value})).await.refuses(400, "InputException", message);
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_the_root_url_is_the_operators() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let answer = admin.put(GENERAL, &json!({"app.root_url": "https://evil.example.com", "app.site_name": "X"})).await;
    let message = "The root URL is set as `public_url` in section [server] of the desk's configuration file, Please \
                   change it there";
    answer.refuses(400, "InputException", message);
    assert_eq!(wire.desk.digest().await, before);
}

async fn with_mail() -> (Wire, muster_testkit::Client) {
    let server = MailServer {
        host: "smtp.example.org".to_owned(),
        port: 465,
        security: MailSecurity::Tls,
        login: Some("desk".to_owned()),
        from: "Desk <desk@example.org>".to_owned(),
        timeout: Duration::from_secs(120),
    };
    let wire = Wire::configured(TestEngine::Sqlite, |settings| settings.mail_server = Some(server)).await;
    let admin = wire.desk.admin().await;
    let admin = wire.client(&admin);
    (wire, admin)
}

#[tokio::test]
async fn the_mail_server_is_shown_without_its_password() {
    let (_wire, admin) = with_mail().await;
    assert_snapshot!(admin.get(MAIL).await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "notification.email.username":"desk",
        "notification.email.host":"smtp.example.org",
        "notification.email.port":465,
        "notification.email.password":"••••••••••",
        "notification.email.max_conns":1,
        "notification.email.idle_timeout":"0s",
        "notification.email.wait_timeout":"120s",
        "notification.email.auth_protocol":"plain",
        "notification.email.tls_type":"tls",
        "notification.email.tls_skip_verify":false,
        "notification.email.hello_hostname":"",
        "notification.email.email_address":"Desk <desk@example.org>",
        "notification.email.max_msg_retries":9,
        "notification.email.enabled":true
      }
    }
    "#);
    let (wire, admin) = Wire::new().await;
    let none = admin.get(MAIL).await.data();
    assert_eq!(
        (&none["notification.email.enabled"], &none["notification.email.password"]),
        (&json!(false), &json!(""))
    );
    let kim = wire.client(&wire.desk.agent("kim").await);
    kim.get(MAIL).await.refuses(403, "PermissionException", "Permission denied");
}

#[tokio::test]
async fn deviation_the_mail_server_is_the_operators() {
    let (wire, admin) = with_mail().await;
    let before = wire.desk.digest().await;
    let mut shown = admin.get(MAIL).await.data();
    assert_eq!(admin.put(MAIL, &shown).await.data(), true);
    shown["notification.email.password"] = json!("");
    assert_eq!(admin.put(MAIL, &shown).await.data(), true);
    for (name, value) in [
        ("notification.email.host", json!("smtp.example.com")),
        ("notification.email.port", json!(25)),
        ("notification.email.password", json!("a new one")),
        ("notification.email.enabled", json!(false)),
    ] {
        let mut changed: Value = shown.clone();
        changed[name] = value;
        let message = format!(
            "`{name}` can't be changed here: the mail server is set in section [mail] of the desk's configuration file"
        );
        admin.put(MAIL, &changed).await.refuses(400, "InputException", &message);
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn deviation_there_is_one_language() {
    let (wire, _) = Wire::new().await;
    let languages = wire.nobody().get("/api/v1/lang").await.data();
    assert_eq!(languages, json!([{"code": "en-US", "name": "English"}]));
    wire.nobody().get("/api/v1/lang/de-DE").await.refuses(404, "NotFoundException", "Not found");
}

#[tokio::test]
async fn the_texts_of_a_language_are_a_bare_map() {
    let (wire, _) = Wire::new().await;
    let answer = wire.nobody().get("/api/v1/lang/en-US").await;
    assert_eq!(
        (answer.status().as_u16(), answer.header("content-type")),
        (200, Some("application/json; charset=utf-8"))
    );
    let texts = answer.json();
    assert_eq!(texts["globals.terms.agent"], "Agent | Agents");
    assert_eq!(texts["globals.messages.denied"], "Permission denied");
    assert!(texts.as_object().unwrap().len() > 400);
}

#[tokio::test]
async fn there_are_no_service_levels() {
    let (wire, _) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    assert_eq!(kim.get("/api/v1/sla").await.data(), json!([]));
    wire.nobody().get("/api/v1/sla").await.refuses(401, "GeneralException", "Invalid or expired session");
}
