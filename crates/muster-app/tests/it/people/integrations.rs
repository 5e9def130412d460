//! Integrations: keys, tokens, which teams they serve, and how their calls are counted.

use std::time::Duration;

use futures_util::future::join_all;
use muster_app::agents::AgentPatch;
use muster_app::integrations::{CreatedIntegration, DailyCount, IssuedToken, NewIntegration, TokenRule};
use muster_core::actor::{Actor, ActorRef, Caller, Via};
use muster_core::id::{IntegrationId, TeamId};
use muster_core::integration::{Integration, IntegrationActor, Proof, TeamScope};
use muster_core::permission::Permission;
use muster_core::{Entity, Refusal, Result};
use muster_store::{params, sql};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    admin, agent, agent_with_roles, assert_conflict, assert_denied, assert_invalid, assert_not_found, assert_refused,
    assert_unauthenticated, caller, desk, digest, events, id, role, team, update,
};

both_engines!(
    a_key_is_shown_once_and_is_good_for_its_own_kind,
    a_name_is_unique_among_the_living_of_its_kind_and_an_account_for_ever,
    what_does_not_fit_makes_nothing,
    only_who_holds_all_that_it_holds_makes_one,
    a_revoked_integration_is_refused_at_once_with_its_tokens,
    an_integration_goes_on_without_whoever_made_it,
    a_token_runs_out,
    a_new_token_puts_an_end_to_the_earlier_ones,
    tokens_live_side_by_side,
    an_hours_tokens_are_counted_in_the_store,
    two_who_ask_at_once_get_no_token_too_many,
    only_the_integration_itself_and_administrators_get_tokens,
    a_deleted_team_leaves_the_lists,
    calls_are_counted_by_day,
    calls_at_once_never_pass_the_limit,
    another_process_hears_of_the_end,
    an_integration_stands_as_itself_in_the_audit_log,
);

const KIND: &str = "shop";
const HOUR: Duration = Duration::from_secs(3600);
const MANY: TokenRule = TokenRule { life: HOUR, replaces_earlier: false, most_per_hour: None };
const ONE: TokenRule = TokenRule { life: HOUR, replaces_earlier: true, most_per_hour: None };

fn new(name: &str) -> NewIntegration {
    NewIntegration { kind: KIND, name: name.to_owned(), teams: None, proof: Proof::Either }
}

async fn create(desk: &TestDesk, new: NewIntegration) -> CreatedIntegration {
    desk.app.create_integration(&Caller::operator(), new).await.unwrap()
}

fn acting(integration: &Integration) -> Caller {
    Caller {
        actor: Actor::Integration(IntegrationActor::from(integration)),
        via: Via::Api,
        request_id: None,
        ip: None,
        credential: Some(format!("integration:{}", integration.id)),
    }
}

async fn issue(desk: &TestDesk, integration: &Integration, rule: TokenRule) -> Result<IssuedToken> {
    desk.app.issue_integration_token(&acting(integration), integration.id, rule).await
}

async fn by_key(desk: &TestDesk, key: &str) -> Result<IntegrationId> {
    Ok(desk.app.authenticate_integration_key(KIND, key).await?.id)
}

async fn by_token(desk: &TestDesk, token: &str) -> Result<IntegrationId> {
    Ok(desk.app.authenticate_integration_token(KIND, token).await?.id)
}

async fn a_key_is_shown_once_and_is_good_for_its_own_kind(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let made = desk.app.create_integration(&admin, new(" Web Shop ")).await.unwrap();
    let Integration { name, account, created_by, teams, .. } = &made.integration;
    assert_eq!((name.as_str(), account.as_str()), ("Web Shop", "web-shop"));
    assert_eq!((*created_by, teams), (Some(id(&admin)), &TeamScope::All));
    assert!(made.key.len() == 64 && made.key.bytes().all(|digit| digit.is_ascii_hexdigit()), "{}", made.key);
    assert!(!format!("{made:?}").contains(&made.key));
    for _ in 0..2 {
        let found = desk.app.authenticate_integration_key(KIND, &made.key).await.unwrap();
        assert_eq!(*found, made.integration);
        assert_unauthenticated(desk.app.authenticate_integration_key("other", &made.key).await);
        assert_unauthenticated(by_key(&desk, &made.key.to_uppercase()).await);
        assert_unauthenticated(by_key(&desk, "").await);
        assert_unauthenticated(by_token(&desk, &made.key).await);
    }
    assert_eq!(desk.app.list_integrations(&admin).await.unwrap(), [made.integration]);
}

