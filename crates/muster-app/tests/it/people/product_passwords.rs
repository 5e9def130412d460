//! Passwords that are good at one product's own sign-in only.

use muster_app::agents::{AgentPatch, NewAgent, ProductPassword};
use muster_app::auth::DeskSignIn;
use muster_app::integrations::NewIntegration;
use muster_core::Refusal;
use muster_core::id::AgentId;
use muster_core::integration::Proof;
use muster_core::presence::Link;
use muster_store::credentials;
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    PASSWORD, agent, assert_invalid, assert_refused, assert_unauthenticated, desk, digest, event_names, new_agent,
    origin, read, update,
};

both_engines!(
    a_short_password_opens_no_door_of_the_desk,
    one_that_meets_the_desks_rule_is_the_desks_too,
    a_weak_one_leaves_the_desks_password_alone,
    its_change_ends_every_sign_in,
    it_opens_its_own_products_door,
    its_length_is_bounded,
);

const KIND: &str = "switchboard";

fn given(password: &str) -> Option<ProductPassword> {
    Some(ProductPassword { kind: KIND, password: password.to_owned() })
}

fn changed(password: &str) -> AgentPatch {
    AgentPatch { product_password: given(password), ..AgentPatch::default() }
}

async fn hash(desk: &TestDesk, agent: AgentId, kind: &'static str) -> Option<String> {
    desk.app.store().read(move |tx| Box::pin(credentials::find_password(tx, agent, kind))).await.unwrap()
}

async fn a_short_password_opens_no_door_of_the_desk(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { password: None, product_password: given("abc"), ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    assert!(hash(&desk, kim, KIND).await.is_some());
    assert_eq!(hash(&desk, kim, "desk").await, None);
    assert_refused(desk.app.sign_in(&origin(), "kim", "abc").await, Refusal::WrongCredentials);
    assert!(event_names(&desk).await.contains(&"password.set"));
    assert!(!format!("{:?}", changed("abc-secret")).contains("abc-secret"));
}

async fn one_that_meets_the_desks_rule_is_the_desks_too(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { password: None, product_password: given(PASSWORD), ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap();
    assert_ne!(hash(&desk, kim, KIND).await, hash(&desk, kim, "desk").await, "each has a salt of its own");
    update(&desk, kim, changed("Another-horse-2")).await.unwrap();
    desk.app.sign_in(&origin(), "kim", "Another-horse-2").await.unwrap();
    assert_refused(desk.app.sign_in(&origin(), "kim", PASSWORD).await, Refusal::WrongCredentials);
    let both = AgentPatch { new_password: Some("A-third-horse-3".to_owned()), ..changed(PASSWORD) };
    update(&desk, kim, both).await.unwrap();
    desk.app.sign_in(&origin(), "kim", "A-third-horse-3").await.unwrap();
}

async fn a_weak_one_leaves_the_desks_password_alone(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let before = hash(&desk, kim, "desk").await;
    update(&desk, kim, changed("abc")).await.unwrap();
    assert_eq!(hash(&desk, kim, "desk").await, before);
    desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap();
    assert_refused(desk.app.sign_in(&origin(), "kim", "abc").await, Refusal::WrongCredentials);
}

async fn its_change_ends_every_sign_in(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let token = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
    desk.app.authenticate_session(&token).await.unwrap();
    update(&desk, kim, changed("abc")).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_session(&token).await);
    assert!(event_names(&desk).await.contains(&"credentials.revoked"));
}

async fn its_length_is_bounded(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let before = digest(&desk).await;
    for bad in ["", "ab", "a\0bc", &"x".repeat(51)] {
        assert_invalid(update(&desk, kim, changed(bad)).await, "product_password");
        let new = NewAgent { product_password: given(bad), ..new_agent("lee@example.org") };
        assert_invalid(desk.app.create_agent(&admin, new).await, "product_password");
    }
    assert_eq!(before, digest(&desk).await);
    update(&desk, kim, changed(&"ß".repeat(50))).await.unwrap();
}

async fn it_opens_its_own_products_door(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { product_password: given("abc"), ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    let new = NewIntegration { kind: KIND, name: "Switchboard".to_owned(), teams: None, proof: Proof::Either };
    let switchboard = desk.app.create_integration(&admin, new).await.unwrap().integration;
    let enter = |kind, password| {
        let sign_in = DeskSignIn { password_kind: kind, mode: None, paused: None, phone: None };
        let (app, switchboard) = (desk.app.clone(), switchboard.clone());
        async move { app.sign_in_at_desk(&origin(), &switchboard, "kim", password, sign_in).await }
    };
    assert_refused(enter("another", "abc").await, Refusal::WrongCredentials);
    assert_eq!(enter(KIND, "abc").await.unwrap().state.link, Link::Live);
    update(&desk, kim, changed("abcd")).await.unwrap();
    assert_eq!(read(&desk, kim).await.state.link, Link::Absent, "a new password ends it");
    assert_refused(enter(KIND, "abc").await, Refusal::WrongCredentials);
    enter("another", PASSWORD).await.unwrap();
}
