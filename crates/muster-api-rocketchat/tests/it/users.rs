//! Users: creating, showing, disabling and deleting them.

use muster_core::permission::Permission;
use muster_testkit::postgres::engines;
use muster_testkit::{Client, PASSWORD, Reply};
use serde_json::{Value, json};

use crate::support::{LOGIN, Said as _, Wire, lacks_permission};

const CREATE: &str = "/api/v1/users.create";

fn kim(changes: &Value) -> Value {
    let mut body = json!({"name": "Kim Lee Park", "email": "kim@example.org", "username": "kim", "password": PASSWORD});
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn create(admin: &Client, changes: Value) -> Reply {
    admin.post(CREATE, &kim(&changes)).await
}

#[tokio::test]
async fn a_user_is_created_shown_whole_and_can_sign_in_at_once() {
    for engine in engines() {
        let (wire, admin) = Wire::on(engine).await;
        let answer = create(&admin, json!({})).await;
        let id = answer.ok()["user"]["_id"].as_str().unwrap().to_owned();
        assert_eq!(
            answer.text(),
            format!(
                "{{\"user\":{{\"_id\":\"{id}\",\"username\":\"kim\",\"name\":\"Kim Lee Park\",\"type\":\"user\",\
                 \"status\":\"offline\",\"statusText\":\"\",\"active\":true,\"utcOffset\":0,\
                 \"avatarUrl\":\"https://desk.example.org/avatar/kim\",\"statusConnection\":\"offline\",\
                 \"emails\":[{{\"address\":\"kim@example.org\",\"verified\":false}}],\"roles\":[\"user\"],\
                 \"customFields\":{{}},\"requirePasswordChange\":false,\"createdAt\":\"2026-01-05T09:00:00.000Z\",\
                 \"_updatedAt\":\"2026-01-05T09:00:00.000Z\"}},\"success\":true}}"
            )
        );
        wire.nobody().post(LOGIN, &json!({"user": "kim", "password": PASSWORD})).await.ok();
    }
}

#[tokio::test]
async fn what_is_required_is_missed_in_the_products_words() {
    let (_wire, admin) = Wire::new().await;
    for field in ["email", "name", "password", "username"] {
        let mut body = kim(&json!({}));
        body.as_object_mut().unwrap().remove(field);
        let text = format!("must have required property '{field}' [invalid-params]");
        admin.post(CREATE, &body).await.fails(&text, Some("invalid-params"));
    }
    for (field, value, text) in [
        ("name", json!(7), "must be string"),
        ("active", json!("true"), "must be boolean"),
        ("roles", json!("user"), "must be array"),
        ("roles", json!([7]), "must be string"),
        ("customFields", json!([]), "must be object"),
    ] {
        let answer = create(&admin, json!({field: value})).await;
        answer.fails(&format!("{text} [invalid-params]"), Some("invalid-params"));
    }
}

#[tokio::test]
async fn declared_parameters_come_before_the_permission() {
    let (wire, _) = Wire::new().await;
    wire.desk.agent("lee").password().await;
    let lee = wire.sign_in("lee").await;
    assert_eq!(lee.post(CREATE, &json!({})).await.status(), 400);
    lee.post(CREATE, &kim(&json!({}))).await.refuses(403, &lacks_permission());
}

#[tokio::test]
async fn names_that_are_taken_are_told_apart() {
    let (wire, admin) = Wire::new().await;
    create(&admin, json!({})).await.ok();
    let before = wire.digest().await;
    let code = Some("error-field-unavailable");
    let answer = create(&admin, json!({"email": "other@example.org", "username": "KIM"})).await;
    answer.fails("Username is already in use [error-field-unavailable]", code);
    let answer = create(&admin, json!({"username": "other"})).await;
    answer.fails("Email is already in use [error-field-unavailable]", code);
    Wire::same(&before, &wire.digest().await, "taken");
}

#[tokio::test]
async fn what_a_user_is_made_with_can_be_seen() {
    let (wire, admin) = Wire::new().await;
    let changes = json!({
        "active": false, "verified": true, "requirePasswordChange": true, "joinDefaultChannels": true,
        "roles": ["user", "livechat-agent", "livechat-manager"]
    });
    let user = create(&admin, changes).await.ok()["user"].clone();
    assert_eq!(user["active"], false);
    assert_eq!(user["emails"][0]["verified"], true);
    assert_eq!(user["requirePasswordChange"], true);
    assert_eq!(user["roles"], json!(["user", "livechat-manager", "livechat-agent"]));
    assert_eq!(user["statusLivechat"], "not-available");
    assert_eq!(wire.nobody().post(LOGIN, &json!({"user": "kim", "password": PASSWORD})).await.status(), 401);
}

#[tokio::test]
async fn roles_go_by_word_or_by_id_and_unknown_ones_are_refused() {
    let (wire, admin) = Wire::new().await;
    let role = muster_app::roles::NewRole {
        name: "Writer".to_owned(),
        description: String::new(),
        permissions: [Permission::MessagesWrite].into_iter().collect(),
    };
    let role = wire.desk.app.create_role(&muster_core::actor::Caller::operator(), role).await.unwrap();
    let id = role.public_id.to_string();
    let user = create(&admin, json!({"roles": [id, "admin"]})).await.ok()["user"].clone();
    let mut roles: Vec<&str> = user["roles"].as_array().unwrap().iter().map(|role| role.as_str().unwrap()).collect();
    roles.sort_unstable();
    let mut expected = ["user", "admin", "livechat-agent", id.as_str()];
    expected.sort_unstable();
    assert_eq!(roles, expected);
    for unknown in ["Writer", "livechat-monitor", "bot", ""] {
        let answer = create(&admin, json!({"username": "x", "email": "x@example.org", "roles": [unknown]})).await;
        answer.fails(
            "The field Roles consist invalid role id [error-action-not-allowed]",
            Some("error-action-not-allowed"),
        );
    }
}

#[tokio::test]
async fn custom_fields_are_those_that_the_desk_defines() {
    let (wire, admin) = Wire::new().await;
    let before = wire.digest().await;
    let answer = create(&admin, json!({"customFields": {"shoe": 44}})).await;
    answer.fails("Invalid custom field shoe [error-invalid-custom-field]", Some("error-invalid-custom-field"));
    Wire::same(&before, &wire.digest().await, "customFields");
    create(&admin, json!({"customFields": {}})).await.ok();
}

#[tokio::test]
async fn a_password_meets_the_desks_rule() {
    let (_wire, admin) = Wire::new().await;
    let answer = create(&admin, json!({"password": "short"})).await;
    let text = "The password does not meet the server's policy [error-password-policy-not-met]";
    answer.fails(text, Some("error-password-policy-not-met"));
}

#[tokio::test]
async fn names_and_addresses_have_to_be_some() {
    let (_wire, admin) = Wire::new().await;
    let answer = create(&admin, json!({"email": "nonsense"})).await;
    answer.fails("Invalid email [error-invalid-email]", Some("error-invalid-email"));
    for username in ["", "kim park", "other@example.org"] {
        let answer = create(&admin, json!({"username": username})).await;
        answer.fails("Invalid username [error-invalid-username]", Some("error-invalid-username"));
    }
    let answer = create(&admin, json!({"name": " "})).await;
    answer.fails("name is empty [error-invalid-params]", Some("error-invalid-params"));
}

#[tokio::test]
async fn a_random_password_is_chosen_by_a_mailed_link() {
    let (wire, admin) = Wire::new().await;
    for (username, changes, mails) in [
        ("one", json!({"setRandomPassword": true}), true),
        ("two", json!({"sendWelcomeEmail": true}), true),
        ("three", json!({}), false),
    ] {
        let before = wire.digest().await;
        let mut body = kim(&changes);
        body["username"] = json!(username);
        body["email"] = json!(format!("{username}@example.org"));
        admin.post(CREATE, &body).await.ok();
        let changed = wire.digest().await.changed_since(&before);
        assert_eq!(changed.contains(&"jobs".to_owned()), mails, "{username}");
        let answer = wire.nobody().post(LOGIN, &json!({"user": username, "password": PASSWORD})).await;
        assert_eq!(answer.status() == 200, username != "one");
    }
}

#[tokio::test]
async fn a_user_is_shown_by_id_or_username() {
    let (_wire, admin) = Wire::new().await;
    let created = create(&admin, json!({})).await.ok()["user"].clone();
    let id = created["_id"].as_str().unwrap();
    for query in [format!("userId={id}"), "username=kim".to_owned(), "username=KIM".to_owned()] {
        assert_eq!(admin.get(&format!("/api/v1/users.info?{query}")).await.ok()["user"], created);
    }
    for query in ["userId=unknown", "username=unknown", "username=system"] {
        admin.get(&format!("/api/v1/users.info?{query}")).await.fails("User not found.", None);
    }
    let text = "must have required property 'userId'\n must have required property 'username'\n must match exactly one \
                schema in oneOf [invalid-params]";
    admin.get("/api/v1/users.info").await.fails(text, Some("invalid-params"));
}

#[tokio::test]
async fn others_see_a_user_without_what_is_for_administrators() {
    let (wire, admin) = Wire::new().await;
    create(&admin, json!({})).await.ok();
    wire.desk.agent("lee").password().await;
    let lee = wire.sign_in("lee").await;
    let user = lee.get("/api/v1/users.info?username=kim").await.ok()["user"].clone();
    for hidden in ["emails", "roles", "customFields", "lastLogin", "createdAt", "requirePasswordChange"] {
        assert!(user.get(hidden).is_none(), "{hidden}");
    }
    assert_eq!(user["username"], "kim");
    let own = lee.get("/api/v1/users.info?username=lee").await.ok()["user"].clone();
    assert_eq!(own["emails"][0]["address"], "lee@example.org");
}

#[tokio::test]
async fn users_are_listed_in_order_of_bytes_and_in_parts() {
    let (wire, admin) = Wire::new().await;
    for (username, email) in [("bob", "bob@example.org"), ("Zed", "zed@example.org")] {
        create(&admin, json!({"username": username, "email": email, "name": username})).await.ok();
    }
    let names = async |query: &str| {
        let answer = admin.get(&format!("/api/v1/users.list?{query}")).await.ok();
        let names =
            answer["users"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), answer["total"].as_u64().unwrap())
    };
    assert_eq!(names("").await, (vec!["Zed".to_owned(), "ada".to_owned(), "bob".to_owned()], 3));
    assert_eq!(names("offset=1&count=1").await, (vec!["ada".to_owned()], 3));
    assert_eq!(names("sort=%7B%22username%22:-1%7D&count=2").await.0, ["bob", "ada"]);
    assert_eq!(names("fields=%7B%7D&query=%7B%22username%22:%22x%22%7D").await.1, 3);
    wire.desk.quiet().await;
}

