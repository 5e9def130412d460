//! Invitations and resets.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_app::mail::LinkMail;
use muster_core::actor::Caller;
use muster_core::id::AgentId;
use muster_core::{Entity, Refusal};
use muster_store::jobs;
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    PASSWORD, agent, assert_invalid, assert_not_found, assert_refused, assert_unauthenticated, desk, digest, new_agent,
    origin, read, update,
};

both_engines!(
    a_welcome_link_sets_the_first_password_once,
    an_invitation_by_id_is_in_place_of_all_before,
    only_people_whose_account_can_be_used_are_invited,
    a_reset_ends_sign_ins_and_kills_older_links,
    asking_for_unknown_addresses_changes_nothing,
    a_link_dies_after_a_day_and_with_its_account,
);

/// Takes the mails of a kind that wait, and tells what they say.
async fn mailed(desk: &TestDesk, job: &'static str) -> Vec<Option<LinkMail>> {
    let now = desk.now();
    let claimed = desk.app.store().write(move |tx| Box::pin(jobs::claim(tx, job, now, Duration::from_secs(60), 9)));
    let mut mails = Vec::new();
    for job in claimed.await.unwrap() {
        mails.push(desk.app.link_mail(&job).await.unwrap());
    }
    mails
}

fn token(link: &str) -> String {
    link.split_once("/set-password?token=").unwrap().1.to_owned()
}

async fn a_welcome_link_sets_the_first_password_once(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { password: None, send_welcome_email: true, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    let mail = mailed(&desk, "mail.welcome").await.remove(0).unwrap();
    assert_eq!((mail.address.as_str(), mail.first_name.as_str(), mail.hours), ("kim@example.org", "Kim", 24));
    assert!(mail.message_id.starts_with('<') && mail.message_id.ends_with("@desk.example.org>"), "{}", mail.message_id);
    let token = &token(&mail.link);
    assert_invalid(desk.app.set_password_by_link(&origin(), token, "weak").await, "password");
    desk.app.set_password_by_link(&origin(), token, PASSWORD).await.unwrap();
    assert!(read(&desk, kim).await.agent.email_verified);
    desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap();
    let again = desk.app.set_password_by_link(&origin(), token, "Another-horse-2").await;
    assert_refused(again, Refusal::LinkExpired);
    let unknown = desk.app.set_password_by_link(&origin(), "unknown", PASSWORD).await;
    assert_refused(unknown, Refusal::LinkExpired);
}

async fn an_invitation_by_id_is_in_place_of_all_before(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { password: None, send_welcome_email: true, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap().agent.id;
    let mailed = mailed(&desk, "mail.welcome").await.remove(0).unwrap().link;
    let first = desk.app.invite_agent(&admin, kim).await.unwrap();
    let second = desk.app.invite_agent(&admin, kim).await.unwrap();
    assert_eq!(second.expires_at, desk.now() + Duration::from_secs(24 * 3600));
    for dead in [&mailed, &first.url] {
        let outcome = desk.app.set_password_by_link(&origin(), &token(dead), PASSWORD).await;
        assert_refused(outcome, Refusal::LinkExpired);
    }
    desk.app.set_password_by_link(&origin(), &token(&second.url), PASSWORD).await.unwrap();
    desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap();
}

async fn only_people_whose_account_can_be_used_are_invited(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let gone = agent(&desk, "gone@example.org").await.agent.id;
    desk.app.delete_agent(&admin, gone).await.unwrap();
    let locked = AgentExtension { locked: Some(true), ..AgentExtension::default() };
    update(&desk, kim, AgentPatch { extension: locked, ..AgentPatch::default() }).await.unwrap();
    let before = digest(&desk).await;
    assert_refused(desk.app.invite_agent(&admin, kim).await, Refusal::AccountDisabled);
    assert_refused(desk.app.invite_agent(&admin, AgentId(1)).await, Refusal::BuiltIn(Entity::Agent));
    for nobody in [gone, AgentId(999)] {
        assert_not_found(desk.app.invite_agent(&admin, nobody).await, Entity::Agent);
    }
    assert_eq!(before, digest(&desk).await);
}

async fn a_reset_ends_sign_ins_and_kills_older_links(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    agent(&desk, "kim@example.org").await;
    let session = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
    desk.app.request_password_reset(&origin(), " Kim@example.org ").await.unwrap();
    let old = mailed(&desk, "mail.reset").await.remove(0).unwrap();
    desk.app.request_password_reset(&origin(), " Kim@example.org ").await.unwrap();
    let new = mailed(&desk, "mail.reset").await.remove(0).unwrap();
    assert_ne!(old.message_id, new.message_id);
    let refused = desk.app.set_password_by_link(&origin(), &token(&old.link), "Another-horse-2").await;
    assert_refused(refused, Refusal::LinkExpired);
    desk.app.set_password_by_link(&origin(), &token(&new.link), "Another-horse-2").await.unwrap();
    assert_unauthenticated(desk.app.authenticate_session(&session).await);
    desk.app.sign_in(&origin(), "kim", "Another-horse-2").await.unwrap();
}

async fn asking_for_unknown_addresses_changes_nothing(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    update(&desk, kim, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await.unwrap();
    let before = digest(&desk).await;
    for address in ["nobody@example.org", "kim", "System", "", "kim@example.org"] {
        desk.app.request_password_reset(&origin(), address).await.unwrap();
    }
    assert_eq!(before, digest(&desk).await);
}

async fn a_link_dies_after_a_day_and_with_its_account(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let operator = Caller::operator();
    let late = token(&desk.app.reset_password_link(&operator, "kim@example.org").await.unwrap());
    desk.advance(Duration::from_secs(24 * 3600)).await;
    let outcome = desk.app.set_password_by_link(&origin(), &late, "Another-horse-2").await;
    assert_refused(outcome, Refusal::LinkExpired);
    let dead = token(&desk.app.invite_link(&operator, "kim@example.org").await.unwrap());
    for enabled in [false, true] {
        update(&desk, kim, AgentPatch { enabled: Some(enabled), ..AgentPatch::default() }).await.unwrap();
    }
    let outcome = desk.app.set_password_by_link(&origin(), &dead, "Another-horse-2").await;
    assert_refused(outcome, Refusal::LinkExpired);
    update(&desk, kim, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await.unwrap();
    let refused = desk.app.invite_link(&operator, "kim@example.org").await;
    assert_refused(refused, Refusal::AccountDisabled);
}
