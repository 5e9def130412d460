//! The documentation page "Update user", line by line: each field of the request, each field of the answer, each row
//! of the code table. `docs/dialects/imichat-seeds.md` maps the lines to these tests.

use std::time::Duration;

use muster_api_imichat::Settings;
use muster_core::agent::Profile;
use muster_core::presence::Wish;
use muster_testkit::{PASSWORD, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, World, origin, outcome, user};

/// The page's User List View object, in its order, and an example of each field's type.
fn documented() -> Vec<(&'static str, Value)> {
    vec![
        ("id", json!(1)),
        ("created_at", json!("2026-01-05T09:00:00.000Z")),
        ("updated_at", json!("2026-01-05T09:00:00.000Z")),
        ("first_name", json!("Ana")),
        ("last_name", json!("Ruiz")),
        ("login_id", json!("ana")),
        ("email_id", json!("ana@example.org")),
        ("status", json!("active")),
        ("logged_in", json!(false)),
        ("job_description", json!("Tier 2")),
        ("login_using_email", json!(true)),
        ("role_type", json!("Customer Care")),
        ("accepting_chats", json!(false)),
        ("skill_attributes", json!({})),
        ("active_chats", json!(0)),
    ]
}

async fn profile(world: &World) -> Profile {
    world.wire.desk.profile(&world.ana).await
}

/// Changes Ana by both methods, each time from how she was, and checks that it comes out the same.
async fn updated(world: &World, body: &Value) -> Value {
    let before = world.shown().await;
    let by_patch = world.update(body).await.response(4309);
    assert_eq!(world.shown().await, by_patch);
    let mut back = world.update(&undoing(body, &before)).await.response(4309);
    back["updated_at"] = before["updated_at"].clone();
    assert_eq!(back, before);
    let by_put = world.client.put(&world.path(), body).await.response(4309);
    assert_eq!(by_patch, by_put);
    assert_eq!(world.shown().await, by_put);
    by_put
}

/// What makes the fields of `body` again what they were.
fn undoing(body: &Value, before: &Value) -> Value {
    let fields = body.as_object().unwrap().iter();
    let was = fields.map(|(field, value)| match value {
        Value::Object(keys) => {
            let was = keys.keys().map(|key| (key.clone(), before[field].get(key).cloned().unwrap_or_default()));
            (field.clone(), was.collect::<serde_json::Map<_, _>>().into())
        }
        _ => (field.clone(), before[field].clone()),
    });
    was.collect::<serde_json::Map<_, _>>().into()
}

async fn an_existing_user_is_updated(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    world.define_skill("language").await;
    let body = json!({
        "first_name": "Anna",
        "last_name": "Ruiz",
        "status": "inactive",
        "job_description": "Tier 2",
        "login_using_email": false,
        "custom_attributes": {"business": "Retail", "location": "Pune"},
        "skill_attributes": {"language": "fr"}
    });
    let answer = world.update(&body).await;
    let expected = format!(
        concat!(
            r#"{{"status_code":4309,"description":"User updated successfully","response":{{"id":{},"#,
            r#""created_at":"2026-01-05T09:00:00.000Z","updated_at":"2026-01-05T09:00:00.000Z","#,
            r#""first_name":"Anna","last_name":"Ruiz","login_id":"ana","email_id":"ana@example.org","#,
            r#""status":"inactive","logged_in":false,"job_description":"Tier 2","login_using_email":false,"#,
            r#""role_type":"Customer Care","accepting_chats":false,"skill_attributes":{{"language":"fr"}},"#,
            r#""active_chats":0,"custom_attributes":{{"business":"Retail","location":"Pune"}}}}}}"#
        ),
        world.ana.id
    );
    assert_eq!((answer.status().as_u16(), answer.text()), (200, expected));
    answer.is_stamped();
}

#[tokio::test]
async fn request_first_name() {
    let world = World::new().await;
    assert_eq!(updated(&world, &json!({"first_name": " Zoë "})).await["first_name"], "Zoë");
    assert_eq!(profile(&world).await.agent.first_name, "Zoë");
}

#[tokio::test]
async fn request_last_name() {
    let world = World::new().await;
    assert_eq!(updated(&world, &json!({"last_name": "Ruiz"})).await["last_name"], "Ruiz");
    assert_eq!(updated(&world, &json!({"last_name": ""})).await["last_name"], "");
}

