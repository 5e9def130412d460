//! Tokens of programs: how they are made, how long they hold, what ends them, and the presence that goes with them.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch};
use muster_app::auth::{SessionActor, Typed};
use muster_app::presence::OwnStatus;
use muster_core::actor::{Actor, Caller, Via};
use muster_core::agent::Profile;
use muster_core::id::AgentId;
use muster_core::presence::{LeaseKind, Link, SIGN_IN_SHOWN_FOR, Shown};
use muster_core::{Refusal, Result};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use sha2::{Digest as _, Sha256};

use super::{
    PASSWORD, agent, assert_refused, assert_unauthenticated, built_in, conversation, desk, digest, event_names, inbox,
    origin, read, update,
};

both_engines!(
    a_token_is_made_for_the_password_or_its_digest,
    a_token_holds_for_ninety_days_from_its_latest_use,
    a_token_is_good_for_its_agent_only,
    a_renewal_remembers_nothing_that_has_changed_meanwhile,
    a_cookie_is_no_token_and_a_token_no_cookie,
    signing_in_shows_the_agent_and_proves_nothing,
    a_hidden_agent_is_shown_again_by_signing_in,
    signing_out_takes_back_what_signing_in_showed,
    a_token_signs_in_again,
    every_ending_kills_the_token,
    calls_go_on_proving_what_was_proven,
    calls_alone_prove_nothing,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn kim(desk: &TestDesk) -> Profile {
    agent(desk, "kim@example.org").await
}

async fn token(desk: &TestDesk) -> String {
    desk.app.sign_in_for_token(&origin(), "kim", Typed::Plain(PASSWORD)).await.unwrap().token
}

async fn call(desk: &TestDesk, kim: &Profile, token: &str) -> Result<SessionActor> {
    desk.app.authenticate_token(kim.agent.public_id.as_str(), token).await
}

async fn caller(desk: &TestDesk, kim: &Profile, token: &str) -> Caller {
    let session = call(desk, kim, token).await.unwrap();
    let credential = Some(session.credential);
    Caller { actor: Actor::Agent(session.actor), via: Via::Api, request_id: None, ip: None, credential }
}

async fn shown(desk: &TestDesk, id: AgentId) -> Shown {
    let profile = read(desk, id).await;
    profile.state.shown(&profile.agent, desk.now())
}

async fn a_token_is_made_for_the_password_or_its_digest(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let digest = hex::encode(Sha256::digest(PASSWORD));
    let upper = digest.to_uppercase();
    for typed in [Typed::Plain(PASSWORD), Typed::Digest(&digest), Typed::Digest(&upper)] {
        for name in ["kim", "Kim@Example.org"] {
            let signed_in = desk.app.sign_in_for_token(&origin(), name, typed).await.unwrap();
            assert_eq!((signed_in.profile.agent.id, signed_in.expires_at), (kim.agent.id, desk.now() + 90 * DAY));
            let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            assert!(signed_in.token.len() == 43 && signed_in.token.chars().all(is_plain), "{}", signed_in.token);
            assert!(!format!("{signed_in:?} {typed:?}").contains(&signed_in.token));
        }
    }
    let stored = desk.app.store().read(move |tx| {
        Box::pin(async move { muster_store::credentials::find_password(tx, kim.agent.id, "desk").await })
    });
    let stored = stored.await.unwrap().unwrap();
    let digest_of_digest = hex::encode(Sha256::digest(&digest));
    for wrong in [&digest[1..], "", &stored, &digest_of_digest, PASSWORD] {
        let tried = desk.app.sign_in_for_token(&origin(), "kim", Typed::Digest(wrong)).await;
        assert_refused(tried, Refusal::WrongCredentials);
    }
    for (name, typed) in [("kim", Typed::Plain(&digest)), ("nobody", Typed::Plain(PASSWORD))] {
        assert_refused(desk.app.sign_in_for_token(&origin(), name, typed).await, Refusal::WrongCredentials);
    }
    let extension = AgentExtension { login_using_email: Some(false), ..AgentExtension::default() };
    update(&desk, kim.agent.id, AgentPatch { extension, ..AgentPatch::default() }).await.unwrap();
    let by_email = desk.app.sign_in_for_token(&origin(), "kim@example.org", Typed::Plain(PASSWORD)).await;
    assert_refused(by_email, Refusal::WrongCredentials);
}

async fn a_token_holds_for_ninety_days_from_its_latest_use(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let token = token(&desk).await;
    let end = desk.now() + 90 * DAY;
    desk.advance(DAY - Duration::from_secs(1)).await;
    assert_eq!(call(&desk, &kim, &token).await.unwrap().expires_at, end, "written once a day at most");
    desk.advance(Duration::from_secs(1)).await;
    assert_eq!(call(&desk, &kim, &token).await.unwrap().expires_at, end + DAY);
    assert_eq!(call(&desk, &kim, &token).await.unwrap().expires_at, end + DAY, "remembered");
    desk.advance(90 * DAY - Duration::from_millis(1)).await;
    assert_eq!(call(&desk, &kim, &token).await.unwrap().expires_at, desk.now() + 90 * DAY);
    desk.advance(90 * DAY).await;
    assert_unauthenticated(call(&desk, &kim, &token).await);
    assert_unauthenticated(desk.app.resume_token(&origin(), &token).await);
}

async fn a_token_is_good_for_its_agent_only(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let lee = agent(&desk, "lee@example.org").await;
    let token = token(&desk).await;
    assert_eq!(call(&desk, &kim, &token).await.unwrap().actor.id, kim.agent.id);
    assert_unauthenticated(call(&desk, &lee, &token).await);
    for id in ["", "kim", "no-such-id"] {
        assert_unauthenticated(desk.app.authenticate_token(id, &token).await);
    }
    desk.advance(DAY).await;
    let before = digest(&desk).await;
    assert_unauthenticated(call(&desk, &lee, &token).await);
    assert_eq!(digest(&desk).await, before, "a call that is refused renews nothing");
    for wrong in ["", &token[1..], &token.to_uppercase()] {
        assert_unauthenticated(call(&desk, &kim, wrong).await);
    }
    call(&desk, &kim, &token).await.unwrap();
}

async fn a_renewal_remembers_nothing_that_has_changed_meanwhile(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let token = token(&desk).await;
    let admin = built_in(&desk, "admin").await;
    for round in 0..10 {
        desk.advance(DAY).await;
        let roles = if round % 2 == 0 { vec![admin] } else { Vec::new() };
        let patch = AgentPatch { roles: Some(roles), ..AgentPatch::default() };
        let (called, updated) = tokio::join!(call(&desk, &kim, &token), update(&desk, kim.agent.id, patch));
        called.unwrap();
        updated.unwrap();
        assert_eq!(call(&desk, &kim, &token).await.unwrap().actor.is_admin, round % 2 == 0, "round {round}");
    }
}

async fn a_cookie_is_no_token_and_a_token_no_cookie(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let token = token(&desk).await;
    let cookie = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
    for _ in 0..2 {
        assert_unauthenticated(call(&desk, &kim, &cookie).await);
        assert_unauthenticated(desk.app.resume_token(&origin(), &cookie).await);
        assert_unauthenticated(desk.app.authenticate_session(&token).await);
        // Each is remembered as what it is.
        call(&desk, &kim, &token).await.unwrap();
        desk.app.authenticate_session(&cookie).await.unwrap();
    }
}

async fn signing_in_shows_the_agent_and_proves_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await.agent.id;
    let roles = Some(vec![built_in(&desk, "agent").await]);
    update(&desk, kim, AgentPatch { roles, ..AgentPatch::default() }).await.unwrap();
    let inbox = inbox(&desk).await;
    let waiting = conversation(&desk, &admin, inbox, |_| {}).await;
    let signed_in = desk.app.sign_in_for_token(&origin(), "kim", Typed::Plain(PASSWORD)).await.unwrap();
    let state = &signed_in.profile.state;
    assert_eq!((state.link, state.declared_by), (Link::Declared, None));
    assert_eq!(signed_in.profile.agent.last_login_at, None, "the account as before");
    desk.quiet().await;
    assert_eq!(shown(&desk, kim).await, Shown::Declared { idle: false });
    assert_eq!(desk.app.conversation(&admin, waiting).await.unwrap().conversation.assignee, None);
    assert_eq!(read(&desk, kim).await.agent.last_login_at, Some(desk.now()));
    let events = event_names(&desk).await;
    assert!(events.contains(&"sign_in.succeeded") && events.contains(&"presence.changed"), "{events:?}");
    desk.advance(SIGN_IN_SHOWN_FOR - Duration::from_millis(1)).await;
    assert_eq!(shown(&desk, kim).await, Shown::Declared { idle: false });
    desk.advance(Duration::from_millis(1)).await;
    assert_eq!(shown(&desk, kim).await, Shown::Offline);
    assert_eq!(read(&desk, kim).await.state.link, Link::Absent);
}

