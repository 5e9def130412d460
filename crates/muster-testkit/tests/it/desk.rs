use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use muster_app::Clock as _;
use muster_app::teams::NewTeam;
use muster_testkit::clock::START;
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::json;

async fn a_digest_changes_with_the_tables_and_not_with_use(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kim, admin) = (desk.agent("kim").await, desk.admin().await);
    let before = desk.digest().await;
    let team = || NewTeam { name: "Support".to_owned(), ..NewTeam::default() };
    desk.app.authenticate_key(&kim.key.0, &kim.key.1).await.unwrap();
    assert!(desk.app.create_team(&kim.caller(), team()).await.is_err());
    desk.quiet().await;
    assert_eq!(desk.digest().await, before);
    desk.app.create_team(&admin.caller(), team()).await.unwrap();
    let changed = desk.digest().await.changed_since(&before);
    assert!(changed.contains(&"teams".to_owned()) && !changed.contains(&"agents".to_owned()), "{changed:?}");
}

async fn two_desks_draw_the_same_ids(engine: TestEngine) {
    let (mut ids, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let desk = TestDesk::new(engine).await;
        let kim = desk.agent("kim").await;
        keys.push(kim.key.clone());
        ids.push(desk.profile(&kim).await.agent.public_id);
    }
    assert_eq!((&ids[0], &keys[0]), (&ids[1], &keys[1]));
}

async fn time_moves_only_when_told_to(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    assert_eq!(desk.now(), START);
    let hour = Duration::from_secs(3600);
    let sleeper = desk.clock.sleep_until(START + hour);
    desk.advance(hour).await;
    sleeper.await;
    assert_eq!(desk.now(), START + hour);
}

async fn a_served_router_is_asked_over_http(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    let shown = |headers: HeaderMap| async move {
        let credential = headers.get("authorization").and_then(|value| value.to_str().ok());
        axum::Json(json!({ "credential": credential.map(|text| text.split(' ').next().unwrap_or_default()) }))
    };
    let served = desk.serve(Router::new().route("/credential", get(shown))).await;
    let reply = served.anonymous().get("/credential").await;
    assert_eq!((reply.status().as_u16(), reply.json()), (200, json!({ "credential": null })));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let reply = served.as_agent(&kim).get("/credential").await;
    assert_eq!(reply.json(), json!({ "credential": "Basic" }));
    assert_eq!(served.anonymous().get("/else").await.status().as_u16(), 404);
}

both_engines!(
    a_digest_changes_with_the_tables_and_not_with_use,
    two_desks_draw_the_same_ids,
    time_moves_only_when_told_to,
    a_served_router_is_asked_over_http,
);