async fn a_name_is_unique_among_the_living_of_its_kind_and_an_account_for_ever(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    create(&desk, new("Web Shop")).await;
    let before = digest(&desk).await;
    assert_conflict(desk.app.create_integration(&admin, new(" WEB shop")).await, Entity::Integration);
    assert_eq!(before, digest(&desk).await);
    let other = create(&desk, NewIntegration { kind: "other", ..new("Web Shop") }).await;
    assert_eq!(other.integration.account, "web-shop");
    desk.app.revoke_integration(&admin, KIND, "web SHOP").await.unwrap();
    assert_eq!(create(&desk, new("Web Shop")).await.integration.account, "web-shop-2");
    assert_eq!(create(&desk, new("web-shop")).await.integration.account, "web-shop-3");
    let names = ["A b", "a-b", "a.b", "A/B"].map(|name| create(&desk, new(name)));
    let mut accounts: Vec<_> = join_all(names).await.into_iter().map(|made| made.integration.account).collect();
    accounts.sort();
    assert_eq!(accounts, ["a-b", "a-b-2", "a-b-3", "a-b-4"]);
}

async fn what_does_not_fit_makes_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let before = digest(&desk).await;
    let make = async |new| desk.app.create_integration(&admin, new).await;
    assert_invalid(make(new("  ")).await, "name");
    assert_invalid(make(new(&"x".repeat(141))).await, "name");
    assert_invalid(make(NewIntegration { teams: Some(Vec::new()), ..new("Shop") }).await, "team_ids");
    let gone = Some(vec![TeamId(99)]);
    assert_not_found(make(NewIntegration { teams: gone, ..new("Shop") }).await, Entity::Team);
    assert_not_found(desk.app.revoke_integration(&admin, KIND, "Shop").await, Entity::Integration);
    assert_not_found(desk.app.revoke_integration_by_id(&admin, IntegrationId(9)).await, Entity::Integration);
    assert_eq!(before, digest(&desk).await);
}

async fn only_who_holds_all_that_it_holds_makes_one(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await;
    let settings = Permission::GeneralSettingsManage;
    let all = [settings, Permission::UsersManage, Permission::TeamsManage];
    for (at, missing) in all.into_iter().enumerate() {
        let held: Vec<_> = all.into_iter().filter(|permission| *permission != missing).collect();
        let role = role(&desk, &format!("Role {at}"), &held).await;
        let who = caller(&agent_with_roles(&desk, &format!("a{at}@example.org"), &[role]).await);
        let before = digest(&desk).await;
        assert_denied(desk.app.create_integration(&who, new("Mine")).await, missing);
        assert_denied(desk.app.issue_integration_token(&who, made.integration.id, MANY).await, missing);
        if missing == settings {
            assert_denied(desk.app.list_integrations(&who).await, settings);
            assert_denied(desk.app.revoke_integration(&who, KIND, "Shop").await, settings);
            assert_denied(desk.app.revoke_integration_by_id(&who, made.integration.id).await, settings);
        }
        assert_eq!(before, digest(&desk).await);
    }
    let itself = acting(&made.integration);
    assert_denied(desk.app.create_integration(&itself, new("Mine")).await, settings);
    assert_denied(desk.app.revoke_integration(&itself, KIND, "Shop").await, settings);
}