async fn a_hidden_agent_is_shown_again_by_signing_in(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let first = token(&desk).await;
    let who = caller(&desk, &kim, &first).await;
    desk.app.set_my_status(&who, OwnStatus::Offline, None).await.unwrap();
    call(&desk, &kim, &first).await.unwrap();
    assert_eq!(read(&desk, kim.agent.id).await.state.link, Link::Hidden);
    token(&desk).await;
    assert_eq!(shown(&desk, kim.agent.id).await, Shown::Declared { idle: false });
}

async fn signing_out_takes_back_what_signing_in_showed(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await;
    let id = kim.agent.id;
    let first = token(&desk).await;
    let who = caller(&desk, &kim, &first).await;
    desk.app.sign_out(&who, &first).await.unwrap();
    assert_unauthenticated(call(&desk, &kim, &first).await);
    assert_eq!(shown(&desk, id).await, Shown::Offline);
    desk.app.sign_out(&who, &first).await.unwrap();

    let (first, second) = (token(&desk).await, token(&desk).await);
    let (one, other) = (caller(&desk, &kim, &first).await, caller(&desk, &kim, &second).await);
    desk.app.set_my_status(&one, OwnStatus::Online, None).await.unwrap();
    desk.app.set_my_status(&other, OwnStatus::Online, None).await.unwrap();
    desk.app.sign_out(&one, &first).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Ready, "proven by the other one");
    desk.app.sign_out(&other, &second).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Offline);

    let cookie = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
    token(&desk).await;
    desk.app.sign_out(&who, &cookie).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Declared { idle: false }, "that wasn't the browser's");
    let word = AgentPatch { presence: Some(muster_core::presence::Wish::Ready), ..AgentPatch::default() };
    let last = token(&desk).await;
    desk.advance(SIGN_IN_SHOWN_FOR).await;
    desk.app.update_agent(&admin, id, word).await.unwrap();
    desk.app.sign_out(&who, &last).await.unwrap();
    assert_eq!(shown(&desk, id).await, Shown::Declared { idle: false }, "that was somebody else's word");
}

