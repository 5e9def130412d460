//! Signing in and out at desk programs, and the work that comes of it.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch, ProductPassword};
use muster_app::auth::DeskSignIn;
use muster_app::integrations::NewIntegration;
use muster_core::actor::Caller;
use muster_core::agent::{Channel, Mode, Profile};
use muster_core::id::AgentId;
use muster_core::integration::{Integration, Proof};
use muster_core::presence::{Intent, LeaseKind, Link, Shown};
use muster_core::{Error, Refusal, Result};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use uuid::Uuid;

use super::{
    PASSWORD, agent_with_roles, assert_invalid, assert_refused, built_in, caller, conversation, desk, digest,
    event_names, events, inbox, origin, read, update,
};

both_engines!(
    signing_in_is_presence_in_a_mode,
    the_first_permitted_mode_is_taken,
    what_is_against_it_is_told_in_order,
    a_refused_sign_in_changes_nothing,
    either_password_is_good_here_and_the_products_only_here,
    it_begins_ready_or_paused,
    signing_out_ends_it,
    who_is_there_by_other_means_stays,
    it_runs_out_though_a_socket_stays,
    every_ending_ends_it,
    waiting_chats_go_to_others_after_signing_out,
    a_mode_without_text_gets_no_conversations,
    one_telephone_reaches_one_agent_in_a_race_too,
    failed_tries_are_recorded,
);

const KIND: &str = "switchboard";
const HOURS: Duration = Duration::from_secs(3600);
const PRODUCT_PASSWORD: &str = "abc";

struct World {
    desk: TestDesk,
    admin: Caller,
    integration: Integration,
}

impl World {
    async fn new(engine: TestEngine) -> Self {
        let (desk, admin) = desk(engine).await;
        let new = NewIntegration { kind: KIND, name: "Phones".to_owned(), teams: None, proof: Proof::Either };
        let integration = desk.app.create_integration(&Caller::operator(), new).await.unwrap().integration;
        Self { desk, admin, integration }
    }

    /// Somebody who may do everything an agent may, in all modes.
    async fn agent(&self, name: &str) -> AgentId {
        let role = built_in(&self.desk, "agent").await;
        let id = agent_with_roles(&self.desk, &format!("{name}@example.org"), &[role]).await.agent.id;
        self.channels(id, Channel::ALL).await;
        id
    }

    async fn channels(&self, agent: AgentId, on: &[Channel]) {
        let channels = Channel::ALL.iter().map(|channel| (*channel, on.contains(channel))).collect();
        let extension = AgentExtension { channels, ..AgentExtension::default() };
        update(&self.desk, agent, AgentPatch { extension, ..AgentPatch::default() }).await.unwrap();
    }

    async fn sign_in(&self, login: &str, sign_in: DeskSignIn) -> Result<Profile> {
        self.desk.app.sign_in_at_desk(&origin(), &self.integration, login, PASSWORD, sign_in).await
    }

    async fn sign_out(&self, login: &str) -> Result<Profile> {
        self.desk.app.sign_out_at_desk(&origin(), &self.integration, login, PASSWORD, KIND).await
    }

    async fn shown(&self, agent: AgentId) -> Shown {
        let profile = read(&self.desk, agent).await;
        profile.state.shown(&profile.agent, self.desk.now())
    }

    async fn assignee(&self, uuid: Uuid) -> Option<AgentId> {
        self.desk.quiet().await;
        self.desk.app.conversation(&self.admin, uuid).await.unwrap().conversation.assignee
    }
}

fn plain() -> DeskSignIn {
    DeskSignIn { password_kind: KIND, mode: None, paused: None, phone: None }
}

fn in_mode(mode: Mode) -> DeskSignIn {
    DeskSignIn { mode: Some(mode), ..plain() }
}

fn at_phone(phone: &str) -> DeskSignIn {
    DeskSignIn { phone: Some(phone.to_owned()), ..plain() }
}

