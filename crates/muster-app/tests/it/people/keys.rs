//! API keys.

use std::time::Duration;

use muster_app::agents::AgentPatch;
use muster_core::Entity;
use muster_core::id::AgentId;
use muster_testkit::{TestEngine, both_engines};

use super::{agent, assert_not_found, assert_unauthenticated, built_in, desk, digest, event_names, read, update};

both_engines!(
    a_key_is_shown_once_and_works,
    the_default_key_is_replaced_and_others_are_added,
    a_revoked_key_dies_at_once,
    a_blocked_agents_key_is_refused_and_works_again_later,
    a_keys_rights_are_fresh_at_once,
    when_a_key_was_used_is_written_once_a_minute,
);

async fn a_key_is_shown_once_and_works(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let key = desk.app.create_api_key(&admin, kim, Some("default")).await.unwrap();
    assert_eq!((key.key_id.len(), key.secret.len(), key.name.as_str()), (32, 64, "default"));
    assert!(!format!("{key:?}").contains(&key.secret));
    for _ in 0..2 {
        assert_eq!(desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap().id, kim);
        assert_unauthenticated(desk.app.authenticate_key(&key.key_id, "wrong").await);
        assert_unauthenticated(desk.app.authenticate_key("unknown", &key.secret).await);
    }
    assert_eq!(read(&desk, kim).await.api_key.unwrap().key_id, key.key_id);
    assert_not_found(desk.app.create_api_key(&admin, AgentId(999), None).await, Entity::Agent);
    assert!(event_names(&desk).await.contains(&"api_key.created"));
}

async fn the_default_key_is_replaced_and_others_are_added(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let first = desk.app.create_api_key(&admin, kim, Some("default")).await.unwrap();
    let added = desk.app.create_api_key(&admin, kim, None).await.unwrap();
    desk.app.authenticate_key(&first.key_id, &first.secret).await.unwrap();
    let second = desk.app.create_api_key(&admin, kim, Some("default")).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_key(&first.key_id, &first.secret).await);
    for key in [&second, &added] {
        desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap();
    }
}

async fn a_revoked_key_dies_at_once(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let key = desk.app.create_api_key(&admin, kim, Some("default")).await.unwrap();
    desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap();
    desk.app.revoke_api_key(&admin, kim, "default").await.unwrap();
    assert_unauthenticated(desk.app.authenticate_key(&key.key_id, &key.secret).await);
    let before = digest(&desk).await;
    desk.app.revoke_api_key(&admin, kim, "default").await.unwrap();
    assert_eq!(before, digest(&desk).await);
}

async fn a_blocked_agents_key_is_refused_and_works_again_later(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let key = desk.app.create_api_key(&admin, kim, None).await.unwrap();
    desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap();
    let enable = |enabled| AgentPatch { enabled: Some(enabled), ..AgentPatch::default() };
    update(&desk, kim, enable(false)).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_key(&key.key_id, &key.secret).await);
    update(&desk, kim, enable(true)).await.unwrap();
    desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap();
    desk.app.delete_agent(&admin, kim).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_key(&key.key_id, &key.secret).await);
}

async fn a_keys_rights_are_fresh_at_once(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let key = desk.app.create_api_key(&admin, kim, None).await.unwrap();
    assert!(desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap().permissions.is_empty());
    let roles = Some(vec![built_in(&desk, "agent").await]);
    update(&desk, kim, AgentPatch { roles, ..AgentPatch::default() }).await.unwrap();
    assert!(desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap().permissions.answers());
}

async fn when_a_key_was_used_is_written_once_a_minute(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let key = desk.app.create_api_key(&admin, kim, Some("default")).await.unwrap();
    let used_at = async || read(&desk, kim).await.api_key.unwrap().last_used_at;
    let first = desk.now();
    desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap();
    while used_at().await.is_none() {
        tokio::task::yield_now().await;
    }
    desk.advance(Duration::from_secs(10)).await;
    desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap();
    desk.advance(Duration::from_secs(49)).await;
    assert_eq!(used_at().await, Some(first));
    desk.advance(Duration::from_secs(1)).await;
    while used_at().await == Some(first) {
        tokio::task::yield_now().await;
    }
    assert_eq!(used_at().await, Some(first + Duration::from_secs(10)));
}
