//! Texts of mails.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const TEMPLATES: &str = "/api/v1/templates";

fn reply() -> Value {
    json!({"type": "email_outgoing", "name": "Reply", "subject": null, "body": "<p>{{ template \"content\" . }}</p>",
           "is_default": true})
}

#[tokio::test]
async fn a_template_is_created_shown_changed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let created = admin.post(TEMPLATES, &reply()).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "type":"email_outgoing",
        "name":"Reply",
        "subject":null,
        "body":"<p>{{ template \"content\" . }}</p>",
        "is_default":true,
        "is_builtin":false
      }
    }
    "#);
    let created = created.data();
    assert_eq!(admin.get("/api/v1/templates/1").await.data(), created);
    assert_eq!(admin.get("/api/v1/templates?type=email_outgoing").await.data(), json!([created]));
    assert_eq!(admin.get("/api/v1/templates?type=email_notification").await.data(), json!([]));
    let before = wire.desk.digest().await;
    assert_eq!(admin.put("/api/v1/templates/1", &created).await.data(), created);
    assert_eq!(wire.desk.digest().await, before);
    let changed = admin.put("/api/v1/templates/1", &json!({"subject": "Re: {{ .Subject }}"})).await.data();
    assert_eq!((&changed["subject"], &changed["body"]), (&json!("Re: {{ .Subject }}"), &created["body"]));
    assert_eq!(admin.delete("/api/v1/templates/1").await.data(), true);
    for answer in [
        admin.get("/api/v1/templates/1").await,
        admin.put("/api/v1/templates/1", &json!({"name": "x"})).await,
        admin.delete("/api/v1/templates/1").await,
    ] {
        answer.refuses(404, "NotFoundException", "Template not found");
    }
    let kim = wire.client(&wire.desk.agent("kim").await);
    for answer in [
        kim.get("/api/v1/templates?type=email_outgoing").await,
        kim.get("/api/v1/templates/1").await,
        kim.post(TEMPLATES, &reply()).await,
        kim.put("/api/v1/templates/1", &reply()).await,
        kim.delete("/api/v1/templates/1").await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn templates_that_can_not_be_are_refused() {
    let (wire, admin) = Wire::new().await;
    admin.post(TEMPLATES, &reply()).await.data();
    let before = wire.desk.digest().await;
    let with = |field: &str, value: Value| {
        let mut body = reply();
        body["is_default"] = json!(false);
        body[field] = value;
        body
    };
    for (body, message) in [
        (with("name", json!("")), "`name` empty"),
        (with("type", Value::Null), "`type` empty"),
        (with("type", json!("fax")), "Invalid `type`"),
        (with("is_default", json!(true)), "Default template already exists"),
        (with("name", json!("x".repeat(141))), "Name is too long, should be at most 140 characters"),
        (with("body", json!("x".repeat(100_001))), "Body is too long, should be at most 100000 characters"),
    ] {
        admin.post(TEMPLATES, &body).await.refuses(400, "InputException", message);
    }
    let other = json!({"type": "email_notification"});
    admin.put("/api/v1/templates/1", &other).await.refuses(400, "InputException", "Invalid `type`");
    admin.get(TEMPLATES).await.refuses(400, "InputException", "`type` empty");
    admin.get("/api/v1/templates?type=fax").await.refuses(400, "InputException", "Invalid `type`");
    admin.get("/api/v1/templates/x").await.refuses(400, "InputException", "Something went wrong");
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn each_type_has_a_default_of_its_own() {
    let (_wire, admin) = Wire::new().await;
    admin.post(TEMPLATES, &reply()).await.data();
    let mut notice = reply();
    notice["type"] = json!("email_notification");
    admin.post(TEMPLATES, &notice).await.data();
    let mut second = reply();
    second["is_default"] = json!(false);
    let id = admin.post(TEMPLATES, &second).await.data()["id"].clone();
    let path = format!("/api/v1/templates/{id}");
    let default = json!({"is_default": true});
    admin.put(&path, &default).await.refuses(400, "InputException", "Default template already exists");
    admin.put("/api/v1/templates/1", &json!({"is_default": false})).await.data();
    assert_eq!(admin.put(&path, &default).await.data()["is_default"], true);
}