#[tokio::test]
async fn request_status_inactive() {
    let world = World::new().await;
    assert_eq!(updated(&world, &json!({"status": "inactive"})).await["status"], "inactive");
    assert!(!profile(&world).await.agent.enabled);
}

#[tokio::test]
async fn request_status_active() {
    let world = World::new().await;
    updated(&world, &json!({"status": "inactive"})).await;
    assert_eq!(updated(&world, &json!({"status": "active"})).await["status"], "active");
    assert!(profile(&world).await.agent.enabled);
}

#[tokio::test]
async fn request_job_description() {
    let world = World::new().await;
    assert_eq!(updated(&world, &json!({"job_description": "Tier 2"})).await["job_description"], "Tier 2");
    for cleared in [json!(""), Value::Null] {
        updated(&world, &json!({"job_description": "Tier 2"})).await;
        assert_eq!(updated(&world, &json!({"job_description": cleared})).await["job_description"], "");
    }
}

#[tokio::test]
async fn request_login_using_email() {
    let world = World::new().await;
    let app = &world.wire.desk.app;
    let sign_in = async |name: &str| app.sign_in(&origin(), name, PASSWORD).await.is_ok();
    assert_eq!(updated(&world, &json!({"login_using_email": false})).await["login_using_email"], false);
    assert!(!sign_in("ana@example.org").await && sign_in("ana").await);
    assert_eq!(updated(&world, &json!({"login_using_email": true})).await["login_using_email"], true);
    assert!(sign_in("ana@example.org").await && sign_in("ana").await);
}

#[tokio::test]
async fn request_custom_attributes() {
    let world = World::new().await;
    let shown = updated(&world, &json!({"custom_attributes": {"business": "Retail"}})).await;
    assert_eq!(shown["custom_attributes"], json!({"business": "Retail"}));
    let shown = updated(&world, &json!({"custom_attributes": {"location": "Pune"}})).await;
    assert_eq!(shown["custom_attributes"], json!({"business": "Retail", "location": "Pune"}));
}

#[tokio::test]
async fn request_skill_attributes() {
    let world = World::new().await;
    world.define_skill("language").await;
    let shown = updated(&world, &json!({"skill_attributes": {"language": "fr"}})).await;
    assert_eq!(shown["skill_attributes"], json!({"language": "fr"}));
}

#[tokio::test]
async fn response_status_code_description_and_response() {
    let world = World::new().await;
    let answer = world.update(&json!({"first_name": "Anna"})).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 3);
    assert_eq!(body["status_code"], 4309);
    assert_eq!(body["description"], "User updated successfully");
    assert!(body["response"].is_object());
}

#[tokio::test]
async fn view_has_every_documented_field_with_its_type_in_order() {
    let world = World::new().await;
    let answer = world.update(&json!({"first_name": "Anna"})).await;
    let response = answer.response(4309);
    let text = answer.text();
    let mut place = 0;
    for (field, example) in documented() {
        let kind = std::mem::discriminant::<Value>;
        assert_eq!(kind(&response[field]), kind(&example), "{field}");
        let at = text.find(&format!("\"{field}\":")).unwrap();
        assert!(at > place, "{field}");
        place = at;
    }
    let beyond = response.as_object().unwrap().keys().filter(|key| documented().iter().all(|(field, _)| field != key));
    assert_eq!(beyond.collect::<Vec<_>>(), ["custom_attributes"]);
}

#[tokio::test]
async fn view_id_is_the_users_own() {
    let world = World::new().await;
    assert_eq!(world.shown().await["id"], world.ana.id.0);
    let by_login = world.client.get("/v3.1/users/ana").await.response(4306);
    assert_eq!(by_login, world.shown().await);
}

#[tokio::test]
async fn view_created_at_and_updated_at_are_utc_with_milliseconds() {
    let world = World::new().await;
    world.wire.desk.advance(Duration::from_millis(90_200)).await;
    let shown = updated(&world, &json!({"first_name": "Anna"})).await;
    assert_eq!(shown["created_at"], "2026-01-05T09:00:00.000Z");
    assert_eq!(shown["updated_at"], "2026-01-05T09:01:30.200Z");
}

#[tokio::test]
async fn view_names_login_and_email() {
    let world = World::new().await;
    let shown = world.shown().await;
    let named = ["first_name", "last_name", "login_id", "email_id"].map(|field| shown[field].clone());
    assert_eq!(named, [json!("Ana"), json!(""), json!("ana"), json!("ana@example.org")]);
}

