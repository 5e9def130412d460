//! Health and readiness.

use insta::assert_snapshot;

use crate::support::{Said as _, Wire};

#[tokio::test]
async fn a_running_desk_is_healthy_and_ready() {
    let wire = Wire::empty().await;
    assert_snapshot!(wire.nobody().get("/health").await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":true
    }
    "#);
    assert_snapshot!(wire.nobody().get("/ready").await.shown(), @r#"
    200
    content-type: application/json; charset=utf-8
    {
      "status":"success",
      "data":true
    }
    "#);
}

#[tokio::test]
async fn a_store_that_takes_no_writes_is_not_ready() {
    let wire = Wire::empty().await;
    wire.desk.app.store().close().await;
    assert_snapshot!(wire.nobody().get("/ready").await.shown(), @r#"
    503
    content-type: application/json; charset=utf-8
    retry-after: 5
    {
      "status":"error",
      "message":"The store takes no writes",
      "data":null,
      "error_type":"GeneralException"
    }
    "#);
    assert_eq!(wire.nobody().get("/health").await.status(), 200);
}
