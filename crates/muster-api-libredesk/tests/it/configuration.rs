//! Statuses and priorities.

use insta::assert_snapshot;
use serde_json::json;

use crate::support::{Said as _, Wire};

#[tokio::test]
async fn the_four_statuses_have_their_ids_names_and_categories() {
    let (wire, _) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    assert_snapshot!(kim.get("/api/v1/statuses").await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":[
        {
          "id":1,
          "created_at":"1970-01-01T00:00:00Z",
          "name":"Open",
          "category":"open"
        },
        {
          "id":2,
          "created_at":"1970-01-01T00:00:00Z",
          "name":"Snoozed",
          "category":"waiting"
        },
        {
          "id":3,
          "created_at":"1970-01-01T00:00:00Z",
          "name":"Resolved",
          "category":"resolved"
        },
        {
          "id":4,
          "created_at":"1970-01-01T00:00:00Z",
          "name":"Closed",
          "category":"resolved"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn deviation_there_are_five_priorities() {
    let (wire, _) = Wire::new().await;
    let kim = wire.client(&wire.desk.agent("kim").await);
    let list = kim.get("/api/v1/priorities").await.data();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|priority| priority["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Highest", "High", "Medium", "Low", "Lowest"]);
    assert_eq!(list[0], json!({"id": 1, "created_at": "1970-01-01T00:00:00Z", "name": "Highest"}));
}
