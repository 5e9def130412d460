//! What people are set to: by themselves, by each other, and by integrations.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch};
use muster_app::integrations::NewIntegration;
use muster_app::presence::OwnStatus;
use muster_core::actor::{Actor, Caller};
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_core::integration::{IntegrationActor, Proof};
use muster_core::permission::Permission;
use muster_core::presence::{Intent, LeaseKind, Link, REST_LEASE, Shown, Wish};
use muster_core::{Entity, Refusal};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    agent, agent_with_roles, assert_denied, assert_invalid, assert_not_found, assert_refused, assert_unauthenticated,
    built_in, caller, desk, digest, events, id, lead, read, update,
};

both_engines!(
    pausing_needs_a_reason_that_is_configured,
    pausing_again_keeps_the_reason,
    who_is_not_there_is_neither_paused_nor_resumed,
    pausing_others_needs_the_right,
    an_integration_reaches_no_administrator,
    a_status_of_ones_own_is_proof_of_presence,
    busy_is_shown_only,
    a_note_stays_until_it_is_replaced,
    offline_leaves_what_the_agent_wants,
    saying_so_of_oneself_is_proof_also_when_nothing_changes,
    saying_so_of_another_proves_nothing,
    service_is_for_those_who_serve,
    a_blocked_agent_is_not_made_available,
);

async fn kim(desk: &TestDesk) -> AgentId {
    agent_with_roles(desk, "kim@example.org", &[built_in(desk, "agent").await]).await.agent.id
}

async fn there(desk: &TestDesk, agent: AgentId) -> Caller {
    let who = caller(&read(desk, agent).await);
    desk.app.prove_presence(&who, "socket", LeaseKind::Socket, true).await.unwrap();
    who
}

async fn integration(desk: &TestDesk) -> Caller {
    let new = NewIntegration { kind: "switchboard", name: "Phones".to_owned(), teams: None, proof: Proof::Either };
    let made = desk.app.create_integration(&Caller::operator(), new).await.unwrap().integration;
    Caller { actor: Actor::Integration(IntegrationActor::from(&made)), ..Caller::operator() }
}

fn shown(desk: &TestDesk, profile: &Profile) -> Shown {
    profile.state.shown(&profile.agent, desk.now())
}

async fn pausing_needs_a_reason_that_is_configured(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (program, kim) = (integration(&desk).await, kim(&desk).await);
    there(&desk, kim).await;
    let before = digest(&desk).await;
    for reason in ["Holiday", "", "Lunch break"] {
        assert_invalid(desk.app.pause_agent(&program, kim, reason).await, "pause_reason");
    }
    assert_eq!(before, digest(&desk).await);
    let epoch = read(&desk, kim).await.state.epoch;
    let paused = desk.app.pause_agent(&program, kim, " lunch ").await.unwrap();
    assert_eq!(paused, read(&desk, kim).await);
    assert_eq!((paused.state.pause_reason.as_deref(), shown(&desk, &paused)), (Some("Lunch"), Shown::Paused));
    assert!(paused.state.epoch > epoch);
    let record = events(&desk).await.pop().unwrap();
    assert_eq!((record.event.name(), record.actor), ("presence.changed", program.actor.reference()));
    let resumed = desk.app.resume_agent(&program, kim).await.unwrap();
    assert_eq!((resumed.state.pause_reason.as_deref(), shown(&desk, &resumed)), (None, Shown::Ready));
}

async fn pausing_again_keeps_the_reason(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (program, kim) = (integration(&desk).await, kim(&desk).await);
    there(&desk, kim).await;
    desk.app.pause_agent(&program, kim, "Break").await.unwrap();
    let before = digest(&desk).await;
    let again = desk.app.pause_agent(&program, kim, "Training").await.unwrap();
    assert_eq!(again.state.pause_reason.as_deref(), Some("Break"));
    assert_eq!(before, digest(&desk).await);
    desk.app.resume_agent(&program, kim).await.unwrap();
    let before = digest(&desk).await;
    desk.app.resume_agent(&program, kim).await.unwrap();
    assert_eq!(before, digest(&desk).await);
}

