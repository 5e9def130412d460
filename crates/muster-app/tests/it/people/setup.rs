//! A new desk's first administrator.

use std::time::Duration;

use muster_app::setup::SetUp;
use muster_core::Refusal;
use muster_core::actor::Caller;
use muster_core::permission::Permission;
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{PASSWORD, agent, assert_denied, assert_invalid, assert_refused, caller, origin};

both_engines!(
    the_first_administrator_comes_by_a_link,
    a_set_up_link_dies,
    only_one_of_two_set_ups_succeeds,
    an_administrator_comes_from_the_command_line,
);

async fn new_desk(engine: TestEngine) -> TestDesk {
    let desk = TestDesk::new(engine).await;
    desk.app.ensure_built_ins().await.unwrap();
    desk
}

async fn link(desk: &TestDesk) -> String {
    let url = desk.app.new_setup_link(&Caller::operator()).await.unwrap();
    url.strip_prefix("https://desk.example.org/setup#").unwrap().to_owned()
}

fn set_up(token: &str, email: &str) -> SetUp {
    SetUp {
        token: token.to_owned(),
        first_name: "Ada".to_owned(),
        last_name: String::new(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
    }
}

async fn the_first_administrator_comes_by_a_link(engine: TestEngine) {
    let desk = new_desk(engine).await;
    assert!(desk.app.needs_set_up().await.unwrap());
    let token = link(&desk).await;
    let weak = SetUp { password: "weak".to_owned(), ..set_up(&token, "ada@example.org") };
    assert_invalid(desk.app.set_up(&origin(), weak).await, "password");
    let signed_in = desk.app.set_up(&origin(), set_up(&token, "ada@example.org")).await.unwrap();
    assert!(signed_in.profile.is_admin());
    let session = desk.app.authenticate_session(&signed_in.token).await.unwrap();
    assert!(session.actor.permissions.contains(Permission::RolesManage));
    assert!(!desk.app.needs_set_up().await.unwrap());
    let again = desk.app.set_up(&origin(), set_up(&token, "eve@example.org")).await;
    assert_refused(again, Refusal::AlreadySetUp);
    assert_refused(desk.app.new_setup_link(&Caller::operator()).await, Refusal::AlreadySetUp);
}

async fn a_set_up_link_dies(engine: TestEngine) {
    let desk = new_desk(engine).await;
    let agent = caller(&agent(&desk, "kim@example.org").await);
    assert_denied(desk.app.new_setup_link(&agent).await, Permission::UsersManage);
    let older = link(&desk).await;
    let newer = link(&desk).await;
    let refused = async |token: &str| {
        let outcome = desk.app.set_up(&origin(), set_up(token, "ada@example.org")).await;
        assert_refused(outcome, Refusal::LinkExpired);
    };
    refused(&older).await;
    refused("unknown").await;
    desk.advance(Duration::from_secs(24 * 3600)).await;
    refused(&newer).await;
    assert!(desk.app.needs_set_up().await.unwrap());
}

async fn only_one_of_two_set_ups_succeeds(engine: TestEngine) {
    let desk = new_desk(engine).await;
    let token = link(&desk).await;
    let from = origin();
    let (first, second) = tokio::join!(
        desk.app.set_up(&from, set_up(&token, "ada@example.org")),
        desk.app.set_up(&from, set_up(&token, "eve@example.org")),
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{first:?} {second:?}");
    let loser = if first.is_ok() { second } else { first };
    assert_refused(loser, Refusal::AlreadySetUp);
    assert_eq!(desk.app.list_agents(&Caller::operator()).await.unwrap().len(), 1);
}

async fn an_administrator_comes_from_the_command_line(engine: TestEngine) {
    let desk = new_desk(engine).await;
    let stale = link(&desk).await;
    let operator = Caller::operator();
    let (profile, url) = desk.app.create_admin(&operator, "ada@example.org", "Ada", None).await.unwrap();
    let token = url.unwrap().split_once("/set-password?token=").unwrap().1.to_owned();
    desk.app.set_password_by_link(&origin(), &token, PASSWORD).await.unwrap();
    let signed_in = desk.app.sign_in(&origin(), "ada@example.org", PASSWORD).await.unwrap();
    assert_eq!(signed_in.profile.agent.id, profile.agent.id);
    let late = desk.app.set_up(&origin(), set_up(&stale, "eve@example.org")).await;
    assert_refused(late, Refusal::AlreadySetUp);
    assert!(!desk.app.needs_set_up().await.unwrap());
    let given = desk.app.create_admin(&operator, "bob@example.org", "Bob", Some(PASSWORD.to_owned())).await.unwrap();
    assert_eq!(given.1, None);
    let found = desk.app.find_agent_by_email(&operator, "BOB@example.org").await.unwrap();
    assert_eq!(found.agent.id, given.0.agent.id);
}
