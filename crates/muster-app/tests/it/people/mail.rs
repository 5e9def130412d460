//! Mails that tell of links, how long they are good for, and their jobs as people see them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use muster_app::agents::AgentPatch;
use muster_app::auth::Purpose;
use muster_app::jobs::{JobFailure, JobView};
use muster_app::mail::LinkMail;
use muster_core::Entity;
use muster_core::actor::Caller;
use muster_core::id::JobId;
use muster_core::job::JobState;
use muster_core::permission::Permission;
use muster_core::view::PageRequest;
use muster_store::{jobs, params, sql};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{agent, assert_denied, assert_not_found, desk, lead, origin, update};

const ALL: PageRequest = PageRequest { page: 1, size: 100 };
const HOUR: Duration = Duration::from_secs(3600);

both_engines!(
    a_late_mail_brings_a_link_for_a_whole_day,
    a_link_that_ran_out_first_is_told_and_replaced_by_a_retry,
    a_link_that_was_tidied_away_is_told_as_well,
    a_job_brought_back_in_hand_has_no_tries_after_a_stop,
    what_nobody_needs_any_more_is_not_sent,
    a_secret_stays_no_longer_than_its_job,
    bringing_a_job_back_is_logged_and_takes_a_right,
);

async fn job(desk: &TestDesk) -> JobView {
    let page = desk.app.list_jobs(&Caller::operator(), None, ALL).await.unwrap();
    page.items.into_iter().next().unwrap()
}

/// From now on mails are "sent" here, after so many failures.
fn outbox(desk: &TestDesk, failures: usize) -> Arc<Mutex<Vec<LinkMail>>> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let (taken, left) = (Arc::clone(&sent), Arc::new(Mutex::new(failures)));
    desk.app.on_job(Purpose::Reset.job(), move |app, job| {
        let (taken, left) = (Arc::clone(&taken), Arc::clone(&left));
        Box::pin(async move {
            let Some(mail) = app.link_mail(&job).await? else { return Ok(()) };
            let mut left = left.lock().unwrap();
            if *left > 0 {
                *left -= 1;
                return Err(JobFailure::Again("451 come again".to_owned()));
            }
            taken.lock().unwrap().push(mail);
            Ok(())
        })
    });
    sent
}

async fn kim_forgot(desk: &TestDesk) {
    agent(desk, "kim@example.org").await;
    desk.app.request_password_reset(&origin(), "kim@example.org").await.unwrap();
}

fn token(mail: &LinkMail) -> &str {
    mail.link.split_once("token=").unwrap().1
}

async fn a_late_mail_brings_a_link_for_a_whole_day(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    kim_forgot(&desk).await;
    let sent = outbox(&desk, 8);
    desk.advance(2 * HOUR).await;
    let mail = sent.lock().unwrap().remove(0);
    desk.advance(23 * HOUR).await;
    desk.app.set_password_by_link(&origin(), token(&mail), "Another-horse-2").await.unwrap();
}

async fn a_link_that_ran_out_first_is_told_and_replaced_by_a_retry(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    kim_forgot(&desk).await;
    desk.advance(24 * HOUR).await;
    let sent = outbox(&desk, 0);
    desk.quiet().await;
    let dead = job(&desk).await;
    assert_eq!((dead.state, dead.attempts), (JobState::Dead, 1));
    assert!(dead.last_error.unwrap().starts_with("the link ran out before its mail could be sent"));
    assert_eq!(desk.app.retry_dead_jobs(&Caller::operator()).await.unwrap(), 1);
    desk.quiet().await;
    assert_eq!(job(&desk).await.state, JobState::Done);
    let mail = sent.lock().unwrap().remove(0);
    desk.app.set_password_by_link(&origin(), token(&mail), "Another-horse-2").await.unwrap();
}