#[tokio::test]
async fn view_status_is_active_or_inactive_and_not_the_lock() {
    let world = World::new().await;
    assert_eq!(world.shown().await["status"], "active");
    world.lock().await;
    assert_eq!(world.shown().await["status"], "active");
    world.update(&json!({"status": "inactive"})).await.response(4309);
    assert_eq!(world.shown().await["status"], "inactive");
}

#[tokio::test]
async fn view_logged_in_and_accepting_chats_follow_the_proven_presence() {
    let world = World::new().await;
    let facts = async || {
        let shown = world.shown().await;
        (shown["logged_in"].clone(), shown["accepting_chats"].clone())
    };
    assert_eq!(facts().await, (json!(false), json!(false)));
    world.wire.desk.goes_online(&world.ana).await;
    assert_eq!(facts().await, (json!(true), json!(true)));
    let caller = world.ana.caller();
    let app = &world.wire.desk.app;
    app.set_my_presence(&caller, Wish::Idle, false).await.unwrap();
    assert_eq!(facts().await, (json!(true), json!(false)));
    app.set_my_presence(&caller, Wish::Ready, false).await.unwrap();
    assert_eq!(facts().await, (json!(true), json!(true)));
    world.lock().await;
    assert_eq!(facts().await, (json!(false), json!(false)));
}

#[tokio::test]
async fn view_job_description_and_login_using_email() {
    let world = World::new().await;
    let shown = world.shown().await;
    assert_eq!((&shown["job_description"], &shown["login_using_email"]), (&json!(""), &json!(true)));
}

#[tokio::test]
async fn view_role_type_customer_care_or_administrative() {
    let world = World::new().await;
    assert_eq!(world.shown().await["role_type"], "Customer Care");
    let admin = world.client.get(&user(world.ada.id)).await.response(4306);
    assert_eq!(admin["role_type"], "Administrative");
}

#[tokio::test]
async fn view_skill_attributes_is_an_object() {
    let world = World::new().await;
    assert_eq!(world.shown().await["skill_attributes"], json!({}));
}

#[tokio::test]
async fn view_active_chats_counts_open_conversations() {
    let world = World::new().await;
    let desk = &world.wire.desk;
    desk.goes_online(&world.ana).await;
    let inbox = desk.inbox_of(Some(world.team)).await;
    for (visitors, message) in [(1, "Hello"), (2, "Hello again")] {
        desk.visitor(&inbox, message).await;
        desk.quiet().await;
        assert_eq!(world.shown().await["active_chats"], visitors);
    }
}

#[tokio::test]
async fn code_2002_a_mandatory_header_is_missing() {
    let world = World::new().await;
    let body = json!({"first_name": "Anna"});
    let before = world.wire.desk.digest().await;
    let nobody = world.wire.nobody();
    nobody.patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
    let team = nobody.header("teamid", &world.team.to_string());
    team.patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
    team.clone().header("access_token", " ").patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), Vec::<String>::new());
    let token = world.wire.with_token(&world.key).await;
    token.patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
    token.header("teamid", "").patch(&world.path(), &body).await.comes_out(outcome::MISSING_HEADER);
}

#[tokio::test]
async fn code_2003_the_token_is_unknown() {
    let world = World::new().await;
    let client = world.client.clone().header("access_token", "x");
    client.patch(&world.path(), &json!({"first_name": "Anna"})).await.comes_out(outcome::INVALID_TOKEN);
}

#[tokio::test]
async fn code_2004_the_token_has_expired() {
    let world = World::new().await;
    world.wire.desk.advance(Duration::from_secs(3600)).await;
    world.update(&json!({"first_name": "Anna"})).await.comes_out(outcome::TOKEN_EXPIRED);
}

async fn code_2007_something_unexpected_failed(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    world.wire.desk.break_agents().await;
    let body = json!({
        "first_name": "Bea", "login_id": "bea", "email_id": "bea@example.org", "password": PASSWORD,
        "privileges": [{"teamid": world.team, "role": "Team Agent"}]
    });
    world.client.post("/v3.1/users", &body).await.comes_out(outcome::INTERNAL);
    world.wire.desk.mend_agents().await;
    world.client.post("/v3.1/users", &body).await.response(4305);
    let before = world.wire.desk.digest().await;
    let body = json!({"first_name": "Anna"});
    world.wire.desk.break_profiles().await;
    world.update(&body).await.comes_out(outcome::INTERNAL);
    world.client.put(&world.path(), &body).await.comes_out(outcome::INTERNAL);
    world.client.get(&world.path()).await.comes_out(outcome::INTERNAL);
    world.wire.desk.mend_profiles().await;
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), [""; 0]);
    world.update(&body).await.response(4309);
}