#[tokio::test]
async fn disabling_keeps_the_places_in_departments() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let kim = wire.desk.agent("kim").team(team).await;
    let id = wire.id(&kim).await;
    let off = json!({"userId": id, "activeStatus": false, "confirmRelinquish": true});
    let answer = admin.post("/api/v1/users.setActiveStatus", &off).await;
    assert_eq!(answer.text(), format!("{{\"user\":{{\"_id\":\"{id}\",\"active\":false}},\"success\":true}}"));
    let departments = admin.get(&format!("/api/v1/livechat/agents/{id}/departments")).await.ok();
    assert_eq!(departments["departments"].as_array().unwrap().len(), 1);
    let before = wire.digest().await;
    admin.post("/api/v1/users.setActiveStatus", &off).await.ok();
    Wire::same(&before, &wire.digest().await, "again");
    let unknown = json!({"userId": "unknown", "activeStatus": false});
    let text = r#"The required "userId" or "username" param provided does not match any users [error-invalid-user]"#;
    admin.post("/api/v1/users.setActiveStatus", &unknown).await.fails(text, Some("error-invalid-user"));
}

#[tokio::test]
async fn a_user_is_deleted_by_id_or_username() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").await;
    wire.desk.agent("lee").await;
    let answer = admin.post("/api/v1/users.delete", &json!({"userId": wire.id(&kim).await})).await;
    assert_eq!(answer.text(), r#"{"success":true}"#);
    admin.post("/api/v1/users.delete", &json!({"username": "lee", "confirmRelinquish": true})).await.ok();
    let text = r#"The required "userId" or "username" param provided does not match any users [error-invalid-user]"#;
    admin.post("/api/v1/users.delete", &json!({"username": "lee"})).await.fails(text, Some("error-invalid-user"));
    let text = "must have required property 'userId'\n must have required property 'username'\n must match exactly one \
                schema in oneOf [invalid-params]";
    admin.post("/api/v1/users.delete", &json!({})).await.fails(text, Some("invalid-params"));
}

#[tokio::test]
async fn nobody_deletes_themselves_or_the_last_administrator() {
    let (wire, admin) = Wire::new().await;
    let before = wire.digest().await;
    let code = Some("error-action-not-allowed");
    let answer = admin.post("/api/v1/users.delete", &json!({"username": "ada"})).await;
    answer.fails("You can't delete yourself [error-action-not-allowed]", code);
    let me = admin.get("/api/v1/me").await.ok();
    let off = json!({"userId": me["_id"], "activeStatus": false});
    let answer = admin.post("/api/v1/users.setActiveStatus", &off).await;
    answer.fails("Leaving the app without admins is not allowed [error-action-not-allowed]", code);
    Wire::same(&before, &wire.digest().await, "ada");
}