async fn signing_in_is_presence_in_a_mode(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let epoch = read(&world.desk, kim).await.state.epoch;
    let sign_in = DeskSignIn { phone: Some(" +4930123 ".to_owned()), ..in_mode(Mode::Inbound) };
    let profile = world.sign_in("KIM", sign_in).await.unwrap();
    assert_eq!(profile, read(&world.desk, kim).await);
    let state = &profile.state;
    assert_eq!((state.link, state.lease_until), (Link::Live, Some(world.desk.now() + 12 * HOURS)));
    assert_eq!((state.mode, state.phone.as_deref()), (Some(Mode::Inbound), Some("+4930123")));
    assert_eq!((state.intent, state.state_since), (Intent::Ready, world.desk.now()));
    assert!(state.epoch > epoch);
    assert_eq!(profile.agent.last_login_at, Some(world.desk.now()));
    let record = events(&world.desk).await.pop().unwrap();
    assert_eq!(record.event.name(), "sign_in.succeeded");
    assert_eq!(record.actor, muster_core::actor::ActorRef::Agent(kim));
    assert_eq!(event_names(&world.desk).await.iter().filter(|name| **name == "presence.changed").count(), 1);
    world.desk.advance(12 * HOURS - Duration::from_millis(1)).await;
    assert_eq!(world.shown(kim).await, Shown::Ready);
    world.desk.advance(Duration::from_millis(1)).await;
    let state = read(&world.desk, kim).await.state;
    assert_eq!((state.link, state.mode, state.phone), (Link::Absent, None, None));
    world.sign_in("kim", plain()).await.unwrap();
}

async fn the_first_permitted_mode_is_taken(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let cases: [(&[Channel], Mode); 4] = [
        (Channel::ALL, Mode::Blended),
        (&[Channel::Manual, Channel::Chat, Channel::Inbound], Mode::Inbound),
        (&[Channel::Manual, Channel::Chat], Mode::Chat),
        (&[Channel::Manual, Channel::BlendedChat], Mode::Manual),
    ];
    for (on, mode) in cases {
        world.channels(kim, on).await;
        assert_eq!(world.sign_in("kim", plain()).await.unwrap().state.mode, Some(mode));
        world.sign_out("kim").await.unwrap();
    }
    world.channels(kim, &[]).await;
    assert_refused(world.sign_in("kim", plain()).await, Refusal::ModeNotPermitted);
}

