//! Jobs.

use std::time::Duration;

use insta::assert_snapshot;
use muster_app::jobs::JobFailure;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

const JOBS: &str = "/api/v1/jobs";

/// A desk on which kim asked for a new password.
async fn asked() -> (Wire, muster_testkit::Client) {
    let (wire, admin) = Wire::new().await;
    wire.desk.agent("kim").await;
    wire.nobody().post("/api/v1/agents/reset-password", &json!({"email": "kim@example.org"})).await.data();
    (wire, admin)
}

fn states(page: &Value) -> Vec<&str> {
    page["results"].as_array().unwrap().iter().map(|job| job["state"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_listed_and_tried_again() {
    let (wire, admin) = asked().await;
    wire.desk.app.on_job("mail.reset", |_, _| {
        Box::pin(async { Err(JobFailure::Never("550 there is no such mailbox".to_owned())) })
    });
    wire.desk.advance(Duration::from_secs(60)).await;
    assert_snapshot!(admin.get(&format!("{JOBS}?state=dead")).await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":{
        "results":[
          {
            "id":1,
            "name":"mail.reset",
            "state":"dead",
            "to":"kim@example.org",
            "attempts":1,
            "last_error":"550 there is no such mailbox",
            "created_at":"2026-01-05T09:00:00Z",
            "next_try_at":null,
            "ended_at":"2026-01-05T09:00:00Z"
          }
        ],
        "total":1,
        "per_page":30,
        "total_pages":1,
        "page":1
      }
    }
    "#);
    wire.desk.app.on_job("mail.reset", |app, job| {
        Box::pin(async move { app.link_mail(&job).await.map(|mail| assert!(mail.is_some())) })
    });
    assert_eq!(admin.post(&format!("{JOBS}/1/retry"), &json!({})).await.data(), true);
    wire.desk.quiet().await;
    assert_eq!(states(&admin.get(&format!("{JOBS}?state=done")).await.data()), ["done"]);
    admin.post(&format!("{JOBS}/1/retry"), &json!({})).await.refuses(404, "NotFoundException", "Not found");
}

#[tokio::test]
async fn jobs_are_listed_by_state_and_page() {
    let (wire, admin) = asked().await;
    wire.nobody().post("/api/v1/agents/reset-password", &json!({"email": "kim@example.org"})).await.data();
    let page = admin.get(&format!("{JOBS}?page=2&page_size=1")).await.data();
    assert_eq!((&page["total"], &page["total_pages"], &page["results"][0]["id"]), (&json!(2), &json!(2), &json!(2)));
    assert_eq!(states(&admin.get(&format!("{JOBS}?state=waiting")).await.data()), ["waiting", "waiting"]);
    assert_eq!(admin.get(&format!("{JOBS}?state=dead")).await.data()["results"], json!([]));
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let (_wire, admin) = asked().await;
    admin.get(&format!("{JOBS}?state=lost")).await.refuses(400, "InputException", "Invalid `state`");
    admin.post(&format!("{JOBS}/9/retry"), &json!({})).await.refuses(404, "NotFoundException", "Not found");
    admin.post(&format!("{JOBS}/x/retry"), &json!({})).await.refuses(400, "InputException", "Something went wrong");
}