async fn a_revoked_integration_is_refused_at_once_with_its_tokens(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (made, other) = (create(&desk, new("Shop")).await, create(&desk, new("Other")).await);
    let token = issue(&desk, &made.integration, MANY).await.unwrap().token;
    by_key(&desk, &made.key).await.unwrap();
    by_token(&desk, &token).await.unwrap();
    desk.app.count_integration_call(made.integration.id, 5).await.unwrap();
    desk.app.revoke_integration_by_id(&admin, made.integration.id).await.unwrap();
    assert_unauthenticated(by_key(&desk, &made.key).await);
    assert_unauthenticated(by_token(&desk, &token).await);
    assert_unauthenticated(issue(&desk, &made.integration, MANY).await);
    let again = desk.app.revoke_integration_by_id(&admin, made.integration.id).await;
    assert_not_found(again, Entity::Integration);
    by_key(&desk, &other.key).await.unwrap();
    assert_eq!(desk.app.list_integrations(&admin).await.unwrap(), [other.integration]);
}

async fn an_integration_goes_on_without_whoever_made_it(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let second = admin(&desk, "second@example.org").await;
    let made = desk.app.create_integration(&second, new("Shop")).await.unwrap();
    let token = issue(&desk, &made.integration, MANY).await.unwrap().token;
    update(&desk, id(&second), AgentPatch { enabled: Some(false), ..AgentPatch::default() }).await.unwrap();
    by_key(&desk, &made.key).await.unwrap();
    by_token(&desk, &token).await.unwrap();
    desk.app.delete_agent(&Caller::operator(), id(&second)).await.unwrap();
    assert_eq!(by_key(&desk, &made.key).await.unwrap(), made.integration.id);
    by_token(&desk, &token).await.unwrap();
}

async fn a_token_runs_out(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await;
    let issued = issue(&desk, &made.integration, MANY).await.unwrap();
    assert_eq!((issued.token.len(), issued.expires_at), (43, desk.now() + HOUR));
    assert!(!format!("{issued:?}").contains(&issued.token));
    assert_eq!(by_token(&desk, &issued.token).await.unwrap(), made.integration.id);
    assert_unauthenticated(desk.app.authenticate_integration_token("other", &issued.token).await);
    assert_unauthenticated(by_key(&desk, &issued.token).await);
    desk.advance(HOUR - Duration::from_millis(1)).await;
    by_token(&desk, &issued.token).await.unwrap();
    desk.advance(Duration::from_millis(1)).await;
    assert_refused(by_token(&desk, &issued.token).await, Refusal::TokenExpired);
    let elsewhere = desk.beside().await;
    assert_refused(elsewhere.authenticate_integration_token(KIND, &issued.token).await, Refusal::TokenExpired);
    desk.advance(Duration::from_secs(8 * 24 * 3600)).await;
    issue(&desk, &made.integration, MANY).await.unwrap();
    let later = desk.beside().await;
    assert_unauthenticated(later.authenticate_integration_token(KIND, &issued.token).await);
    assert_unauthenticated(later.authenticate_integration_token(KIND, "").await);
}

async fn a_new_token_puts_an_end_to_the_earlier_ones(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await;
    let first = issue(&desk, &made.integration, MANY).await.unwrap().token;
    let second = issue(&desk, &made.integration, ONE).await.unwrap().token;
    assert_unauthenticated(by_token(&desk, &first).await);
    by_token(&desk, &second).await.unwrap();
    let third = issue(&desk, &made.integration, ONE).await.unwrap().token;
    assert_unauthenticated(by_token(&desk, &second).await);
    desk.advance(HOUR).await;
    assert_unauthenticated(by_token(&desk, &second).await);
    assert_refused(by_token(&desk, &third).await, Refusal::TokenExpired);
    by_key(&desk, &made.key).await.unwrap();
}

async fn tokens_live_side_by_side(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await;
    let first = issue(&desk, &made.integration, MANY).await.unwrap().token;
    let second = issue(&desk, &made.integration, MANY).await.unwrap().token;
    assert_ne!(first, second);
    for token in [&first, &second] {
        by_token(&desk, token).await.unwrap();
    }
}

