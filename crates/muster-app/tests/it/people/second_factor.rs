//! The second factor: how it is set up, that each of its codes is good once, and whom the desk holds back without one.

use std::time::Duration;

use futures_util::future::join_all;
use muster_app::agents::NewAgent;
use muster_app::auth::{Code, Presented, SignedIn, Typed, Whose};
use muster_core::actor::{Actor, Caller, Via};
use muster_core::agent::Profile;
use muster_core::permission::Permission;
use muster_core::second_factor::{Hold, Requirement, Secret};
use muster_core::{Error, Refusal, Result};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    PASSWORD, agent, assert_denied, assert_refused, assert_unauthenticated, built_in, desk, digest, event_names, id,
    lead, new_agent, origin,
};

both_engines!(
    a_code_is_asked_for_after_a_right_password_only,
    of_two_sign_ins_with_one_code_one_wins,
    a_code_of_the_step_before_is_good_once,
    of_two_sign_ins_with_one_recovery_code_one_wins,
    a_secret_waits_ten_minutes_for_its_first_code,
    turning_it_on_ends_the_other_sessions,
    it_ends_by_password_and_code,
    new_recovery_codes_take_the_place_of_the_old,
    an_administrator_takes_it_away_below_the_ceiling,
    whoever_lacks_one_that_is_asked_for_is_held,
    a_password_set_by_somebody_else_holds_a_browser,
    too_many_wrong_codes_stop_the_right_one,
);

const STEP: Duration = Duration::from_secs(30);

/// Kim, whose second factor is on, in a session.
struct Kim {
    desk: TestDesk,
    admin: Caller,
    secret: Secret,
    recovery_codes: Vec<String>,
    token: String,
}

impl Kim {
    async fn new(engine: TestEngine) -> Self {
        let (desk, admin) = desk(engine).await;
        agent(&desk, "kim@example.org").await;
        let token = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
        let secret = begin(&desk, &token).await;
        let caller = caller(&desk, &token).await;
        let recovery_codes = desk.app.confirm_second_factor(&caller, &token, &secret.code(desk.now())).await.unwrap();
        // The code of now is used up.
        desk.advance(STEP).await;
        Self { desk, admin, secret, recovery_codes, token }
    }

    fn code(&self) -> String {
        self.secret.code(self.desk.now())
    }

    async fn caller(&self) -> Caller {
        caller(&self.desk, &self.token).await
    }
}

async fn caller(desk: &TestDesk, token: &str) -> Caller {
    let session = desk.app.authenticate_session_for_own_account(token).await.unwrap();
    let (actor, credential) = (Actor::Agent(session.actor), Some(session.credential));
    Caller { actor, via: Via::Api, request_id: None, ip: None, credential }
}

async fn begin(desk: &TestDesk, token: &str) -> Secret {
    let caller = caller(desk, token).await;
    let enrolment = desk.app.begin_second_factor(&caller, PASSWORD).await.unwrap();
    assert!(enrolment.uri.contains(&enrolment.secret) && !format!("{enrolment:?}").contains(&enrolment.secret));
    Secret::parse(&enrolment.secret).unwrap()
}

async fn sign_in(desk: &TestDesk, password: &str, code: Option<&str>) -> Result<SignedIn> {
    let presented = Presented { password: Typed::Plain(password), code: code.map(Code) };
    desk.app.sign_in(&origin(), "kim", presented).await
}

async fn sign_in_for_token(desk: &TestDesk, code: Option<&str>) -> Result<SignedIn> {
    let presented = Presented { password: Typed::Plain(PASSWORD), code: code.map(Code) };
    desk.app.sign_in_for_token(&origin(), "kim", presented).await
}