async fn who_is_not_there_is_neither_paused_nor_resumed(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (program, kim) = (integration(&desk).await, kim(&desk).await);
    let word = AgentPatch { presence: Some(Wish::Ready), ..AgentPatch::default() };
    for _ in 0..2 {
        assert_refused(desk.app.pause_agent(&program, kim, "Break").await, Refusal::NotPresent(kim));
        assert_refused(desk.app.resume_agent(&program, kim).await, Refusal::NotPresent(kim));
        desk.app.update_agent(&admin, kim, word.clone()).await.unwrap();
    }
    assert_not_found(desk.app.pause_agent(&program, AgentId(9_999), "Break").await, Entity::Agent);
}

async fn pausing_others_needs_the_right(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await;
    let own = there(&desk, kim).await;
    let denied = desk.app.pause_agent(&own, kim, "Break").await;
    assert_denied(denied, Permission::DeskSupervise);
    assert_denied(desk.app.resume_agent(&own, kim).await, Permission::DeskSupervise);
    desk.app.pause_agent(&lead(&desk, "lead@example.org").await, kim, "Break").await.unwrap();
    desk.app.resume_agent(&admin, kim).await.unwrap();
}

async fn an_integration_reaches_no_administrator(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let program = integration(&desk).await;
    let ada = id(&admin);
    there(&desk, ada).await;
    assert_not_found(desk.app.pause_agent(&program, ada, "Break").await, Entity::Agent);
    assert_not_found(desk.app.resume_agent(&program, ada).await, Entity::Agent);
    assert_not_found(desk.app.set_service_status(&program, ada, false).await, Entity::Agent);
    assert_eq!(read(&desk, ada).await.state.intent, Intent::Ready);
    desk.app.pause_agent(&admin, ada, "Break").await.unwrap();
}

async fn a_status_of_ones_own_is_proof_of_presence(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let who = caller(&read(&desk, kim).await);
    for (status, expected) in [
        (OwnStatus::Online, Shown::Ready),
        (OwnStatus::Away, Shown::Idle),
        (OwnStatus::Busy, Shown::Ready),
        (OwnStatus::Away, Shown::Idle),
        (OwnStatus::Offline, Shown::Offline),
        (OwnStatus::Online, Shown::Ready),
    ] {
        let profile = desk.app.set_my_status(&who, status, None).await.unwrap();
        assert_eq!(profile, read(&desk, kim).await);
        assert_eq!(shown(&desk, &profile), expected, "{status:?}");
        let is_proof = status != OwnStatus::Offline;
        let lease = profile.state.lease_until.filter(|_| profile.state.is_live(desk.now()));
        assert_eq!(lease, is_proof.then(|| desk.now() + REST_LEASE), "{status:?}");
    }
    desk.advance(REST_LEASE).await;
    assert_eq!(read(&desk, kim).await.state.link, Link::Absent);
    let denied = desk.app.set_my_status(&Caller::operator(), OwnStatus::Online, None).await;
    assert_unauthenticated(denied);
}

async fn busy_is_shown_only(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let who = caller(&read(&desk, kim).await);
    let online = desk.app.set_my_status(&who, OwnStatus::Online, None).await.unwrap();
    desk.advance(Duration::from_secs(1)).await;
    let busy = desk.app.set_my_status(&who, OwnStatus::Busy, None).await.unwrap();
    assert!(busy.state.dnd && !online.state.dnd);
    assert_eq!(
        (busy.state.epoch, busy.state.state_since, shown(&desk, &busy)),
        (online.state.epoch, online.state.state_since, Shown::Ready)
    );
    desk.quiet().await;
    let boards = desk.app.boards().await.unwrap();
    assert_eq!(boards.kept, boards.fresh, "the router knows it all the same");
    for status in [OwnStatus::Online, OwnStatus::Away, OwnStatus::Offline] {
        desk.app.set_my_status(&who, OwnStatus::Busy, None).await.unwrap();
        assert!(!desk.app.set_my_status(&who, status, None).await.unwrap().state.dnd, "{status:?}");
    }
}

async fn a_note_stays_until_it_is_replaced(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let who = caller(&read(&desk, kim).await);
    let say = |status, note: Option<&str>| desk.app.set_my_status(&who, status, note.map(str::to_owned));
    let note = |profile: Profile| profile.state.pause_note;
    assert_eq!(note(say(OwnStatus::Online, Some(" Back at two ")).await.unwrap()).as_deref(), Some("Back at two"));
    assert_eq!(note(say(OwnStatus::Away, None).await.unwrap()).as_deref(), Some("Back at two"));
    desk.app.set_my_presence(&who, Wish::Paused, false).await.unwrap();
    desk.app.set_my_presence(&who, Wish::Ready, false).await.unwrap();
    assert_eq!(note(say(OwnStatus::Offline, None).await.unwrap()).as_deref(), Some("Back at two"));
    assert_invalid(say(OwnStatus::Online, Some(&"x".repeat(201))).await, "note");
    assert_eq!(note(read(&desk, kim).await).as_deref(), Some("Back at two"));
    assert_eq!(note(say(OwnStatus::Online, Some("")).await.unwrap()), None);
}