async fn an_hours_tokens_are_counted_in_the_store(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (made, other) = (create(&desk, new("Shop")).await, create(&desk, new("Other")).await);
    let rule = TokenRule { most_per_hour: Some(2), ..ONE };
    issue(&desk, &made.integration, rule).await.unwrap();
    desk.advance(HOUR / 2).await;
    let last = issue(&desk, &made.integration, rule).await.unwrap().token;
    let before = digest(&desk).await;
    assert_refused(issue(&desk, &made.integration, rule).await, Refusal::TooManyTokens);
    assert_eq!(before, digest(&desk).await);
    by_token(&desk, &last).await.unwrap();
    issue(&desk, &other.integration, rule).await.unwrap();
    let elsewhere = desk.beside().await;
    let there = elsewhere.issue_integration_token(&acting(&made.integration), made.integration.id, rule).await;
    assert_refused(there, Refusal::TooManyTokens);
    desk.advance(HOUR / 2 - Duration::from_millis(1)).await;
    assert_refused(issue(&desk, &made.integration, rule).await, Refusal::TooManyTokens);
    desk.advance(Duration::from_millis(1)).await;
    issue(&desk, &made.integration, rule).await.unwrap();
    assert_refused(issue(&desk, &made.integration, rule).await, Refusal::TooManyTokens);
}

async fn two_who_ask_at_once_get_no_token_too_many(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await;
    let rule = TokenRule { most_per_hour: Some(5), ..ONE };
    let issued = join_all((0..12).map(|_| issue(&desk, &made.integration, rule))).await;
    let (good, refused): (Vec<_>, Vec<_>) = issued.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), refused.len()), (5, 7));
    refused.into_iter().for_each(|refused| assert_refused(refused, Refusal::TooManyTokens));
    let live = join_all(good.into_iter().map(|issued| async { by_token(&desk, &issued.unwrap().token).await })).await;
    assert_eq!(live.iter().filter(|found| found.is_ok()).count(), 1);
}

async fn only_the_integration_itself_and_administrators_get_tokens(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (made, other) = (create(&desk, new("Shop")).await, create(&desk, new("Other")).await);
    let settings = Permission::GeneralSettingsManage;
    let by_other = desk.app.issue_integration_token(&acting(&other.integration), made.integration.id, MANY).await;
    assert_denied(by_other, settings);
    let kim = caller(&agent(&desk, "kim@example.org").await);
    assert_denied(desk.app.issue_integration_token(&kim, made.integration.id, MANY).await, settings);
    let issued = desk.app.issue_integration_token(&admin, made.integration.id, MANY).await.unwrap();
    assert_eq!(by_token(&desk, &issued.token).await.unwrap(), made.integration.id);
}

async fn a_deleted_team_leaves_the_lists(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (sales, support) = (team(&desk, "Sales").await, team(&desk, "Support").await);
    let whole = create(&desk, new("Whole")).await;
    let made = create(&desk, NewIntegration { teams: Some(vec![support, sales, sales]), ..new("Shop") }).await;
    let teams = async || desk.app.authenticate_integration_key(KIND, &made.key).await.unwrap().teams.clone();
    assert_eq!(teams().await, TeamScope::Listed([sales, support].into()));
    desk.app.delete_team(&admin, sales).await.unwrap();
    assert_eq!(teams().await, TeamScope::Listed([support].into()));
    desk.app.delete_team(&admin, support).await.unwrap();
    assert_eq!(teams().await, TeamScope::Listed([].into()));
    assert!(!teams().await.serves(support));
    let whole = desk.app.authenticate_integration_key(KIND, &whole.key).await.unwrap();
    assert_eq!(whole.teams, TeamScope::All);
    let serves_nobody = agent(&desk, "kim@example.org").await;
    let actor = IntegrationActor::from(&*desk.app.authenticate_integration_key(KIND, &made.key).await.unwrap());
    for acting_for in [None, Some(sales), Some(support)] {
        assert!(!IntegrationActor { acting_for, ..actor.clone() }.sees(&serves_nobody));
    }
}

