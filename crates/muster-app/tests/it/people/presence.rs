//! Who is there, and what is shown.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_core::actor::Caller;
use muster_core::event::Event;
use muster_core::id::AgentId;
use muster_core::presence::{Intent, LeaseKind, Link, SOCKET_LEASE, Shown, Wish};
use muster_store::{params, sql};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    PASSWORD, agent, assert_invalid, assert_unauthenticated, caller, desk, digest, event_names, events, id, new_agent,
    origin, read, update,
};

both_engines!(
    a_socket_proves_presence_until_its_lease_runs_out,
    a_lease_is_renewed_only_when_a_third_has_run,
    another_ones_word_is_shown_and_proves_nothing,
    an_own_wish_is_proof_of_presence,
    a_pause_has_the_reason_that_was_given_last,
    an_idle_detector_moves_only_the_ready,
    hidden_stays_hidden_until_a_new_socket,
    signing_out_ends_the_presence_proven_under_it,
    blocking_ends_presence,
    flags_come_before_presence,
    disabled_and_locked_move_by_their_own_words,
    intervals_follow_what_is_shown,
);

async fn shown(desk: &TestDesk, id: AgentId) -> Shown {
    let profile = read(desk, id).await;
    profile.state.shown(&profile.agent, desk.now())
}

async fn prove(desk: &TestDesk, who: &Caller, holder: &str, from_hidden: bool) {
    desk.app.prove_presence(who, holder, LeaseKind::Socket, from_hidden).await.unwrap();
}

async fn kim(desk: &TestDesk) -> (Caller, AgentId) {
    let profile = agent(desk, "kim@example.org").await;
    (caller(&profile), profile.agent.id)
}

fn wishing(wish: Wish) -> AgentPatch {
    AgentPatch { presence: Some(wish), ..AgentPatch::default() }
}

async fn a_socket_proves_presence_until_its_lease_runs_out(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    assert_eq!(shown(&desk, id).await, Shown::Offline);
    prove(&desk, &kim, "socket-1", true).await;
    assert_eq!(shown(&desk, id).await, Shown::Ready);
    assert_eq!(read(&desk, id).await.agent.last_active_at, Some(desk.now()));
    desk.advance(Duration::from_secs(60)).await;
    prove(&desk, &kim, "socket-2", true).await;
    desk.advance(Duration::from_secs(89)).await;
    assert_eq!(read(&desk, id).await.state.link, Link::Live);
    let epoch = read(&desk, id).await.state.epoch;
    desk.advance(Duration::from_secs(1)).await;
    let state = read(&desk, id).await.state;
    assert_eq!((state.link, state.lease_until), (Link::Absent, None));
    assert!(state.epoch > epoch);
    assert_eq!(event_names(&desk).await.iter().filter(|name| **name == "presence.changed").count(), 2);
}

async fn a_lease_is_renewed_only_when_a_third_has_run(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    prove(&desk, &kim, "socket", true).await;
    let first = read(&desk, id).await;
    assert_eq!(first.state.lease_until, Some(desk.now() + SOCKET_LEASE));
    desk.advance(Duration::from_secs(30)).await;
    prove(&desk, &kim, "socket", false).await;
    assert_eq!(read(&desk, id).await, first);
    desk.advance(Duration::from_secs(1)).await;
    prove(&desk, &kim, "socket", false).await;
    let renewed = read(&desk, id).await.state;
    assert_eq!(renewed.lease_until, Some(desk.now() + SOCKET_LEASE));
    assert_eq!((renewed.epoch, renewed.state_since), (first.state.epoch, first.state.state_since));
    assert_eq!(event_names(&desk).await.iter().filter(|name| **name == "presence.changed").count(), 1);
}

async fn another_ones_word_is_shown_and_proves_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (_, id) = kim(&desk).await;
    let told = |patch| desk.app.update_agent(&admin, id, patch);
    let profile = told(wishing(Wish::Ready)).await.unwrap();
    assert_eq!(profile.state.shown(&profile.agent, desk.now()), Shown::Declared { idle: false });
    assert!(!profile.state.is_live(desk.now()));
    desk.advance(Duration::from_secs(60)).await;
    assert_eq!(shown(&desk, id).await, Shown::Offline);
    told(wishing(Wish::Idle)).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Declared { idle: true });
    told(wishing(Wish::Paused)).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Paused);
    told(wishing(Wish::Reassigning)).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Reassigning);
    told(wishing(Wish::Hidden)).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Offline);
    told(wishing(Wish::Ready)).await.unwrap();
    assert_eq!(read(&desk, id).await.state.link, Link::Hidden, "who has hidden isn't brought back");
    let new = NewAgent { presence: Some(Wish::Paused), ..new_agent("new@example.org") };
    let created = desk.app.create_agent(&admin, new).await.unwrap();
    assert_eq!((created.state.intent, created.state.link), (Intent::Paused, Link::Absent));
}

