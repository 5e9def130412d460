//! Roles.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Said as _, Wire};

const ROLES: &str = "/api/v1/roles";

#[tokio::test]
async fn every_agent_lists_the_roles_and_the_rest_takes_a_permission() {
    let (wire, _) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let list = kim.get(ROLES).await.data();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Agent", "Admin", "Manager", "Analyst"]);
    for answer in [
        kim.get("/api/v1/roles/1").await,
        kim.post(ROLES, &json!({})).await,
        kim.put("/api/v1/roles/1", &json!({})).await,
        kim.delete("/api/v1/roles/1").await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
}

#[tokio::test]
async fn a_role_is_created_read_replaced_and_deleted() {
    let (_wire, admin) = Wire::new().await;
    let body =
        json!({"name": "Reader", "description": "Reads", "permissions": ["messages:read", "conversations:read"]});
    let created = admin.post(ROLES, &body).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":5,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"Reader",
        "description":"Reads",
        "permissions":[
          "conversations:read",
          "messages:read"
        ]
      }
    }
    "#);
    let path = format!("{ROLES}/{}", created.data()["id"]);
    assert_eq!(admin.get(&path).await.data(), created.data());
    let data = admin.put(&path, &json!({"name": "Reader", "permissions": ["messages:read"]})).await.data();
    assert_eq!((&data["description"], &data["permissions"]), (&json!(""), &json!(["messages:read"])));
    assert_eq!(admin.delete(&path).await.data(), true);
    admin.get(&path).await.refuses(404, "NotFoundException", "Role not found");
    admin.put(&path, &body).await.refuses(404, "NotFoundException", "Role not found");
    admin.delete(&path).await.refuses(404, "NotFoundException", "Role not found");
}

#[tokio::test]
async fn unknown_permissions_are_dropped_and_one_has_to_be_left() {
    let (_wire, admin) = Wire::new().await;
    let body = json!({"name": "Odd", "permissions": ["desk:burn", "messages:read", "messages:read"]});
    assert_eq!(admin.post(ROLES, &body).await.data()["permissions"], json!(["messages:read"]));
    for (body, message) in [
        (json!({}), "`name` empty"),
        (json!({"name": "x"}), "Permission empty"),
        (json!({"name": "x", "permissions": ["desk:burn"]}), "Permission empty"),
        (
            json!({"name": "x".repeat(51), "permissions": ["messages:read"]}),
            "Name is too long, should be at most 50 characters",
        ),
    ] {
        admin.post(ROLES, &body).await.refuses(400, "InputException", message);
    }
}

#[tokio::test]
async fn a_taken_name_is_400_on_create_and_deviation_409_on_update() {
    let (_wire, admin) = Wire::new().await;
    let body = json!({"name": "agent", "permissions": ["messages:read"]});
    admin.post(ROLES, &body).await.refuses(400, "InputException", "Role already exists");
    let id = admin.post(ROLES, &json!({"name": "x", "permissions": ["messages:read"]})).await.data()["id"].clone();
    let answer = admin.put(&format!("{ROLES}/{id}"), &body).await;
    answer.refuses(409, "ConflictException", "Role already exists");
}

#[tokio::test]
async fn built_in_roles_stay() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let text = "Cannot modify admin role, Please create a new role.";
    let (agent_role, admin_role) = (wire.desk.role("Agent").await, wire.desk.role("Admin").await);
    let body = json!({"name": "Admin", "permissions": ["messages:read"]});
    admin.put(&format!("{ROLES}/{admin_role}"), &body).await.refuses(400, "InputException", text);
    for role in [agent_role, admin_role] {
        admin.delete(&format!("{ROLES}/{role}")).await.refuses(400, "InputException", text);
    }
    assert_eq!(wire.desk.digest().await, before);
}

#[tokio::test]
async fn a_deleted_role_is_lost_by_its_holders_at_once() {
    let (wire, admin) = Wire::new().await;
    let holder = wire.holder(&admin, &["teams:manage"]).await;
    assert_eq!(holder.get("/api/v1/teams").await.status(), 200);
    let role = wire.desk.role("Holder").await;
    admin.delete(&format!("{ROLES}/{role}")).await.data();
    holder.get("/api/v1/teams").await.refuses(403, "PermissionException", "Permission denied");
    assert_eq!(holder.get("/api/v1/agents/me").await.data()["permissions"], json!([]));
}

#[tokio::test]
async fn a_permission_taken_from_a_role_is_gone_with_the_next_call() {
    let (wire, admin) = Wire::new().await;
    let holder = wire.holder(&admin, &["teams:manage", "messages:read"]).await;
    let role = wire.desk.role("Holder").await;
    let body = json!({"name": "Holder", "permissions": ["messages:read"]});
    admin.put(&format!("{ROLES}/{role}"), &body).await.data();
    holder.get("/api/v1/teams").await.refuses(403, "PermissionException", "Permission denied");
}

#[tokio::test]
async fn what_is_no_id_is_refused() {
    let (_wire, admin) = Wire::new().await;
    for id in ["0", "x", "-2"] {
        let path = format!("{ROLES}/{id}");
        admin.get(&path).await.refuses(400, "InputException", "Something went wrong");
        admin.put(&path, &json!({})).await.refuses(400, "InputException", "Something went wrong");
        admin.delete(&path).await.refuses(400, "InputException", "Something went wrong");
    }
}
