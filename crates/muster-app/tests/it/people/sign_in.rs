//! Signing in with a password, and how sessions end.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_app::{PasswordCost, Settings};
use muster_core::actor::Caller;
use muster_core::{Busy, Error, Refusal};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    PASSWORD, agent, assert_invalid, assert_refused, assert_unauthenticated, caller, desk, digest, event_names,
    new_agent, origin, read, update,
};

both_engines!(
    names_are_looked_up_as_email_and_login,
    the_refusal_never_says_which_half_was_wrong,
    disabled_is_told_only_after_a_right_password,
    a_session_lives_nine_hours,
    signing_out_ends_one_session,
    a_new_password_ends_every_session,
    a_disabled_agents_session_is_told_once,
    a_deleted_agents_session_is_gone,
    rights_are_fresh_at_once,
    too_many_waiting_checks_are_refused,
);

async fn token(desk: &TestDesk, name: &str) -> String {
    desk.app.sign_in(&origin(), name, PASSWORD).await.unwrap().token
}

async fn names_are_looked_up_as_email_and_login(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { login: Some("Kim".to_owned()), ..new_agent("kim.lee@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    for name in ["kim", " KIM ", "Kim.Lee@example.org"] {
        let signed_in = desk.app.sign_in(&origin(), name, PASSWORD).await.unwrap();
        assert_eq!(signed_in.profile.agent.id, kim, "{name}");
    }
    let extension = AgentExtension { login_using_email: Some(false), ..AgentExtension::default() };
    update(&desk, kim, AgentPatch { extension, ..AgentPatch::default() }).await.unwrap();
    let by_email = desk.app.sign_in(&origin(), "kim.lee@example.org", PASSWORD).await;
    assert_refused(by_email, Refusal::WrongCredentials);
    token(&desk, "kim").await;
    let as_login = AgentPatch { login: Some("kim.lee@example.org".to_owned()), ..AgentPatch::default() };
    update(&desk, kim, as_login).await.unwrap();
    token(&desk, "kim.lee@example.org").await;
}

async fn the_refusal_never_says_which_half_was_wrong(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    agent(&desk, "kim@example.org").await;
    let new = NewAgent { password: None, ..new_agent("none@example.org") };
    desk.app.create_agent(&admin, new).await.unwrap();
    let before = digest(&desk).await;
    for (name, password) in [
        ("kim@example.org", "Correct-horse-2"),
        ("kim@example.org", ""),
        ("nobody@example.org", PASSWORD),
        ("none@example.org", PASSWORD),
        ("System", PASSWORD),
        ("", ""),
    ] {
        assert_refused(desk.app.sign_in(&origin(), name, password).await, Refusal::WrongCredentials);
    }
    while event_names(&desk).await.iter().filter(|name| **name == "sign_in.failed").count() < 2 {
        tokio::task::yield_now().await;
    }
    assert_ne!(before, digest(&desk).await);
}

async fn disabled_is_told_only_after_a_right_password(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    update(&desk, kim, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await.unwrap();
    let right = desk.app.sign_in(&origin(), "kim", PASSWORD).await;
    assert_refused(right, Refusal::AccountDisabled);
    assert_refused(desk.app.sign_in(&origin(), "kim", "wrong").await, Refusal::WrongCredentials);
}

async fn a_session_lives_nine_hours(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let signed_in = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap();
    assert_eq!(signed_in.profile, kim, "as before this sign-in");
    assert_eq!(read(&desk, kim.agent.id).await.agent.last_login_at, Some(desk.now()));
    assert_eq!(signed_in.expires_at, desk.now() + Duration::from_secs(9 * 3600));
    let session = desk.app.authenticate_session(&signed_in.token).await.unwrap();
    assert_eq!(session.actor.id, kim.agent.id);
    assert!(!format!("{signed_in:?} {session:?}").contains(&signed_in.token));
    desk.advance(Duration::from_secs(9 * 3600 - 1)).await;
    desk.app.authenticate_session(&signed_in.token).await.unwrap();
    desk.advance(Duration::from_secs(1)).await;
    assert_unauthenticated(desk.app.authenticate_session(&signed_in.token).await);
    assert_unauthenticated(desk.app.authenticate_session("").await);
}

async fn signing_out_ends_one_session(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let (first, second) = (token(&desk, "kim").await, token(&desk, "kim").await);
    assert_ne!(first, second);
    desk.app.authenticate_session(&first).await.unwrap();
    desk.app.sign_out(&caller(&kim), &first).await.unwrap();
    desk.app.sign_out(&caller(&kim), &first).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_session(&first).await);
    desk.app.authenticate_session(&second).await.unwrap();
}

async fn a_new_password_ends_every_session(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let token = token(&desk, "kim").await;
    desk.app.authenticate_session(&token).await.unwrap();
    let weak = AgentPatch { new_password: Some("weak".to_owned()), ..AgentPatch::default() };
    assert_invalid(desk.app.update_agent(&admin, kim, weak).await, "new_password");
    let new = AgentPatch { new_password: Some("Another-horse-2".to_owned()), ..AgentPatch::default() };
    desk.app.update_agent(&admin, kim, new).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_session(&token).await);
    assert_refused(desk.app.sign_in(&origin(), "kim", PASSWORD).await, Refusal::WrongCredentials);
    desk.app.sign_in(&origin(), "kim", "Another-horse-2").await.unwrap();
}