async fn a_link_that_was_tidied_away_is_told_as_well(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    kim_forgot(&desk).await;
    desk.app.keep_tidy().await.unwrap();
    desk.advance(49 * HOUR).await;
    let sent = outbox(&desk, 0);
    desk.quiet().await;
    assert_eq!(*sent.lock().unwrap(), []);
    let dead = desk.app.list_jobs(&Caller::operator(), Some(JobState::Dead), ALL).await.unwrap().items.remove(0);
    assert!(dead.last_error.unwrap().starts_with("the link ran out before its mail could be sent"));
}

/// Somebody brings a job back while it is in hand, and the desk is stopped before it is done.
async fn a_job_brought_back_in_hand_has_no_tries_after_a_stop(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    kim_forgot(&desk).await;
    let id = job(&desk).await.id;
    let now = desk.app.now();
    let claimed = desk
        .app
        .store()
        .write(move |tx| Box::pin(async move { jobs::claim(tx, Purpose::Reset.job(), now, HOUR, 1).await }));
    let claimed = claimed.await.unwrap().remove(0);
    desk.app.retry_job(&admin, id).await.unwrap();
    let put_back = desk.app.store().write(move |tx| {
        let claimed = claimed.clone();
        Box::pin(async move { jobs::put_back(tx, &claimed, now).await })
    });
    assert!(put_back.await.unwrap());
    assert_eq!(job(&desk).await.attempts, 0);
}

async fn what_nobody_needs_any_more_is_not_sent(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    kim_forgot(&desk).await;
    desk.app.invite_link(&Caller::operator(), "kim@example.org").await.unwrap();
    let lee = agent(&desk, "lee@example.org").await.agent.id;
    desk.app.request_password_reset(&origin(), "lee@example.org").await.unwrap();
    update(&desk, lee, AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await.unwrap();
    let sent = outbox(&desk, 0);
    desk.quiet().await;
    assert_eq!(*sent.lock().unwrap(), []);
    let jobs = desk.app.list_jobs(&Caller::operator(), Some(JobState::Done), ALL).await.unwrap();
    assert_eq!(jobs.total, 2);
}

async fn secrets(desk: &TestDesk) -> Vec<Option<String>> {
    let select = sql!("SELECT secret FROM jobs ORDER BY id");
    let read = desk.app.store().read(move |tx| Box::pin(async move { tx.query(select, &params![]).await }));
    read.await.unwrap().iter().map(|row| row.get("secret").unwrap()).collect()
}

async fn a_secret_stays_no_longer_than_its_job(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    kim_forgot(&desk).await;
    assert!(matches!(&secrets(&desk).await[..], [Some(sealed)] if sealed.starts_with("sealed:")));
    let sent = outbox(&desk, 1);
    desk.quiet().await;
    assert!(secrets(&desk).await[0].is_some());
    desk.advance(HOUR).await;
    assert_eq!(sent.lock().unwrap().len(), 1);
    assert_eq!(secrets(&desk).await, [None]);
    desk.app.request_password_reset(&origin(), "kim@example.org").await.unwrap();
    desk.app.on_job(Purpose::Reset.job(), |_, _| Box::pin(async { Err(JobFailure::Never("550 no".to_owned())) }));
    desk.quiet().await;
    assert_eq!(secrets(&desk).await, [None, None]);
}

async fn bringing_a_job_back_is_logged_and_takes_a_right(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    kim_forgot(&desk).await;
    let id = job(&desk).await.id;
    let lead = lead(&desk, "lou@example.org").await;
    assert_denied(desk.app.list_jobs(&lead, None, ALL).await, Permission::GeneralSettingsManage);
    assert_denied(desk.app.retry_job(&lead, id).await, Permission::GeneralSettingsManage);
    assert_denied(desk.app.retry_dead_jobs(&lead).await, Permission::GeneralSettingsManage);
    assert_not_found(desk.app.retry_job(&admin, JobId(99)).await, Entity::Job);
    desk.app.retry_job(&admin, id).await.unwrap();
    let count = sql!("SELECT id FROM audit WHERE action = 'job.retried' AND entity_kind = 'job' AND entity_id = $1");
    let read = desk.app.store().read(move |tx| Box::pin(async move { tx.query(count, &params![id]).await }));
    assert_eq!(read.await.unwrap().len(), 1);
}