async fn calls_are_counted_by_day(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await.integration.id;
    let other = create(&desk, new("Other")).await.integration.id;
    let count = async |limit| desk.app.count_integration_call(made, limit).await.unwrap();
    let resets_at = desk.app.day_end();
    let until = resets_at.since(desk.now());
    assert!(until > Duration::ZERO && until <= Duration::from_secs(24 * 3600));
    let counted = |allowed, remaining| DailyCount { allowed, limit: 2, remaining, resets_at };
    assert_eq!(count(2).await, counted(true, 1));
    assert_eq!(count(2).await, counted(true, 0));
    assert_eq!(count(2).await, counted(false, 0));
    assert!(!count(0).await.allowed);
    assert_eq!(desk.beside().await.count_integration_call(made, 2).await.unwrap(), counted(false, 0));
    assert_eq!(count(3).await.remaining, 0);
    assert!(desk.app.count_integration_call(other, 2).await.unwrap().allowed);
    desk.advance(until - Duration::from_millis(1)).await;
    assert!(!count(2).await.allowed);
    desk.advance(Duration::from_millis(1)).await;
    let next = DailyCount { resets_at: resets_at + Duration::from_secs(24 * 3600), ..counted(true, 1) };
    assert_eq!(count(2).await, next);
}

async fn calls_at_once_never_pass_the_limit(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let made = create(&desk, new("Shop")).await.integration.id;
    let beside = desk.beside().await;
    let calls = (0..40).map(|call| {
        let app = if call % 2 == 0 { &desk.app } else { &beside };
        app.count_integration_call(made, 25)
    });
    let counted: Vec<DailyCount> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let mut left: Vec<u32> = counted.iter().filter(|count| count.allowed).map(|count| count.remaining).collect();
    left.sort_unstable();
    assert_eq!(left, (0..25).collect::<Vec<u32>>());
}

async fn another_process_hears_of_the_end(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let made = create(&desk, new("Shop")).await;
    let token = issue(&desk, &made.integration, ONE).await.unwrap().token;
    by_token(&desk, &token).await.unwrap();
    by_key(&desk, &made.key).await.unwrap();
    let command = desk.beside().await;
    command.issue_integration_token(&admin, made.integration.id, ONE).await.unwrap();
    desk.quiet().await;
    assert_unauthenticated(by_token(&desk, &token).await);
    by_key(&desk, &made.key).await.unwrap();
    command.revoke_integration(&admin, KIND, "Shop").await.unwrap();
    desk.quiet().await;
    assert_unauthenticated(by_key(&desk, &made.key).await);
}

async fn an_integration_stands_as_itself_in_the_audit_log(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let made = create(&desk, NewIntegration { teams: Some(vec![team(&desk, "Sales").await]), ..new("Shop") }).await;
    let integration = made.integration.id;
    issue(&desk, &made.integration, ONE).await.unwrap();
    desk.app.revoke_integration(&admin, KIND, "Shop").await.unwrap();
    let events: Vec<_> = events(&desk).await.into_iter().map(|record| (record.event.name(), record.actor)).collect();
    let about: Vec<_> = events.into_iter().filter(|(name, _)| name.starts_with("integration.")).collect();
    let [itself, administrator] = [ActorRef::Integration(integration), ActorRef::Agent(id(&admin))];
    let expected = [
        ("integration.created", ActorRef::Operator),
        ("integration.updated", itself),
        ("integration.revoked", administrator),
    ];
    assert_eq!(about, expected);
    let entries = audited(&desk, integration).await;
    let shown: Vec<_> = entries.iter().map(|[action, actor, _, _]| (action.clone(), actor.clone())).collect();
    assert_eq!(shown, expected.map(|(action, actor)| (action.to_owned(), actor.to_string())));
    assert_eq!(entries[1][2], format!("integration:{integration}"));
    assert!(entries[0][3].contains("\"account\":\"shop\""), "{}", entries[0][3]);
    assert!(!format!("{entries:?}").contains(&made.key));
}

/// What stands in the audit log about an integration: action, actor, credential and the values after it.
async fn audited(desk: &TestDesk, integration: IntegrationId) -> Vec<[String; 4]> {
    let select = sql!(
        "SELECT action, actor, COALESCE(credential, '') AS credential, COALESCE(after, '') AS after FROM audit
         WHERE entity_kind = 'integration' AND entity_id = $1 ORDER BY id"
    );
    let rows = desk.app.store().read(move |tx| Box::pin(async move { tx.query(select, &params![integration]).await }));
    let columns = ["action", "actor", "credential", "after"];
    rows.await.unwrap().iter().map(|row| columns.map(|column| row.get(column).unwrap())).collect()
}