#[tokio::test]
async fn code_2010_the_team_in_the_header_is_unknown_or_not_shared() {
    let world = World::new().await;
    let sales = world.wire.desk.team("Sales").await;
    let key = world.wire.key_for("Support only", Some(vec![world.team])).await;
    let body = json!({"first_name": "Anna"});
    for team in ["999", "x", "7.0", "-1", "99999999999999999999", &sales.to_string()] {
        let client = world.wire.with_token(&key).await.header("teamid", team);
        client.patch(&world.path(), &body).await.comes_out(outcome::NO_TEAM);
    }
    world.wire.client(&key, world.team).await.patch(&world.path(), &body).await.response(4309);
}

#[tokio::test]
async fn code_2099_the_method_is_not_allowed() {
    let world = World::new().await;
    for method in [Method::POST, Method::DELETE] {
        let answer = world.client.send(world.client.request(method, &world.path())).await;
        answer.comes_out(outcome::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some("GET, PUT, PATCH, HEAD, OPTIONS"));
    }
}

#[tokio::test]
async fn code_3101_there_is_no_such_user() {
    let world = World::new().await;
    for id in ["4242", "nobody", "0", "99999999999999999999"] {
        let path = format!("/v3.1/users/{id}");
        world.client.patch(&path, &json!({"first_name": "Anna"})).await.comes_out(outcome::NO_USER);
    }
}

async fn code_3104_the_update_itself_failed(engine: TestEngine) {
    let world = World::on(engine, Settings::default()).await;
    let before = world.wire.desk.digest().await;
    world.wire.desk.break_agents().await;
    for body in [json!({"first_name": "Anna"}), json!({"status": "inactive"})] {
        world.update(&body).await.comes_out(outcome::UPDATE_FAILED);
        world.client.put(&world.path(), &body).await.comes_out(outcome::UPDATE_FAILED);
    }
    // What is refused before the write doesn't reach the store.
    world.update(&json!({})).await.comes_out(outcome::INVALID_REQUEST);
    world.client.patch("/v3.1/users/4242", &json!({"first_name": "A"})).await.comes_out(outcome::NO_USER);
    assert_eq!(world.shown().await["first_name"], "Ana");
    world.wire.desk.mend_agents().await;
    assert_eq!(world.wire.desk.digest().await.changed_since(&before), [""; 0]);
    world.update(&json!({"first_name": "Anna"})).await.response(4309);
}

#[tokio::test]
async fn code_3107_the_business_is_not_valid() {
    let world = World::new().await;
    for value in [json!("Nope"), json!(7), json!(["Retail"])] {
        let body = json!({"custom_attributes": {"business": value}});
        world.update(&body).await.comes_out(outcome::INVALID_BUSINESS);
    }
}

#[tokio::test]
async fn code_3110_the_location_is_not_valid() {
    let world = World::new().await;
    for value in [json!("Nope"), json!(true), json!({})] {
        let body = json!({"custom_attributes": {"location": value}});
        world.update(&body).await.comes_out(outcome::INVALID_LOCATION);
    }
}

#[tokio::test]
async fn code_3114_there_is_no_body() {
    let world = World::new().await;
    for body in ["", "  \r\n\t", "null", " null "] {
        for method in [Method::PATCH, Method::PUT] {
            let request = world.client.request(method, &world.path()).body(body);
            world.client.send(request).await.comes_out(outcome::NO_BODY);
        }
    }
}

#[tokio::test]
async fn code_3115_the_request_is_invalid() {
    let world = World::new().await;
    for body in ["not json", "[]", "{}", "7", r#"{"status":"off"}"#, r#"{"login_using_email":"yes"}"#] {
        let request = world.client.request(Method::PATCH, &world.path()).body(body);
        world.client.send(request).await.comes_out(outcome::INVALID_REQUEST);
    }
}

#[tokio::test]
async fn code_4309_the_user_was_updated() {
    let world = World::new().await;
    let answer = world.update(&json!({"last_name": "Ruiz"})).await;
    assert_eq!(answer.response(4309)["last_name"], "Ruiz");
    assert_eq!(answer.json()["description"], "User updated successfully");
}

both_engines!(an_existing_user_is_updated, code_2007_something_unexpected_failed, code_3104_the_update_itself_failed,);
