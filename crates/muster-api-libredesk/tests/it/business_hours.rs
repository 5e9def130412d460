//! Business hours, and who uses them.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const HOURS: &str = "/api/v1/business-hours";

fn office() -> Value {
    json!({
        "name": "Office",
        "description": "Berlin",
        "is_always_open": false,
        "hours": {"Monday": {"open": "09:00", "close": "17:30"}, "Friday": {"open": "22:00", "close": "06:00"}},
        "holidays": [{"name": "New Year", "date": "2027-01-01"}, {"name": "Christmas", "date": "2026-12-25"}],
    })
}

#[tokio::test]
async fn hours_are_created_shown_changed_and_deleted() {
    let (wire, admin) = Wire::new().await;
    let created = admin.post(HOURS, &office()).await;
    assert_snapshot!(created.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "id":1,
        "created_at":"2026-01-05T09:00:00Z",
        "updated_at":"2026-01-05T09:00:00Z",
        "name":"Office",
        "description":"Berlin",
        "is_always_open":false,
        "hours":{
          "Friday":{
            "open":"22:00",
            "close":"06:00"
          },
          "Monday":{
            "open":"09:00",
            "close":"17:30"
          }
        },
        "holidays":[
          {
            "name":"Christmas",
            "date":"2026-12-25"
          },
          {
            "name":"New Year",
            "date":"2027-01-01"
          }
        ]
      }
    }
    "#);
    let created = created.data();
    assert_eq!(admin.get("/api/v1/business-hours/1").await.data(), created);
    let before = wire.desk.digest().await;
    assert_eq!(admin.put("/api/v1/business-hours/1", &created).await.data(), created);
    assert_eq!(wire.desk.digest().await, before);
    let changed = admin.put("/api/v1/business-hours/1", &json!({"is_always_open": true})).await.data();
    assert_eq!((&changed["is_always_open"], &changed["hours"]), (&json!(true), &created["hours"]));
    let kim = wire.client(&wire.desk.agent("kim").await);
    assert_eq!(kim.get(HOURS).await.data(), json!([changed]));
    for answer in [
        kim.get("/api/v1/business-hours/1").await,
        kim.post(HOURS, &office()).await,
        kim.put("/api/v1/business-hours/1", &office()).await,
        kim.delete("/api/v1/business-hours/1").await,
    ] {
        answer.refuses(403, "PermissionException", "Permission denied");
    }
    assert_eq!(admin.delete("/api/v1/business-hours/1").await.data(), true);
    for answer in [
        admin.get("/api/v1/business-hours/1").await,
        admin.put("/api/v1/business-hours/1", &office()).await,
        admin.delete("/api/v1/business-hours/1").await,
    ] {
        answer.refuses(404, "NotFoundException", "Business hours not found");
    }
}

#[tokio::test]
async fn hours_that_can_not_be_are_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.desk.digest().await;
    let with = |field: &str, value: Value| {
        let mut body = office();
        body[field] = value;
        body
    };
    let span = |open: &str, close: &str| json!({"Monday": {"open": open, "close": close}});
    for (body, message) in [
        (with("name", json!(" ")), "`name` empty"),
        (json!({}), "`name` empty"),
        (with("name", json!("x".repeat(141))), "Name is too long, should be at most 140 characters"),
        (with("hours", json!({"Someday": {"open": "09:00", "close": "17:00"}})), "Invalid `hours`"),
        (with("hours", span("9:00", "17:00")), "Invalid `hours`"),
        (with("hours", span("09:00", "24:01")), "Invalid `hours`"),
        (with("hours", span("09:00", "09:00")), "Invalid `hours`"),
        (
            with(
                "hours",
                json!({"Monday": {"open": "09:00", "close": "17:00"}, "monday": {"open": "10:00", "close": "17:00"}}),
            ),
            "Invalid `hours`",
        ),
        (with("hours", json!({"Monday": {"open": "09:00"}})), "Error parsing request"),
        (with("holidays", json!([{"name": "x", "date": "2026-02-30"}])), "Invalid `holidays`"),
        (with("holidays", json!([{"name": "x", "date": "25.12.2026"}])), "Invalid `holidays`"),
        (with("holidays", json!([{"name": "", "date": "2026-12-25"}])), "`holidays` empty"),
        (
            with("holidays", json!([{"name": "x", "date": "2026-12-25"}, {"name": "y", "date": "2026-12-25"}])),
            "Holiday 2026-12-25 already exists",
        ),
    ] {
        admin.post(HOURS, &body).await.refuses(400, "InputException", message);
    }
    assert_eq!(wire.desk.digest().await, before);
    admin.get("/api/v1/business-hours/x").await.refuses(400, "InputException", "Something went wrong");
}

#[tokio::test]
async fn deviation_hours_in_use_are_not_deleted() {
    let (wire, admin) = Wire::new().await;
    admin.post(HOURS, &office()).await.data();
    let in_use = "A team or the desk itself uses these business hours, Please give it others first";
    let team = wire.desk.team("Support").await;
    let path = format!("/api/v1/teams/{}", team.0);
    assert_eq!(admin.put(&path, &json!({"business_hours_id": 1})).await.data()["business_hours_id"], 1);
    admin.delete("/api/v1/business-hours/1").await.refuses(409, "ConflictException", in_use);
    admin.put(&path, &json!({"business_hours_id": null})).await.data();
    admin.put("/api/v1/settings/general", &json!({"app.business_hours_id": "1"})).await.data();
    admin.delete("/api/v1/business-hours/1").await.refuses(409, "ConflictException", in_use);
    admin.put("/api/v1/settings/general", &json!({"app.business_hours_id": ""})).await.data();
    assert_eq!(admin.delete("/api/v1/business-hours/1").await.data(), true);
}

#[tokio::test]
async fn teams_and_settings_name_hours_that_are_there() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let before = wire.desk.digest().await;
    let absent = "Business hours not found";
    let path = format!("/api/v1/teams/{}", team.0);
    admin.put(&path, &json!({"business_hours_id": 9})).await.refuses(404, "NotFoundException", absent);
    let new =
        json!({"name": "Sales", "conversation_assignment_type": "Manual", "timezone": "UTC", "business_hours_id": 9});
    admin.post("/api/v1/teams", &new).await.refuses(404, "NotFoundException", absent);
    let settings = json!({"app.business_hours_id": "9"});
    admin.put("/api/v1/settings/general", &settings).await.refuses(404, "NotFoundException", absent);
    assert_eq!(wire.desk.digest().await, before);
}