async fn offline_leaves_what_the_agent_wants(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let who = there(&desk, kim).await;
    desk.app.set_my_presence(&who, Wish::Paused, false).await.unwrap();
    let hidden = desk.app.set_my_status(&who, OwnStatus::Offline, None).await.unwrap();
    assert_eq!((hidden.state.intent, hidden.state.link), (Intent::Paused, Link::Hidden));
    desk.app.prove_presence(&who, "socket", LeaseKind::Socket, false).await.unwrap();
    assert_eq!(read(&desk, kim).await.state.link, Link::Hidden);
}

async fn saying_so_of_oneself_is_proof_also_when_nothing_changes(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let who = caller(&read(&desk, kim).await);
    for (available, intent) in
        [(true, Intent::Ready), (true, Intent::Ready), (false, Intent::Paused), (false, Intent::Paused)]
    {
        let profile = desk.app.set_service_status(&who, kim, available).await.unwrap();
        assert_eq!(profile, read(&desk, kim).await);
        assert_eq!((profile.state.intent, profile.state.lease_until), (intent, Some(desk.now() + REST_LEASE)));
        desk.advance(Duration::from_secs(120)).await;
    }
    desk.app.set_my_presence(&who, Wish::Reassigning, false).await.unwrap();
    let unchanged = desk.app.set_service_status(&who, kim, false).await.unwrap();
    assert_eq!(unchanged.state.intent, Intent::Reassigning, "that isn't available either");
    desk.app.set_my_status(&who, OwnStatus::Offline, None).await.unwrap();
    let hidden = desk.app.set_service_status(&who, kim, true).await.unwrap();
    assert_eq!((hidden.state.intent, hidden.state.link), (Intent::Ready, Link::Hidden));
}

async fn saying_so_of_another_proves_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await;
    let paused = desk.app.set_service_status(&admin, kim, false).await.unwrap();
    assert_eq!((paused.state.intent, paused.state.link), (Intent::Paused, Link::Absent));
    let before = digest(&desk).await;
    desk.app.set_service_status(&admin, kim, false).await.unwrap();
    assert_eq!(before, digest(&desk).await);
    let ready = desk.app.set_service_status(&admin, kim, true).await.unwrap();
    assert_eq!((ready.state.intent, ready.state.link), (Intent::Ready, Link::Absent));
    let lee = caller(&agent(&desk, "lee@example.org").await);
    assert_denied(desk.app.set_service_status(&lee, kim, true).await, Permission::AgentsServe);
    desk.app.set_service_status(&lead(&desk, "lead@example.org").await, kim, false).await.unwrap();
}

async fn service_is_for_those_who_serve(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await;
    let nobody = agent(&desk, "lee@example.org").await.agent.id;
    let extension = AgentExtension { serves: Some(false), ..AgentExtension::default() };
    update(&desk, kim, AgentPatch { extension, ..AgentPatch::default() }).await.unwrap();
    let own = caller(&read(&desk, kim).await);
    for (who, agent) in [(&admin, kim), (&own, kim), (&admin, nobody)] {
        let before = digest(&desk).await;
        assert_refused(desk.app.set_service_status(who, agent, true).await, Refusal::NotServing(agent));
        assert_eq!(before, digest(&desk).await);
    }
}

async fn a_blocked_agent_is_not_made_available(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await;
    let own = caller(&read(&desk, kim).await);
    update(&desk, kim, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await.unwrap();
    let before = digest(&desk).await;
    assert_refused(desk.app.set_service_status(&admin, kim, true).await, Refusal::AccountDisabled);
    let unchanged = desk.app.set_service_status(&admin, kim, false).await.unwrap();
    assert_eq!(unchanged.state.intent, Intent::Ready);
    assert_unauthenticated(desk.app.set_service_status(&own, kim, true).await);
    assert_unauthenticated(desk.app.set_my_status(&own, OwnStatus::Online, None).await);
    assert_eq!(before, digest(&desk).await);
}