async fn a_token_signs_in_again(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let token = token(&desk).await;
    desk.advance(10 * DAY).await;
    assert_eq!(shown(&desk, kim.agent.id).await, Shown::Offline);
    let resumed = desk.app.resume_token(&origin(), &token).await.unwrap();
    assert_eq!((resumed.token.as_str(), resumed.expires_at), (token.as_str(), desk.now() + 90 * DAY));
    assert_eq!(resumed.profile, read(&desk, kim.agent.id).await);
    assert_eq!(shown(&desk, kim.agent.id).await, Shown::Declared { idle: false });
    let last_login = resumed.profile.agent.last_login_at;
    assert_eq!(last_login, Some(desk.now() - 10 * DAY), "the password wasn't typed again");
    assert_unauthenticated(desk.app.resume_token(&origin(), "").await);
}

async fn every_ending_kills_the_token(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = kim(&desk).await;
    let id = kim.agent.id;
    let flags = |enabled, locked| AgentPatch {
        enabled: Some(enabled),
        extension: AgentExtension { locked: Some(locked), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    for end in [flags(false, false), flags(true, true)] {
        let token = token(&desk).await;
        call(&desk, &kim, &token).await.unwrap();
        update(&desk, id, end).await.unwrap();
        assert_unauthenticated(call(&desk, &kim, &token).await);
        let tried = desk.app.sign_in_for_token(&origin(), "kim", Typed::Plain(PASSWORD)).await;
        assert_refused(tried, Refusal::AccountDisabled);
        update(&desk, id, flags(true, false)).await.unwrap();
        assert_unauthenticated(call(&desk, &kim, &token).await);
        assert_unauthenticated(desk.app.resume_token(&origin(), &token).await);
    }
    let before = token(&desk).await;
    call(&desk, &kim, &before).await.unwrap();
    let changed = AgentPatch { new_password: Some("Another-horse-2".to_owned()), ..AgentPatch::default() };
    update(&desk, id, changed).await.unwrap();
    assert_unauthenticated(call(&desk, &kim, &before).await);
    let typed = Typed::Plain("Another-horse-2");
    let last = desk.app.sign_in_for_token(&origin(), "kim", typed).await.unwrap().token;
    call(&desk, &kim, &last).await.unwrap();
    desk.app.delete_agent(&admin, id).await.unwrap();
    assert_unauthenticated(call(&desk, &kim, &last).await);
    assert_unauthenticated(desk.app.resume_token(&origin(), &last).await);
}

async fn calls_go_on_proving_what_was_proven(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let token = token(&desk).await;
    let who = caller(&desk, &kim, &token).await;
    desk.app.set_my_status(&who, OwnStatus::Online, None).await.unwrap();
    let epoch = read(&desk, kim.agent.id).await.state.epoch;
    for _ in 0..20 {
        desk.advance(Duration::from_secs(100)).await;
        call(&desk, &kim, &token).await.unwrap();
        assert_eq!(shown(&desk, kim.agent.id).await, Shown::Ready);
    }
    let lease = read(&desk, kim.agent.id).await.state.lease_until;
    call(&desk, &kim, &token).await.unwrap();
    desk.advance(Duration::from_secs(29)).await;
    call(&desk, &kim, &token).await.unwrap();
    let state = read(&desk, kim.agent.id).await.state;
    assert_eq!((state.lease_until, state.epoch), (lease, epoch), "not at every call, and no event");
    desk.advance(Duration::from_secs(5 * 60)).await;
    assert_eq!(shown(&desk, kim.agent.id).await, Shown::Offline);
    call(&desk, &kim, &token).await.unwrap();
    assert_eq!(shown(&desk, kim.agent.id).await, Shown::Offline, "a proof that has run out isn't renewed");
}

async fn calls_alone_prove_nothing(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = kim(&desk).await;
    let id = kim.agent.id;
    let (one, other) = (token(&desk).await, token(&desk).await);
    let who = caller(&desk, &kim, &one).await;
    desk.app.prove_presence(&who, "socket", LeaseKind::Socket, true).await.unwrap();
    for _ in 0..4 {
        call(&desk, &kim, &one).await.unwrap();
        call(&desk, &kim, &other).await.unwrap();
        desk.advance(Duration::from_secs(40)).await;
    }
    assert_eq!(
        shown(&desk, id).await,
        Shown::Offline,
        "neither the socket's lease nor another's is prolonged by calls"
    );
    desk.app.set_my_status(&who, OwnStatus::Online, None).await.unwrap();
    desk.app.set_my_status(&who, OwnStatus::Offline, None).await.unwrap();
    desk.advance(Duration::from_secs(60)).await;
    call(&desk, &kim, &one).await.unwrap();
    assert_eq!(read(&desk, id).await.state.link, Link::Hidden);
}