async fn a_disabled_agents_session_is_told_once(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let lock = |locked| AgentPatch {
        extension: AgentExtension { locked: Some(locked), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    let enable = |enabled| AgentPatch { enabled: Some(enabled), ..AgentPatch::default() };
    for (email, off, on) in [("a@example.org", enable(false), enable(true)), ("b@example.org", lock(true), lock(false))]
    {
        let agent = agent(&desk, email).await.agent.id;
        let (first, second) = (token(&desk, email).await, token(&desk, email).await);
        desk.app.authenticate_session(&first).await.unwrap();
        update(&desk, agent, off).await.unwrap();
        assert_refused(desk.app.authenticate_session(&first).await, Refusal::AccountDisabled);
        assert_unauthenticated(desk.app.authenticate_session(&first).await);
        update(&desk, agent, on).await.unwrap();
        assert_refused(desk.app.authenticate_session(&second).await, Refusal::AccountDisabled);
        assert_unauthenticated(desk.app.authenticate_session(&second).await);
    }
}

async fn a_deleted_agents_session_is_gone(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let token = token(&desk, "kim").await;
    desk.app.authenticate_session(&token).await.unwrap();
    desk.app.delete_agent(&admin, kim).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_session(&token).await);
    assert_refused(desk.app.sign_in(&origin(), "kim", PASSWORD).await, Refusal::WrongCredentials);
}

async fn rights_are_fresh_at_once(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let token = token(&desk, "kim").await;
    assert!(!desk.app.authenticate_session(&token).await.unwrap().actor.is_admin);
    let roles = Some(vec![super::built_in(&desk, "admin").await]);
    update(&desk, kim, AgentPatch { roles, ..AgentPatch::default() }).await.unwrap();
    assert!(desk.app.authenticate_session(&token).await.unwrap().actor.is_admin);
    let roles = Some(Vec::new());
    update(&desk, kim, AgentPatch { roles, ..AgentPatch::default() }).await.unwrap();
    assert!(!desk.app.authenticate_session(&token).await.unwrap().actor.is_admin);
}

async fn too_many_waiting_checks_are_refused(engine: TestEngine) {
    let slow = |settings: &mut Settings| settings.password_cost = PasswordCost { memory_kib: 16 * 1024, passes: 1 };
    let desk = TestDesk::with(engine, slow).await;
    desk.app.ensure_built_ins().await.unwrap();
    desk.app.create_admin(&Caller::operator(), "ada@example.org", "Ada", None).await.unwrap();
    let origin = origin();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let names: Vec<String> = (0..cores + 200).map(|number| format!("nobody-{number}")).collect();
    let tries = names.iter().map(|name| desk.app.sign_in(&origin, name, PASSWORD));
    let outcomes = futures_util::future::join_all(tries).await;
    let busy = outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Busy(Busy::Passwords)))).count();
    let checked = outcomes.iter().filter(|o| matches!(o, Err(Error::Refused(Refusal::WrongCredentials)))).count();
    assert_eq!(busy + checked, outcomes.len());
    assert!(busy > 0 && checked >= cores, "{busy} refused, {checked} checked");
    assert_refused(desk.app.sign_in(&origin, "nobody", PASSWORD).await, Refusal::WrongCredentials);
}
