use muster_app::hub::Heard;
use muster_core::actor::{Actor, Caller};
use muster_core::event::Event;
use muster_core::presence::LeaseKind;
use muster_store::outbox;
use muster_testkit::{TestDesk, TestEngine, both_engines};

async fn what_another_process_writes_is_heard(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    desk.quiet().await;
    let mut listener = desk.app.hub().subscribe(kim.caller().actor);
    let command = desk.beside().await;
    command.prove_presence(&kim.caller(), "command", LeaseKind::Rest, true).await.unwrap();
    let Heard::Notice(notice) = listener.next().await else { panic!("a notice was expected") };
    assert!(matches!(notice.record.event, Event::PresenceChanged { agent, .. } if agent == kim.id));
    command.store().close().await;
}

async fn what_another_process_revokes_is_forgotten(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    let (key, secret) = kim.key.clone();
    desk.app.authenticate_key(&key, &secret).await.unwrap();
    let mut listener = desk.app.hub().subscribe(Actor::Operator);
    let command = desk.beside().await;
    command.revoke_api_key(&Caller::operator(), kim.id, "default").await.unwrap();
    // An event behind the revocation that the listener may hear tells that the revocation was followed.
    desk.visitor(&desk.inbox().await, "Hello").await;
    assert!(matches!(listener.next().await, Heard::Notice(_)));
    assert!(desk.app.authenticate_key(&key, &secret).await.is_err());
    command.store().close().await;
}

async fn every_event_has_its_place(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    let starts = (0..20).map(|number| {
        let (desk, inbox) = (&desk, &inbox);
        async move { desk.visitor(inbox, &format!("Number {number}")).await }
    });
    futures_util::future::join_all(starts).await;
    desk.quiet().await;
    let read = desk.app.store().read(|tx| {
        Box::pin(async move { Ok((outbox::events_after(tx, 0, 10_000).await?, outbox::last_position(tx).await?)) })
    });
    let (events, last) = read.await.unwrap();
    let positions: Vec<i64> = events.iter().map(|record| record.position).collect();
    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
    let middle = desk.app.store().read(|tx| Box::pin(outbox::events_after(tx, 3, 2))).await.unwrap();
    assert_eq!(middle, events[3..5]);
}

both_engines!(
    what_another_process_writes_is_heard,
    what_another_process_revokes_is_forgotten,
    every_event_has_its_place,
);
