//! Saved views.

use serde_json::{Value, json};

use crate::lists::{leaf, started};
use crate::mask::masked;
use crate::support::{Said as _, Wire};

const OWN: &str = "/api/v1/views/me";
const SHARED: &str = "/api/v1/shared-views";

fn filters() -> Value {
    json!([leaf("conversations.status_id", "equals", "1"), leaf("users.email", "contains", "pat")])
}

fn own(name: &str) -> Value {
    json!({"name": name, "filters": filters()})
}

fn shared(name: &str, visibility: &str, team: Option<i64>) -> Value {
    json!({"name": name, "filters": filters(), "visibility": visibility, "team_id": team})
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_agent_keeps_views_of_their_own() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    insta::assert_snapshot!(masked(&kim.post(OWN, &own("Pat")).await), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"Pat",
        "filters":[
          {
            "model":"conversations",
            "field":"status_id",
            "operator":"equals",
            "value":"1"
          },
          {
            "model":"users",
            "field":"email",
            "operator":"contains",
            "value":"pat"
          }
        ],
        "visibility":"user",
        "user_id":3
      }
    }
    "#);
    let group = json!({"logic": "OR", "rules": [leaf("conversations.priority_id", "in", r#"["1","2"]"#)]});
    let changed = kim.put(&format!("{OWN}/1"), &json!({"name": "Urgent", "filters": group})).await.data();
    assert_eq!((&changed["name"], &changed["filters"]), (&json!("Urgent"), &group));
    assert_eq!(kim.get(OWN).await.data(), json!([changed]));
    assert_eq!(admin.get(OWN).await.data(), json!([]), "nobody else's");
    assert_eq!(kim.delete(&format!("{OWN}/1")).await.data(), true);
    assert_eq!(kim.get(OWN).await.data(), json!([]));
}

#[tokio::test]
async fn somebody_elses_view_is_not_ones_own() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    admin.post(OWN, &own("Mine")).await.data();
    admin.post(SHARED, &shared("Ours", "all", None)).await.data();
    for id in [1, 2] {
        let path = format!("{OWN}/{id}");
        for answer in [kim.put(&path, &own("Taken")).await, kim.delete(&path).await] {
            answer.refuses(403, "PermissionException", "Permission denied");
        }
    }
    for answer in [
        admin.get(&format!("{SHARED}/1")).await,
        admin.put(&format!("{SHARED}/1"), &shared("Taken", "all", None)).await,
        admin.delete(&format!("{SHARED}/1")).await,
        admin.put(&format!("{OWN}/9"), &own("None")).await,
        admin.delete(&format!("{OWN}/9")).await,
        admin.get("/api/v1/views/9/conversations").await,
    ] {
        answer.refuses(404, "NotFoundException", "View not found");
    }
    let answer = kim.get("/api/v1/views/1/conversations").await;
    answer.refuses(403, "PermissionException", "You do not have access to this view");
    admin.get(&format!("{SHARED}/x")).await.refuses(400, "InputException", "Something went wrong");
    assert_eq!(names(&admin.get(OWN).await.data()), ["Mine"]);
}

#[tokio::test]
async fn shared_views_are_seen_by_those_they_are_for() {
    let (wire, admin) = Wire::new().await;
    let (team, other) = (wire.desk.team("Support").await, wire.desk.team("Sales").await);
    let kim = wire.client(&wire.desk.agent("kim").team(team).await);
    admin.post(SHARED, &shared("Everybody's", "all", None)).await.data();
    let of_team = admin.post(SHARED, &shared("Support's", "team", Some(team.0))).await.data();
    assert_eq!((&of_team["visibility"], &of_team["team_id"]), (&json!("team"), &json!(team.0)));
    assert!(of_team.get("user_id").is_none());
    admin.post(SHARED, &shared("Sales'", "team", Some(other.0))).await.data();
    assert_eq!(names(&kim.get("/api/v1/views/shared").await.data()), ["Everybody's", "Support's"]);
    assert_eq!(names(&admin.get(SHARED).await.data()), ["Everybody's", "Support's", "Sales'"]);
    assert_eq!(admin.get(&format!("{SHARED}/2")).await.data(), of_team);
    kim.get("/api/v1/views/2/conversations").await.data();
    let answer = kim.get("/api/v1/views/3/conversations").await;
    answer.refuses(403, "PermissionException", "You do not have access to this view");
    for answer in [kim.get(SHARED).await, kim.post(SHARED, &shared("Mine", "all", None)).await] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
    admin.put(&format!("{SHARED}/2"), &shared("All's", "all", None)).await.data();
    wire.desk.quiet().await;
    admin.delete(&format!("/api/v1/teams/{}", other.0)).await.data();
    assert_eq!(names(&admin.get(SHARED).await.data()), ["Everybody's", "All's"], "a team takes its views along");
    assert_eq!(admin.delete(&format!("{SHARED}/1")).await.data(), true);
    assert_eq!(names(&kim.get("/api/v1/views/shared").await.data()), ["All's"]);
}

#[tokio::test]
async fn an_agent_who_is_deleted_takes_their_own_views_along() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").await;
    wire.client(&kim).post(OWN, &own("Pat")).await.data();
    admin.delete(&format!("/api/v1/agents/{}", kim.id.0)).await.data();
    let answer = admin.get("/api/v1/views/1/conversations").await;
    answer.refuses(404, "NotFoundException", "View not found");
}

#[tokio::test]
async fn a_view_shows_what_it_lets_through_and_the_reader_may_read() {
    let (wire, admin) = Wire::new().await;
    let inbox = wire.desk.inbox().await;
    let pat = started(&wire, &admin, &inbox, "pat@example.org", "Hello").await;
    let patsy = started(&wire, &admin, &inbox, "patsy@example.org", "Hello").await;
    started(&wire, &admin, &inbox, "sam@example.org", "Hello").await;
    admin.post(SHARED, &shared("Pat", "all", None)).await.data();
    let shown = |page: Value| -> Vec<String> {
        let results = page["results"].as_array().unwrap();
        assert_eq!(page["total"], results.len());
        results.iter().map(|item| item["uuid"].as_str().unwrap().to_owned()).collect()
    };
    let path = "/api/v1/views/1/conversations";
    assert_eq!(shown(admin.get(path).await.data()), [patsy.as_str(), pat.as_str()]);
    assert_eq!(shown(admin.get(&format!("{path}?filters=x&order=asc")).await.data()), [pat.as_str(), patsy.as_str()]);
    admin.get(&format!("{path}?order=up")).await.refuses(400, "InputException", "Invalid filters.");

    let rights = ["conversations:read", "conversations:read_assigned"];
    admin.post("/api/v1/roles", &json!({"name": "Own", "permissions": rights})).await.data();
    admin.post("/api/v1/roles", &json!({"name": "None", "permissions": ["conversations:read"]})).await.data();
    let (kim, lee) = (wire.desk.agent("kim").await, wire.desk.agent("lee").role("None").await);
    let given = json!({"assignee_id": kim.id.0});
    admin.put(&format!("/api/v1/conversations/{pat}/assignee/user"), &given).await.data();
    let roles = json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Own"]});
    admin.put(&format!("/api/v1/agents/{}", kim.id.0), &roles).await.data();
    assert_eq!(shown(wire.client(&kim).get(path).await.data()), [pat.as_str()]);
    wire.client(&lee).get(path).await.refuses(403, "PermissionException", "Permission denied");
}

#[tokio::test]
async fn what_a_view_can_not_be_is_refused() {
    let (_wire, admin) = Wire::new().await;
    admin.post(OWN, &own("Mine")).await.data();
    admin.post(SHARED, &shared("Ours", "all", None)).await.data();
    let rule = leaf("conversations.status_id", "equals", "1");
    let groups = json!({"logic": "AND", "rules": vec![json!({"logic": "AND", "rules": [rule]}); 11]});
    let illegal = json!([leaf("conversations.id", "equals", "1")]);
    let too_many = "Too many filter groups. Maximum 10 groups are allowed.";
    for (body, created, updated) in [
        (json!({"filters": filters()}), "`Name` empty", "`name` empty"),
        (json!({"name": " ", "filters": filters()}), "`Name` empty", "`name` empty"),
        (json!({"name": "x"}), "`Filters` empty", "`filters` empty"),
        (json!({"name": "x", "filters": []}), "`Filters` empty", "`filters` empty"),
        (json!({"name": "x", "filters": {}}), "`Filters` empty", "`filters` empty"),
        (json!({"name": "x", "filters": {"logic": "OR", "rules": []}}), "`Filters` empty", "`filters` empty"),
        (json!({"name": "x", "filters": 7}), "Invalid filters.", "Invalid filters."),
        (json!({"name": "x", "filters": illegal}), "Invalid filters.", "Invalid filters."),
        (json!({"name": "x", "filters": groups}), too_many, too_many),
    ] {
        admin.post(OWN, &body).await.refuses(400, "InputException", created);
        admin.put(&format!("{OWN}/1"), &body).await.refuses(400, "InputException", updated);
        admin.post(SHARED, &body).await.refuses(400, "InputException", created);
        admin.put(&format!("{SHARED}/2"), &body).await.refuses(400, "InputException", updated);
    }
    let long = "Name is too long, should be at most 140 characters";
    admin.post(OWN, &own(&"x".repeat(141))).await.refuses(400, "InputException", long);
    for (body, message) in [
        (json!({"name": "x", "filters": filters()}), "Invalid `visibility`"),
        (shared("x", "user", None), "Invalid `visibility`"),
        (shared("x", "team", None), "`team_id` Required"),
        (shared("x", "team", Some(0)), "`team_id` Required"),
        (shared("x", "team", Some(99)), "Team not found"),
    ] {
        admin.post(SHARED, &body).await.refuses(400, "InputException", message);
        admin.put(&format!("{SHARED}/2"), &body).await.refuses(400, "InputException", message);
    }
    assert_eq!(names(&admin.get(SHARED).await.data()), ["Ours"]);
    assert_eq!(names(&admin.get(OWN).await.data()), ["Mine"]);
}