async fn a_code_is_asked_for_after_a_right_password_only(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    let code = kim.code();
    assert_refused(sign_in(&kim.desk, "wrong", Some(&code)).await, Refusal::WrongCredentials);
    for missing in [None, Some(""), Some("  ")] {
        assert_refused(sign_in(&kim.desk, PASSWORD, missing).await, Refusal::CodeWanted);
        assert_refused(sign_in_for_token(&kim.desk, missing).await, Refusal::CodeWanted);
    }
    for wrong in ["000000", "abc", "AAAA-AAAA-AAAA-AAAA", "a\0b", &"1".repeat(5_000)] {
        assert_refused(sign_in(&kim.desk, PASSWORD, Some(wrong)).await, Refusal::WrongCode);
    }
    sign_in(&kim.desk, PASSWORD, Some(&code)).await.unwrap();
    kim.desk.advance(STEP).await;
    sign_in_for_token(&kim.desk, Some(&kim.code())).await.unwrap();
    let failures = event_names(&kim.desk).await.into_iter().filter(|name| *name == "sign_in.failed").count();
    assert_eq!(failures, 6);
}

/// As many sign-ins at once with one code, of which one succeeds.
async fn race(kim: &Kim, code: &str) {
    let tries = join_all((0..6).map(|_| sign_in(&kim.desk, PASSWORD, Some(code)))).await;
    assert_eq!(tries.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{tries:?}");
    for outcome in tries.into_iter().filter(Result::is_err) {
        assert_refused(outcome, Refusal::WrongCode);
    }
}

async fn of_two_sign_ins_with_one_code_one_wins(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    race(&kim, &kim.code()).await;
}

async fn of_two_sign_ins_with_one_recovery_code_one_wins(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    assert_eq!(kim.recovery_codes.len(), 10);
    race(&kim, &kim.recovery_codes[3]).await;
    let state = kim.desk.app.my_second_factor(&kim.caller().await).await.unwrap();
    assert_eq!((state.enabled, state.required, state.recovery_codes_left), (true, false, 9));
}

async fn a_code_of_the_step_before_is_good_once(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    let late = kim.code();
    kim.desk.advance(STEP).await;
    sign_in(&kim.desk, PASSWORD, Some(&late)).await.unwrap();
    assert_refused(sign_in(&kim.desk, PASSWORD, Some(&late)).await, Refusal::WrongCode);
    sign_in(&kim.desk, PASSWORD, Some(&kim.code())).await.unwrap();
    let late = kim.code();
    kim.desk.advance(2 * STEP).await;
    assert_refused(sign_in(&kim.desk, PASSWORD, Some(&late)).await, Refusal::WrongCode);
}

async fn a_secret_waits_ten_minutes_for_its_first_code(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    agent(&desk, "kim@example.org").await;
    let token = desk.app.sign_in(&origin(), "kim", PASSWORD).await.unwrap().token;
    let kim = caller(&desk, &token).await;
    assert_refused(desk.app.confirm_second_factor(&kim, &token, "000000").await, Refusal::SecondFactorIsOff);
    assert_refused(desk.app.begin_second_factor(&kim, "wrong").await, Refusal::WrongPassword);
    let first = begin(&desk, &token).await;
    sign_in(&desk, PASSWORD, None).await.unwrap();
    desk.advance(Duration::from_secs(600)).await;
    let late = desk.app.confirm_second_factor(&kim, &token, &first.code(desk.now())).await;
    assert_refused(late, Refusal::SecondFactorIsOff);
    let second = begin(&desk, &token).await;
    let other = desk.app.confirm_second_factor(&kim, &token, &first.code(desk.now())).await;
    assert_refused(other, Refusal::WrongCode);
    desk.app.confirm_second_factor(&kim, &token, &second.code(desk.now())).await.unwrap();
    assert_refused(sign_in(&desk, PASSWORD, None).await, Refusal::CodeWanted);
    assert_refused(desk.app.begin_second_factor(&kim, PASSWORD).await, Refusal::SecondFactorIsOn);
    let again = desk.app.confirm_second_factor(&kim, &token, &second.code(desk.now())).await;
    assert_refused(again, Refusal::SecondFactorIsOff);
}

async fn turning_it_on_ends_the_other_sessions(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    agent(&desk, "kim@example.org").await;
    let [token, other] = [sign_in(&desk, PASSWORD, None).await, sign_in(&desk, PASSWORD, None).await];
    let (token, other) = (token.unwrap().token, other.unwrap().token);
    let program = sign_in_for_token(&desk, None).await.unwrap();
    let secret = begin(&desk, &token).await;
    desk.app.authenticate_session(&other).await.unwrap();
    let kim = caller(&desk, &token).await;
    desk.app.confirm_second_factor(&kim, &token, &secret.code(desk.now())).await.unwrap();
    desk.app.authenticate_session(&token).await.unwrap();
    assert_unauthenticated(desk.app.authenticate_session(&other).await);
    let id = program.profile.agent.public_id.as_str();
    assert_unauthenticated(desk.app.authenticate_token(id, &program.token).await);
    let own = desk.app.list_sessions(&kim, Whose::Own { token: &token }).await.unwrap();
    assert_eq!(own.iter().map(|session| session.is_current).collect::<Vec<_>>(), [true]);
}

async fn it_ends_by_password_and_code(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    let (desk, caller) = (&kim.desk, kim.caller().await);
    let before = digest(desk).await;
    assert_refused(desk.app.end_second_factor(&caller, "wrong", &kim.code()).await, Refusal::WrongPassword);
    assert_refused(desk.app.end_second_factor(&caller, PASSWORD, "000000").await, Refusal::WrongCode);
    assert_eq!(digest(desk).await.changed_since(&before), ["audit", "events"]);
    desk.app.end_second_factor(&caller, PASSWORD, &kim.recovery_codes[0]).await.unwrap();
    sign_in(desk, PASSWORD, None).await.unwrap();
    let again = desk.app.end_second_factor(&caller, PASSWORD, &kim.recovery_codes[1]).await;
    assert_refused(again, Refusal::SecondFactorIsOff);
    let state = desk.app.my_second_factor(&caller).await.unwrap();
    assert_eq!((state.enabled, state.recovery_codes_left), (false, 0));
}

async fn new_recovery_codes_take_the_place_of_the_old(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    let caller = kim.caller().await;
    let new = kim.desk.app.renew_recovery_codes(&caller, PASSWORD, &kim.code()).await.unwrap();
    assert!(new.len() == 10 && new.iter().all(|code| !kim.recovery_codes.contains(code)));
    assert_refused(sign_in(&kim.desk, PASSWORD, Some(&kim.recovery_codes[0])).await, Refusal::WrongCode);
    sign_in(&kim.desk, PASSWORD, Some(&new[0].to_lowercase().replace('-', " "))).await.unwrap();
}

async fn an_administrator_takes_it_away_below_the_ceiling(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    let desk = &kim.desk;
    let (kim_id, ada) = (id(&kim.caller().await), id(&kim.admin));
    let lead = lead(desk, "lou@example.org").await;
    assert!(matches!(desk.app.reset_second_factor(&lead, ada).await, Err(Error::Denied(_))));
    assert!(matches!(desk.app.list_sessions(&lead, Whose::Of(ada)).await, Err(Error::Denied(_))));
    assert!(matches!(desk.app.end_sessions(&lead, Whose::Of(ada)).await, Err(Error::Denied(_))));
    assert_denied(desk.app.reset_second_factor(&kim.admin, ada).await, Permission::UsersManage);
    assert!(desk.app.reset_second_factor(&lead, kim_id).await.unwrap());
    assert!(!desk.app.reset_second_factor(&lead, kim_id).await.unwrap());
    assert_unauthenticated(desk.app.authenticate_session(&kim.token).await);
    sign_in(desk, PASSWORD, None).await.unwrap();
    let token = sign_in(desk, PASSWORD, None).await.unwrap().token;
    begin(desk, &token).await;
    assert!(!desk.app.reset_second_factor(&lead, kim_id).await.unwrap());
    desk.app.authenticate_session(&token).await.unwrap();
    let operator = Caller::operator();
    assert!(!desk.app.reset_second_factor_of(&operator, "kim@example.org").await.unwrap());
}

async fn held_desk(engine: TestEngine, requirement: Requirement) -> (TestDesk, Profile) {
    let desk = TestDesk::with(engine, |settings| settings.second_factor = requirement).await;
    desk.app.ensure_built_ins().await.unwrap();
    let created = desk.app.create_admin(&Caller::operator(), "kim@example.org", "Kim", Some(PASSWORD.to_owned())).await;
    (desk, created.unwrap().0)
}

async fn whoever_lacks_one_that_is_asked_for_is_held(engine: TestEngine) {
    for requirement in [Requirement::Administrators, Requirement::Everybody] {
        let (desk, kim) = held_desk(engine, requirement).await;
        let token = sign_in(&desk, PASSWORD, None).await.unwrap().token;
        let program = sign_in_for_token(&desk, None).await.unwrap().token;
        let held = Refusal::Held(Hold::SetUpSecondFactor);
        assert_refused(desk.app.authenticate_session(&token).await, held.clone());
        let public_id = kim.agent.public_id.as_str();
        assert_refused(desk.app.authenticate_token(public_id, &program).await, held.clone());
        let session = desk.app.authenticate_session_for_own_account(&token).await.unwrap();
        assert!(session.actor.permissions.is_empty() && !session.actor.is_admin);
        let key = desk.app.create_api_key(&Caller::operator(), kim.agent.id, None).await.unwrap();
        assert!(desk.app.authenticate_key(&key.key_id, &key.secret).await.unwrap().is_admin);

        let secret = begin(&desk, &token).await;
        let caller = caller(&desk, &token).await;
        desk.app.confirm_second_factor(&caller, &token, &secret.code(desk.now())).await.unwrap();
        assert!(desk.app.authenticate_session(&token).await.unwrap().actor.is_admin);

        agent(&desk, "lee@example.org").await;
        let lee = desk.app.sign_in(&origin(), "lee", PASSWORD).await.unwrap().token;
        match requirement {
            Requirement::Everybody => assert_refused(desk.app.authenticate_session(&lee).await, held),
            _ => drop(desk.app.authenticate_session(&lee).await.unwrap()),
        }
    }
}

async fn a_password_set_by_somebody_else_holds_a_browser(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let roles = vec![built_in(&desk, "admin").await];
    let new = NewAgent { must_change_password: true, roles, ..new_agent("kim@example.org") };
    desk.app.create_agent(&Caller::operator(), new).await.unwrap();
    let token = sign_in(&desk, PASSWORD, None).await.unwrap().token;
    assert_refused(desk.app.authenticate_session(&token).await, Refusal::Held(Hold::ChangePassword));
    let kim = caller(&desk, &token).await;
    let change = |current: &'static str, new: &'static str| desk.app.change_my_password(&kim, &token, current, new);
    assert_refused(change("wrong", "Another-horse-2").await, Refusal::WrongPassword);
    assert_refused(change(PASSWORD, PASSWORD).await, Refusal::SamePassword);
    let renewed = change(PASSWORD, "Another-horse-2").await.unwrap();
    assert!(desk.app.authenticate_session(&renewed.token).await.unwrap().actor.is_admin);
    assert_unauthenticated(desk.app.authenticate_session(&token).await);
}

async fn too_many_wrong_codes_stop_the_right_one(engine: TestEngine) {
    let kim = Kim::new(engine).await;
    let wrong = join_all((0..20).map(|_| sign_in(&kim.desk, PASSWORD, Some("000000")))).await;
    let told = wrong.iter().filter(|it| matches!(it, Err(Error::Refused(Refusal::WrongCode)))).count();
    assert_eq!(told, 10);
    let right = sign_in(&kim.desk, PASSWORD, Some(&kim.code())).await;
    assert!(matches!(right, Err(Error::Refused(Refusal::TooManyAttempts { .. }))), "{right:?}");
    let by_password = kim.desk.app.begin_second_factor(&kim.caller().await, PASSWORD).await;
    assert!(matches!(by_password, Err(Error::Refused(Refusal::TooManyAttempts { .. }))), "{by_password:?}");
    kim.desk.app.sign_in(&origin(), "ada@example.org", PASSWORD).await.unwrap();
    kim.desk.advance(Duration::from_secs(15 * 60)).await;
    sign_in(&kim.desk, PASSWORD, Some(&kim.code())).await.unwrap();
}
