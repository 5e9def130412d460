use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::inboxes::InboxPatch;
use muster_app::privacy::RetentionSettings;
use muster_core::actor::Caller;
use muster_core::conversation::{CLOSED, OPEN, RESOLVED};
use muster_core::{Error, Why};
use muster_store::jobs::{self, NewJob};
use muster_store::{Engine, cursors, outbox, params, sql};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::json;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn count(desk: &TestDesk, select: &'static str) -> i64 {
    let read = desk.app.store().read(move |tx| {
        Box::pin(async move { tx.query_buf(&muster_store::SqlBuf::new(select)).await?[0].get("count") })
    });
    read.await.unwrap()
}

/// Lets time pass at once: what recurs falls due once.
async fn later(desk: &TestDesk, by: Duration) {
    desk.clock.jump(by);
    desk.quiet().await;
}

async fn status(desk: &TestDesk, uuid: uuid::Uuid, status: muster_core::id::StatusId) {
    desk.app.set_status(&Caller::operator(), uuid, StatusRef::Id(status), None).await.unwrap();
}

async fn conversations_go_when_their_inbox_kept_them_long_enough(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (kept, brief) = (desk.inbox().await, desk.inbox().await);
    let patch = InboxPatch { retention_days: Some(Some(30)), ..InboxPatch::default() };
    desk.app.update_inbox(&Caller::operator(), brief.id, patch).await.unwrap();
    let old = desk.visitor(&brief, "old").await;
    let open = desk.visitor(&brief, "open").await;
    let reopened = desk.visitor(&brief, "reopened").await;
    let elsewhere = desk.visitor(&kept, "elsewhere").await;
    for visitor in [&old, &reopened, &elsewhere] {
        status(&desk, visitor.conversation, CLOSED).await;
    }
    desk.app.keep_tidy().await.unwrap();
    later(&desk, 20 * DAY).await;
    status(&desk, reopened.conversation, OPEN).await;
    status(&desk, reopened.conversation, RESOLVED).await;
    later(&desk, 11 * DAY).await;
    assert_eq!(count(&desk, "SELECT COUNT(*) AS count FROM conversations").await, 3);
    let gone = "SELECT COUNT(*) AS count FROM messages WHERE text = 'old'";
    assert_eq!((count(&desk, gone).await, left(&desk, old.contact).await), (0, false));
    for visitor in [&open, &reopened, &elsewhere] {
        assert!(left(&desk, visitor.contact).await);
    }
    assert_eq!(count(&desk, "SELECT COUNT(*) AS count FROM audit WHERE action = 'conversation.deleted'").await, 1);
    later(&desk, 20 * DAY).await;
    assert!(!left(&desk, reopened.contact).await && left(&desk, open.contact).await);
}

async fn left(desk: &TestDesk, contact: muster_core::id::ContactId) -> bool {
    let read = desk.app.store().read(move |tx| {
        Box::pin(async move {
            let rows = sql!("SELECT id FROM contacts WHERE id = $1");
            let sessions = sql!("SELECT contact_id FROM visitor_sessions WHERE contact_id = $1");
            let there = tx.query_opt(rows, &params![contact]).await?.is_some();
            assert!(there || tx.query(sessions, &params![contact]).await?.is_empty());
            Ok(there)
        })
    });
    read.await.unwrap()
}

