//! The API key of an agent.

use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

#[tokio::test]
async fn a_key_is_shown_once_works_and_replaces_the_one_before() {
    let (wire, admin) = Wire::new().await;
    let handle = wire.desk.agent("kim").await;
    let path = format!("/api/v1/agents/{}", handle.id);
    let new = admin.post(&format!("{path}/api-key"), &json!({})).await.data();
    let (key, secret) = (new["api_key"].as_str().unwrap(), new["api_secret"].as_str().unwrap());
    assert_eq!((key.len(), secret.len(), new.as_object().unwrap().len()), (32, 64, 2));
    let fresh = wire.nobody().header("authorization", &format!("token {key}:{secret}"));
    assert_eq!(fresh.get("/api/v1/agents/me").await.status(), 200);
    let old = wire.client(&handle).get("/api/v1/agents/me").await;
    old.refuses(401, "GeneralException", "Invalid credential");
    let shown = admin.get(&path).await;
    assert_eq!(shown.data()["api_key"], key);
    assert!(!shown.text().contains(secret));
}

#[tokio::test]
async fn a_revoked_key_is_gone_and_revoking_again_is_fine() {
    let (wire, admin) = Wire::new().await;
    let handle = wire.desk.agent("kim").await;
    let path = format!("/api/v1/agents/{}", handle.id);
    for _ in 0..2 {
        assert_eq!(admin.delete(&format!("{path}/api-key")).await.data(), true);
    }
    assert_eq!(admin.get(&path).await.data()["api_key"], Value::Null);
    let answer = wire.client(&handle).get("/api/v1/agents/me").await;
    answer.refuses(401, "GeneralException", "Invalid credential");
}

#[tokio::test]
async fn no_id_and_nobodys_id_are_refused() {
    let (_wire, admin) = Wire::new().await;
    for (id, status, kind, message) in [
        ("0", 400, "InputException", "Something went wrong"),
        ("x", 400, "InputException", "Something went wrong"),
        ("99", 404, "NotFoundException", "User not found"),
    ] {
        let path = format!("/api/v1/agents/{id}/api-key");
        admin.post(&path, &json!({})).await.refuses(status, kind, message);
        admin.delete(&path).await.refuses(status, kind, message);
    }
}

#[tokio::test]
async fn the_use_of_a_key_is_stamped() {
    let (wire, admin) = Wire::new().await;
    wire.desk.advance(std::time::Duration::from_secs(3600)).await;
    assert_eq!(admin.get("/api/v1/agents/me").await.status(), 200);
    wire.desk.advance(std::time::Duration::from_secs(120)).await;
    let data = admin.get("/api/v1/agents/me").await.data();
    assert!(data["api_key_last_used_at"].is_string(), "{data}");
}
