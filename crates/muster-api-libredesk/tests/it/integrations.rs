//! Integrations.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const INTEGRATIONS: &str = "/api/v1/integrations";

#[tokio::test]
async fn an_integration_is_made_listed_and_revoked() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let body = json!({"kind": "teamwise", "name": "Web Shop", "team_ids": [team.0], "auth": "token"});
    let created = admin.post(INTEGRATIONS, &body).await;
    let key = created.data()["api_key"].as_str().unwrap().to_owned();
    assert_eq!(key.len(), 64);
    assert_snapshot!(created.shown().replace(&key, "KEY"), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "kind":"teamwise",
        "name":"Web Shop",
        "account":"web-shop",
        "team_ids":[
          1
        ],
        "auth":"token",
        "created_by":2,
        "api_key":"KEY"
      }
    }
    "#);
    let found = wire.desk.app.authenticate_integration_key("teamwise", &key).await.unwrap();
    assert_eq!(found.account, "web-shop");

    let listed = admin.get(INTEGRATIONS).await;
    assert!(!listed.text().contains(&key) && !listed.text().contains("key"), "{}", listed.shown());
    let mut expected = created.data();
    expected.as_object_mut().unwrap().remove("api_key");
    assert_eq!(listed.data(), json!([expected]));

    assert_eq!(admin.delete("/api/v1/integrations/1").await.data(), true);
    assert_eq!(admin.get(INTEGRATIONS).await.data(), json!([]));
    assert!(wire.desk.app.authenticate_integration_key("teamwise", &key).await.is_err());
    let again = admin.delete("/api/v1/integrations/1").await;
    again.refuses(404, "NotFoundException", "Integration not found");
}

#[tokio::test]
async fn without_teams_it_serves_the_whole_desk() {
    let (_wire, admin) = Wire::new().await;
    for (kind, body) in [
        ("deskwide", json!({"kind": "deskwide", "name": "One"})),
        ("teamwise", json!({"kind": "teamwise", "name": "Two", "team_ids": null, "auth": null})),
    ] {
        let data = admin.post(INTEGRATIONS, &body).await.data();
        let shown = ["kind", "team_ids", "auth"].map(|field| data[field].clone());
        assert_eq!(shown, [json!(kind), Value::Null, json!("either")]);
    }
}

#[tokio::test]
async fn what_can_not_be_is_refused_and_makes_nothing() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await.0;
    admin.post(INTEGRATIONS, &json!({"kind": "teamwise", "name": "Shop"})).await.data();
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    for (body, status, kind, message) in [
        (json!({}), 400, "InputException", "Invalid `kind`"),
        (json!({"kind": "other", "name": "x"}), 400, "InputException", "Invalid `kind`"),
        (json!({"kind": "teamwise"}), 400, "InputException", "`name` empty"),
        (json!({"kind": "teamwise", "name": " "}), 400, "InputException", "`name` empty"),
        (
            json!({"kind": "teamwise", "name": "x".repeat(141)}),
            400,
            "InputException",
            "Name is too long, should be at most 140 characters",
        ),
        (json!({"kind": "teamwise", "name": "x", "team_ids": []}), 400, "InputException", "`team_ids` empty"),
        (json!({"kind": "teamwise", "name": "x", "team_ids": [9]}), 400, "InputException", "Team not found"),
        (json!({"kind": "deskwide", "name": "x", "team_ids": [team]}), 400, "InputException", "Invalid `team_ids`"),
        (json!({"kind": "teamwise", "name": "x", "auth": "none"}), 400, "InputException", "Invalid `auth`"),
        (json!({"kind": "teamwise", "name": "SHOP"}), 409, "ConflictException", "Integration already exists"),
    ] {
        admin.post(INTEGRATIONS, &body).await.refuses(status, kind, message);
    }
    admin.delete("/api/v1/integrations/x").await.refuses(400, "InputException", "Something went wrong");
    wire.desk.quiet().await;
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn whoever_makes_one_holds_what_it_may_do() {
    let (wire, admin) = Wire::new().await;
    let holder = wire.holder(&admin, &["general_settings:manage", "users:manage"]).await;
    let denied = holder.post(INTEGRATIONS, &json!({"kind": "teamwise", "name": "Shop"})).await;
    denied.refuses(403, "PermissionException", "Permission denied");
    assert_eq!(holder.get(INTEGRATIONS).await.data(), json!([]));
}