async fn events_go_but_the_last_and_those_that_somebody_waits_for(engine: TestEngine) {
    let desk = TestDesk::with(engine, |settings| {
        settings.retention = RetentionSettings { events: Some(7 * DAY), jobs: None, audit: Some(7 * DAY) };
    })
    .await;
    let inbox = desk.inbox().await;
    for number in 0..300 {
        desk.visitor(&inbox, &format!("Message {number}")).await;
    }
    desk.quiet().await;
    let last = position(&desk).await;
    assert!(last > 600, "more than a batch");
    let half = last / 2;
    desk.app.store().write(move |tx| Box::pin(cursors::advance(tx, "webhooks", half))).await.unwrap();
    desk.app.keep_tidy().await.unwrap();
    desk.quiet().await;
    assert_eq!(kept(&desk).await, (1, last), "nothing is old enough");
    later(&desk, 8 * DAY).await;
    assert_eq!(kept(&desk).await, (half + 1, last), "a cursor keeps what it hasn't seen");
    assert_eq!(count(&desk, "SELECT COUNT(*) AS count FROM audit").await, 0);
    desk.app.store().write(move |tx| Box::pin(cursors::advance(tx, "webhooks", last))).await.unwrap();
    later(&desk, DAY).await;
    assert_eq!(kept(&desk).await, (last, last), "the last one stays");
    desk.visitor(&inbox, "One more").await;
    desk.quiet().await;
    let (first, now) = kept(&desk).await;
    assert_eq!(first, last, "positions go on without a gap");
    let events = desk.app.store().read(move |tx| Box::pin(outbox::events_after(tx, last, 1000))).await.unwrap();
    let positions: Vec<i64> = events.iter().map(|event| event.position).collect();
    assert_eq!(positions, (last + 1..=now).collect::<Vec<_>>());
}

async fn position(desk: &TestDesk) -> i64 {
    desk.app.store().read(|tx| Box::pin(outbox::last_position(tx))).await.unwrap()
}

/// The first and the last position there is.
async fn kept(desk: &TestDesk) -> (i64, i64) {
    let first = match desk.app.store().engine() {
        Engine::Sqlite => "SELECT MIN(id) AS count FROM events",
        Engine::Postgres => "SELECT MIN(pos) AS count FROM events",
    };
    (count(desk, first).await, position(desk).await)
}

async fn done_jobs_and_proofs_that_are_over_go_and_dead_jobs_stay(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let now = desk.now();
    let admin = desk.admin().await;
    let origin =
        muster_app::auth::Origin { ip: None, user_agent: None, request_id: None, via: muster_core::actor::Via::Api };
    desk.app.sign_in(&origin, &admin.email, muster_testkit::PASSWORD).await.unwrap();
    desk.app.reset_password_link(&Caller::operator(), &admin.email).await.unwrap();
    let visitor = desk.visitor(&desk.inbox().await, "Hello").await;
    desk.app
        .store()
        .write(move |tx| {
            Box::pin(async move {
                for name in ["done", "dead", "waiting"] {
                    jobs::insert(tx, NewJob { name, key: None, payload: json!({}), run_at: now, secret: None }, now)
                        .await?;
                }
                tx.execute(sql!("UPDATE jobs SET done_at = $1 WHERE name = 'done'"), &params![now]).await?;
                tx.execute(sql!("UPDATE jobs SET dead_at = $1 WHERE name = 'dead'"), &params![now]).await
            })
        })
        .await
        .unwrap();
    desk.app.keep_tidy().await.unwrap();
    desk.quiet().await;
    let named = "SELECT COUNT(*) AS count FROM jobs WHERE name IN ('done', 'dead', 'waiting')";
    let proofs = "SELECT (SELECT COUNT(*) FROM sessions) + (SELECT COUNT(*) FROM one_time_links) AS count";
    assert_eq!((count(&desk, named).await, count(&desk, proofs).await), (3, 2));
    later(&desk, 31 * DAY).await;
    assert_eq!((count(&desk, named).await, count(&desk, proofs).await), (2, 0));
    assert!(desk.app.authenticate_visitor(visitor.inbox, &visitor.token).await.is_ok());
    later(&desk, 183 * DAY).await;
    assert_eq!(count(&desk, "SELECT COUNT(*) AS count FROM visitor_sessions").await, 0);
}

async fn a_time_that_is_none_is_refused(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let inbox = desk.inbox().await;
    for days in [0, 36_501] {
        let patch = InboxPatch { retention_days: Some(Some(days)), ..InboxPatch::default() };
        let refused = desk.app.update_inbox(&Caller::operator(), inbox.id, patch).await;
        assert!(
            matches!(refused, Err(Error::Invalid { field: "retention_days", why: Why::OutOfRange })),
            "{refused:?}"
        );
    }
}

both_engines!(
    conversations_go_when_their_inbox_kept_them_long_enough,
    events_go_but_the_last_and_those_that_somebody_waits_for,
    done_jobs_and_proofs_that_are_over_go_and_dead_jobs_stay,
    a_time_that_is_none_is_refused,
);