async fn an_own_wish_is_proof_of_presence(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    for (wish, expected) in [
        (Wish::Ready, Shown::Ready),
        (Wish::Paused, Shown::Paused),
        (Wish::Reassigning, Shown::Reassigning),
        (Wish::Ready, Shown::Ready),
        (Wish::Hidden, Shown::Offline),
        (Wish::Ready, Shown::Ready),
    ] {
        desk.app.set_my_presence(&kim, wish, false).await.unwrap();
        assert_eq!(shown(&desk, id).await, expected, "{wish:?}");
        assert_eq!(read(&desk, id).await.state.is_live(desk.now()), wish != Wish::Hidden, "{wish:?}");
    }
    desk.advance(Duration::from_secs(5 * 60)).await;
    assert_eq!(shown(&desk, id).await, Shown::Offline);
    let own = super::id(&admin);
    desk.app.update_agent(&admin, own, wishing(Wish::Ready)).await.unwrap();
    assert!(read(&desk, own).await.state.is_live(desk.now()), "one's own word is proof, whichever way it comes");
    assert_unauthenticated(desk.app.set_my_presence(&Caller::operator(), Wish::Ready, false).await);
}

async fn a_pause_has_the_reason_that_was_given_last(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    assert_eq!(desk.app.pause_reasons(&kim).unwrap(), ["Break", "Lunch", "Meeting", "Training"]);
    assert_invalid(desk.app.pause_myself(&kim, Some("Siesta")).await, "pause_reason");
    let mut epochs = Vec::new();
    for (given, kept) in [(Some(" lunch "), Some("Lunch")), (Some("Break"), Some("Break")), (None, None)] {
        desk.advance(Duration::from_secs(60)).await;
        let state = desk.app.pause_myself(&kim, given).await.unwrap().state;
        assert_eq!((state.intent, state.pause_reason.as_deref()), (Intent::Paused, kept));
        assert_eq!(state.state_since, desk.now());
        assert!(state.is_live(desk.now()), "to say so is proof");
        epochs.push(state.epoch);
    }
    assert_eq!(epochs[0], epochs[2], "who is paused has nothing more to lose");
    desk.advance(Duration::from_secs(60)).await;
    let before = read(&desk, id).await.state;
    desk.app.pause_myself(&kim, None).await.unwrap();
    assert_eq!(read(&desk, id).await.state.state_since, before.state_since, "the same again");
    let told: Vec<_> = events(&desk).await.into_iter().filter_map(|record| reason(record.event)).collect();
    assert_eq!(told, [Some("Lunch".to_owned()), Some("Break".to_owned()), None]);
    let read = desk.app.store().read(move |tx| {
        Box::pin(async move {
            let select = sql!("SELECT reason, to_at FROM state_intervals WHERE agent_id = $1 ORDER BY id");
            let rows = tx.query(select, &params![id]).await?;
            rows.iter().map(|row| Ok((row.get("reason")?, row.get::<Option<i64>>("to_at")?.is_some()))).collect()
        })
    });
    let intervals: Vec<(Option<String>, bool)> = read.await.unwrap();
    assert_eq!(intervals, [(Some("Lunch".to_owned()), true), (Some("Break".to_owned()), true), (None, false)]);
    assert_unauthenticated(desk.app.pause_myself(&Caller::operator(), None).await);
}

/// Of a change of presence: the reason it tells.
#[expect(clippy::option_option, reason = "another event, or a change without a reason")]
fn reason(event: Event) -> Option<Option<String>> {
    match event {
        Event::PresenceChanged { reason, .. } => Some(reason),
        _ => None,
    }
}

async fn an_idle_detector_moves_only_the_ready(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    prove(&desk, &kim, "socket", true).await;
    let detect = |wish| desk.app.set_my_presence(&kim, wish, true);
    detect(Wish::Idle).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Idle);
    detect(Wish::Ready).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Ready);
    desk.app.set_my_presence(&kim, Wish::Paused, false).await.unwrap();
    let before = digest(&desk).await;
    detect(Wish::Idle).await.unwrap();
    detect(Wish::Ready).await.unwrap();
    assert_eq!(before, digest(&desk).await);
}

async fn hidden_stays_hidden_until_a_new_socket(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    prove(&desk, &kim, "socket", true).await;
    desk.app.set_my_presence(&kim, Wish::Hidden, false).await.unwrap();
    prove(&desk, &kim, "socket", false).await;
    assert_eq!(read(&desk, id).await.state.link, Link::Hidden);
    desk.app.set_my_presence(&kim, Wish::Ready, true).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Offline);
    prove(&desk, &kim, "socket-2", true).await;
    assert_eq!(shown(&desk, id).await, Shown::Ready);
}

async fn signing_out_ends_the_presence_proven_under_it(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (_, id) = kim(&desk).await;
    let mut sessions = Vec::new();
    for n in 0..2 {
        let token = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
        let session = desk.app.authenticate_session(&token).await.unwrap();
        let mut who = caller(&read(&desk, id).await);
        who.credential = Some(session.credential);
        prove(&desk, &who, &format!("socket-{n}"), true).await;
        sessions.push((who, token));
    }
    desk.app.sign_out(&sessions[0].0, &sessions[0].1).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Ready);
    desk.app.sign_out(&sessions[1].0, &sessions[1].1).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Offline);
}