async fn what_is_against_it_is_told_in_order(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, _) = (world.agent("kim").await, world.agent("lee").await);
    world.sign_in("lee", at_phone("+4930123")).await.unwrap();
    world.sign_in("kim", plain()).await.unwrap();
    world.channels(kim, &[Channel::Inbound]).await;
    let sign_in = || DeskSignIn { mode: Some(Mode::Manual), ..at_phone("+4930123") };
    let wrong = world.desk.app.sign_in_at_desk(&origin(), &world.integration, "kim", "wrong", sign_in()).await;
    assert_refused(wrong, Refusal::WrongCredentials);
    assert_refused(world.sign_in("kim", sign_in()).await, Refusal::ModeNotPermitted);
    world.channels(kim, &[Channel::Manual]).await;
    assert_refused(world.sign_in("kim", sign_in()).await, Refusal::AlreadyPresent(kim));
    world.sign_out("kim").await.unwrap();
    assert_refused(world.sign_in("kim", sign_in()).await, Refusal::PhoneInUse("lee".to_owned()));
    world.sign_out("lee").await.unwrap();
    world.sign_in("kim", sign_in()).await.unwrap();
    let flags = |enabled, locked| AgentPatch {
        enabled: Some(enabled),
        extension: AgentExtension { locked: Some(locked), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    for blocked in [flags(false, false), flags(true, true)] {
        update(&world.desk, kim, blocked).await.unwrap();
        assert_refused(world.sign_in("kim", plain()).await, Refusal::WrongCredentials);
        assert_refused(world.sign_out("kim").await, Refusal::WrongCredentials);
    }
    assert_refused(world.sign_in("nobody", plain()).await, Refusal::WrongCredentials);
}

async fn a_refused_sign_in_changes_nothing(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.agent("lee").await;
    world.channels(kim, &[Channel::Chat]).await;
    world.sign_in("lee", at_phone("+4930123")).await.unwrap();
    let before = digest(&world.desk).await;
    assert_refused(world.sign_in("kim", in_mode(Mode::Blended)).await, Refusal::ModeNotPermitted);
    assert_refused(world.sign_in("kim", at_phone("+4930123")).await, Refusal::PhoneInUse("lee".to_owned()));
    assert_refused(world.sign_out("kim").await, Refusal::NotPresent(kim));
    let paused = |reason: &str| DeskSignIn { paused: Some(Some(reason.to_owned())), ..plain() };
    assert_invalid(world.sign_in("kim", paused("Holiday")).await, "pause_reason");
    assert_invalid(world.sign_in("kim", at_phone(&"1".repeat(101))).await, "phone");
    assert_eq!(before, digest(&world.desk).await);
}

async fn either_password_is_good_here_and_the_products_only_here(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let product_password = Some(ProductPassword { kind: KIND, password: PRODUCT_PASSWORD.to_owned() });
    update(&world.desk, kim, AgentPatch { product_password, ..AgentPatch::default() }).await.unwrap();
    let app = &world.desk.app;
    for password in [PASSWORD, PRODUCT_PASSWORD] {
        app.sign_in_at_desk(&origin(), &world.integration, "kim", password, plain()).await.unwrap();
        app.sign_out_at_desk(&origin(), &world.integration, "kim", password, KIND).await.unwrap();
    }
    let elsewhere = DeskSignIn { password_kind: "another", ..plain() };
    let tried = app.sign_in_at_desk(&origin(), &world.integration, "kim", PRODUCT_PASSWORD, elsewhere).await;
    assert_refused(tried, Refusal::WrongCredentials);
    assert_refused(app.sign_in(&origin(), "kim", PRODUCT_PASSWORD).await, Refusal::WrongCredentials);
    let typed = muster_app::auth::Typed::Plain(PRODUCT_PASSWORD);
    assert_refused(app.sign_in_for_token(&origin(), "kim", typed).await, Refusal::WrongCredentials);
}

async fn it_begins_ready_or_paused(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    for (paused, intent, reason) in [
        (Some(Some("lunch".to_owned())), Intent::Paused, Some("Lunch")),
        (Some(Some("MEETING".to_owned())), Intent::Paused, Some("Meeting")),
        (Some(None), Intent::Paused, None),
        (None, Intent::Ready, None),
    ] {
        let state = world.sign_in("kim", DeskSignIn { paused, ..plain() }).await.unwrap().state;
        assert_eq!((state.intent, state.pause_reason.as_deref()), (intent, reason));
        let state = world.sign_out("kim").await.unwrap().state;
        assert_eq!((state.intent, state.pause_reason.as_deref()), (intent, reason), "survives signing out");
    }
    assert_eq!(world.shown(kim).await, Shown::Offline);
}

async fn signing_out_ends_it(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    assert_refused(world.sign_out("kim").await, Refusal::NotPresent(kim));
    let epoch = world.sign_in("kim", at_phone("+4930123")).await.unwrap().state.epoch;
    let profile = world.sign_out("kim").await.unwrap();
    let state = &profile.state;
    assert_eq!((state.link, state.mode, &state.phone, state.lease_until), (Link::Absent, None, &None, None));
    assert!(state.epoch > epoch);
    assert_eq!(world.shown(kim).await, Shown::Offline);
    assert!(event_names(&world.desk).await.contains(&"sign_in.ended"));
    assert_refused(world.sign_out("kim").await, Refusal::NotPresent(kim));
    let new = NewIntegration { kind: KIND, name: "Other".to_owned(), teams: None, proof: Proof::Key };
    let other = world.desk.app.create_integration(&Caller::operator(), new).await.unwrap().integration;
    world.sign_in("kim", plain()).await.unwrap();
    let again = world.desk.app.sign_in_at_desk(&origin(), &other, "kim", PASSWORD, plain()).await;
    assert_refused(again, Refusal::AlreadyPresent(kim));
    world.desk.app.sign_out_at_desk(&origin(), &other, "kim", PASSWORD, KIND).await.unwrap();
    assert_eq!(world.shown(kim).await, Shown::Offline, "whichever program it was");
}

async fn socket(world: &World, agent: AgentId) -> Caller {
    let who = caller(&read(&world.desk, agent).await);
    world.desk.app.prove_presence(&who, "socket", LeaseKind::Socket, true).await.unwrap();
    who
}

async fn who_is_there_by_other_means_stays(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let who = socket(&world, kim).await;
    world.sign_in("kim", in_mode(Mode::Inbound)).await.unwrap();
    world.desk.app.prove_presence(&who, "socket", LeaseKind::Socket, true).await.unwrap();
    assert_eq!(read(&world.desk, kim).await.state.mode, Some(Mode::Inbound), "a socket takes nobody out of a mode");
    let state = world.sign_out("kim").await.unwrap().state;
    assert_eq!((state.link, state.mode, state.phone), (Link::Live, None, None));
    assert_eq!(state.lease_until, Some(world.desk.now() + Duration::from_secs(90)));
    assert_refused(world.sign_out("kim").await, Refusal::NotPresent(kim));
}

async fn it_runs_out_though_a_socket_stays(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.sign_in("kim", in_mode(Mode::Inbound)).await.unwrap();
    world.desk.advance(12 * HOURS - Duration::from_secs(30)).await;
    socket(&world, kim).await;
    world.desk.advance(Duration::from_secs(30)).await;
    let state = read(&world.desk, kim).await.state;
    assert_eq!((state.link, state.mode), (Link::Live, None));
    assert_refused(world.sign_out("kim").await, Refusal::NotPresent(kim));
}

async fn every_ending_ends_it(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let flags = |enabled, locked| AgentPatch {
        enabled: Some(enabled),
        extension: AgentExtension { locked: Some(locked), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    let password = AgentPatch { new_password: Some(PASSWORD.to_owned()), ..AgentPatch::default() };
    let product_password = Some(ProductPassword { kind: KIND, password: PRODUCT_PASSWORD.to_owned() });
    let product = AgentPatch { product_password, ..AgentPatch::default() };
    for (end, back) in [
        (flags(false, false), flags(true, false)),
        (flags(true, true), flags(true, false)),
        (password, AgentPatch::default()),
        (product, AgentPatch::default()),
    ] {
        let epoch = world.sign_in("kim", at_phone("+4930123")).await.unwrap().state.epoch;
        let ended = update(&world.desk, kim, end).await.unwrap();
        assert_eq!(ended, read(&world.desk, kim).await, "the answer is what is stored");
        let state = ended.state;
        assert_eq!((state.link, state.mode, state.phone), (Link::Absent, None, None));
        assert!(state.epoch > epoch);
        update(&world.desk, kim, back).await.unwrap();
        assert_eq!(world.shown(kim).await, Shown::Offline, "nothing comes back by itself");
    }
    world.sign_in("kim", at_phone("+4930123")).await.unwrap();
    world.desk.app.delete_agent(&world.admin, kim).await.unwrap();
    assert_refused(world.sign_out("kim").await, Refusal::WrongCredentials);
    world.agent("lee").await;
    world.sign_in("lee", at_phone("+4930123")).await.unwrap();
}

async fn waiting_chats_go_to_others_after_signing_out(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    world.sign_in("kim", in_mode(Mode::Chat)).await.unwrap();
    let chat = conversation(&world.desk, &world.admin, inbox(&world.desk).await, |_| {}).await;
    assert_eq!(world.assignee(chat).await, Some(kim));
    world.sign_in("lee", in_mode(Mode::Chat)).await.unwrap();
    world.sign_out("kim").await.unwrap();
    let return_after = world.desk.app.settings().routing.return_after;
    world.desk.advance(return_after - Duration::from_millis(1)).await;
    assert_eq!(world.assignee(chat).await, Some(kim));
    world.desk.advance(Duration::from_millis(1)).await;
    assert_eq!(world.assignee(chat).await, Some(lee));
}

async fn a_mode_without_text_gets_no_conversations(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.sign_in("kim", in_mode(Mode::Inbound)).await.unwrap();
    let chat = conversation(&world.desk, &world.admin, inbox(&world.desk).await, |_| {}).await;
    assert_eq!(world.assignee(chat).await, None);
    let epoch = read(&world.desk, kim).await.state.epoch;
    let claimed = world.desk.app.conversation(&world.admin, chat).await.unwrap().conversation.id;
    let claim = world.desk.app.claim(claimed, kim, epoch, serde_json::json!({}), 1).await.unwrap();
    assert_eq!(claim, muster_app::claim::ClaimOutcome::Lost, "the guard judges the mode anew");
    let boards = world.desk.app.boards().await.unwrap();
    assert_eq!(boards.kept, boards.fresh);
    world.sign_out("kim").await.unwrap();
    world.sign_in("kim", in_mode(Mode::Chat)).await.unwrap();
    assert_eq!(world.assignee(chat).await, Some(kim));
    let boards = world.desk.app.boards().await.unwrap();
    assert_eq!(boards.kept, boards.fresh);
}

async fn one_telephone_reaches_one_agent_in_a_race_too(engine: TestEngine) {
    let world = World::new(engine).await;
    for name in ["kim", "lee", "max", "zoe"] {
        world.agent(name).await;
    }
    let tries = ["kim", "lee", "max", "zoe"].map(|name| world.sign_in(name, at_phone("+4930123")));
    let outcomes = futures_util::future::join_all(tries).await;
    let in_use = |outcome: &&Result<Profile>| matches!(outcome, Err(Error::Refused(Refusal::PhoneInUse(_))));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(in_use).count(), 3);
}

async fn failed_tries_are_recorded(engine: TestEngine) {
    let world = World::new(engine).await;
    world.agent("kim").await;
    for password in ["", "wrong"] {
        let tried = world.desk.app.sign_in_at_desk(&origin(), &world.integration, "kim", password, plain()).await;
        assert_refused(tried, Refusal::WrongCredentials);
    }
    while event_names(&world.desk).await.iter().filter(|name| **name == "sign_in.failed").count() < 2 {
        tokio::task::yield_now().await;
    }
}