async fn blocking_ends_presence(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, id) = kim(&desk).await;
    prove(&desk, &kim, "socket", true).await;
    let lock = |locked| AgentPatch {
        extension: AgentExtension { locked: Some(locked), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    update(&desk, id, lock(true)).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Blocked);
    let outcome = desk.app.prove_presence(&kim, "socket", LeaseKind::Socket, false).await;
    assert_unauthenticated(outcome);
    update(&desk, id, lock(false)).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Offline, "unlocked agents start signed out");
    let names = event_names(&desk).await;
    for name in ["agent.locked", "agent.unlocked", "credentials.revoked", "presence.changed"] {
        assert!(names.contains(&name), "{name}");
    }
}

async fn flags_come_before_presence(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (_, id) = kim(&desk).await;
    let off = AgentPatch { enabled: Some(false), ..wishing(Wish::Ready) };
    desk.app.update_agent(&admin, id, off).await.unwrap();
    assert_eq!((shown(&desk, id).await, read(&desk, id).await.state.link), (Shown::Blocked, Link::Absent));
    let on = AgentPatch { enabled: Some(true), ..wishing(Wish::Ready) };
    desk.app.update_agent(&admin, id, on).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Declared { idle: false });
}

async fn disabled_and_locked_move_by_their_own_words(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (_, id) = kim(&desk).await;
    let enable = |enabled| AgentPatch { enabled: Some(enabled), ..AgentPatch::default() };
    let lock = |locked| AgentPatch {
        extension: AgentExtension { locked: Some(locked), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    for (patch, flags, expected) in [
        (lock(true), (true, true), Shown::Blocked),
        (enable(false), (false, true), Shown::Blocked),
        (lock(false), (false, false), Shown::Blocked),
        (lock(true), (false, true), Shown::Blocked),
        (enable(true), (true, true), Shown::Blocked),
        (lock(false), (true, false), Shown::Offline),
    ] {
        let agent = update(&desk, id, patch).await.unwrap().agent;
        assert_eq!(((agent.enabled, agent.locked), shown(&desk, id).await), (flags, expected));
    }
}

async fn intervals_follow_what_is_shown(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, agent) = kim(&desk).await;
    let start = desk.now();
    prove(&desk, &kim, "socket", true).await;
    desk.advance(Duration::from_secs(10)).await;
    desk.app.set_my_presence(&kim, Wish::Paused, false).await.unwrap();
    desk.advance(Duration::from_secs(600)).await;
    let rows = desk.app.store().read(move |tx| {
        Box::pin(async move {
            let select = muster_store::sql!(
                "SELECT state, from_at, to_at, ended_by FROM state_intervals WHERE agent_id = $1 ORDER BY id"
            );
            tx.query(select, &muster_store::params![agent]).await
        })
    });
    let since_start = |at: i64| (at - start.as_millis()) / 1000;
    let intervals: Vec<(String, i64, i64, String)> = rows
        .await
        .unwrap()
        .iter()
        .map(|row| {
            let (from, to) = (row.get("from_at").unwrap(), row.get("to_at").unwrap());
            (row.get("state").unwrap(), since_start(from), since_start(to), row.get("ended_by").unwrap())
        })
        .collect();
    let expected = [("ready", 0, 10, "changed"), ("paused", 10, 10, "lease_expired")];
    let expected: Vec<_> = expected.map(|(state, from, to, by)| (state.to_owned(), from, to, by.to_owned())).into();
    assert_eq!(intervals, expected, "closed at the last proof");
    assert_eq!(id(&kim), agent);
}

/// Another program keeps the database to itself, as a full disk keeps it from everybody.
#[tokio::test]
async fn who_could_not_renew_a_lease_gets_a_respite() {
    let (desk, _) = desk(TestEngine::Sqlite).await;
    let (kim, id) = kim(&desk).await;
    prove(&desk, &kim, "socket-1", true).await;
    desk.quiet().await;
    let beside = desk.beside().await;
    let (reached, release) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let held = {
        let (reached, release) = (Arc::clone(&reached), Arc::clone(&release));
        beside.store().write(move |_| {
            let (reached, release) = (Arc::clone(&reached), Arc::clone(&release));
            Box::pin(async move {
                reached.wait();
                release.wait();
                Ok(())
            })
        })
    };
    let (held, ()) = tokio::join!(held, async {
        reached.wait();
        desk.clock.jump(SOCKET_LEASE);
        // By the second of them the lease's end has been tried in vain as well.
        for _ in 0..2 {
            assert!(!desk.app.store().is_writable().await);
        }
        release.wait();
    });
    held.unwrap();
    desk.quiet().await;
    assert_eq!(read(&desk, id).await.state.link, Link::Live);
    desk.advance(SOCKET_LEASE / 2).await;
    assert_eq!(read(&desk, id).await.state.link, Link::Absent);
}
