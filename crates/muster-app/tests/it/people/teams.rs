//! Teams.

use futures_util::{StreamExt as _, stream};
use muster_app::agents::{AgentPatch, NewAgent};
use muster_app::references::NameOrId;
use muster_app::teams::{Extras, NewTeam, TeamPatch};
use muster_core::Entity;
use muster_core::Refusal;
use muster_core::actor::Caller;
use muster_core::id::TeamId;
use muster_core::permission::Permission;
use muster_core::team::TeamMode;
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::{Value, json};

use super::{
    agent, assert_conflict, assert_denied, assert_invalid, assert_not_found, assert_refused, caller, conversation,
    desk, digest, event_names, inbox, lead, new_agent, read, team, update,
};

both_engines!(
    a_team_lives,
    a_closed_teams_members_are_judged_anew,
    a_deleted_team_is_left_by_all,
    a_large_team_is_emptied_in_batches,
    fallbacks_never_run_in_a_circle,
    joining_and_deleting_do_not_pass_each_other,
    teams_are_found_by_name_and_id,
    teams_are_found_by_public_id,
    an_archived_team_is_enabled_unless_that_is_refused,
    extras_are_merged_by_key,
    extras_are_one_dialects_and_go_with_the_team,
);

async fn a_team_lives(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let settings = TeamPatch {
        emoji: Some(Some("🛠️".to_owned())),
        mode: Some(TeamMode::Manual),
        timezone: Some("europe/berlin".to_owned()),
        member_cap: Some(Some(0)),
        ..TeamPatch::default()
    };
    let created = desk.app.create_team(&admin, NewTeam { name: " Support ".to_owned(), settings }).await.unwrap();
    assert_eq!((created.name.as_str(), created.timezone.as_str()), ("Support", "Europe/Berlin"));
    assert_eq!((created.member_cap, created.mode), (None, TeamMode::Manual));
    assert_eq!(desk.app.team(&admin, created.id).await.unwrap(), created);
    let named = |name: &str| NewTeam { name: name.to_owned(), settings: TeamPatch::default() };
    assert_conflict(desk.app.create_team(&admin, named("SUPPORT")).await, Entity::Team);
    assert_invalid(desk.app.create_team(&admin, named(" ")).await, "name");
    let lost = TeamPatch { timezone: Some("Mars/Olympus".to_owned()), ..TeamPatch::default() };
    assert_invalid(desk.app.update_team(&admin, created.id, lost).await, "timezone");
    let before = digest(&desk).await;
    let same = TeamPatch { name: Some("Support".to_owned()), enabled: Some(true), ..TeamPatch::default() };
    assert_eq!(desk.app.update_team(&admin, created.id, same).await.unwrap(), created);
    assert_eq!(before, digest(&desk).await);
    let lead = lead(&desk, "lead@example.org").await;
    let patch = TeamPatch::default();
    assert_denied(desk.app.update_team(&lead, created.id, patch).await, Permission::TeamsManage);
    assert_denied(desk.app.delete_team(&lead, created.id).await, Permission::TeamsDelete);
    let archived = TeamPatch { archived: Some(true), ..TeamPatch::default() };
    let archived = desk.app.update_team(&admin, created.id, archived).await.unwrap();
    assert!(!archived.enabled && archived.archived_at == Some(desk.now()) && archived.version == 2);
}

async fn a_closed_teams_members_are_judged_anew(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let new = NewAgent { teams: vec![support], ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    let renamed = TeamPatch { name: Some("Help".to_owned()), ..TeamPatch::default() };
    desk.app.update_team(&admin, support, renamed).await.unwrap();
    assert_eq!(read(&desk, kim.agent.id).await.state.epoch, kim.state.epoch);
    let closed = TeamPatch { enabled: Some(false), ..TeamPatch::default() };
    desk.app.update_team(&admin, support, closed).await.unwrap();
    assert!(read(&desk, kim.agent.id).await.state.epoch > kim.state.epoch);
}

async fn a_deleted_team_is_left_by_all(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let refers =
        TeamPatch { fallback_team: Some(Some(support)), forward_to: Some(vec![support]), ..TeamPatch::default() };
    desk.app.update_team(&admin, sales, refers).await.unwrap();
    let new = NewAgent { teams: vec![support, sales], ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    desk.app.delete_team(&admin, support).await.unwrap();
    assert_not_found(desk.app.team(&admin, support).await, Entity::Team);
    let left = read(&desk, kim.agent.id).await;
    assert_eq!(left.teams.iter().map(|team| team.id).collect::<Vec<_>>(), [sales]);
    assert!(left.state.epoch > kim.state.epoch);
    let sales = desk.app.team(&admin, sales).await.unwrap();
    assert_eq!((sales.fallback_team, sales.forward_to), (None, Vec::new()));
    let names = event_names(&desk).await;
    assert!(names.contains(&"team.deleted") && names.contains(&"membership.removed"));
}

/// One more than a transaction moves: the team closes at once, and its row goes last.
async fn a_large_team_is_emptied_in_batches(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, inbox) = (team(&desk, "Support").await, inbox(&desk).await);
    let starts = (0..1001).map(|_| conversation(&desk, &admin, inbox, |new| new.team = Some(support)));
    let conversations: Vec<_> = stream::iter(starts).buffer_unordered(32).collect().await;
    desk.app.delete_team(&admin, support).await.unwrap();
    desk.quiet().await;
    assert_not_found(desk.app.team(&admin, support).await, Entity::Team);
    for uuid in conversations.iter().step_by(100) {
        assert_eq!(desk.app.conversation(&admin, *uuid).await.unwrap().conversation.team, None);
    }
    let names = event_names(&desk).await;
    let count = |wanted: &str| names.iter().filter(|name| **name == wanted).count();
    assert_eq!((count("team.updated"), count("team.deleted")), (1, 1));
    assert_eq!(count("conversation.team_changed"), 1001);
}

async fn fallbacks_never_run_in_a_circle(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (a, b, c) = (team(&desk, "A").await, team(&desk, "B").await, team(&desk, "C").await);
    let falls_back = |to| TeamPatch { fallback_team: Some(Some(to)), ..TeamPatch::default() };
    desk.app.update_team(&admin, a, falls_back(b)).await.unwrap();
    desk.app.update_team(&admin, b, falls_back(c)).await.unwrap();
    assert_invalid(desk.app.update_team(&admin, c, falls_back(a)).await, "fallback_team");
    assert_invalid(desk.app.update_team(&admin, c, falls_back(c)).await, "fallback_team");
}

async fn joining_and_deleting_do_not_pass_each_other(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    for round in 0..muster_testkit::effort::rounds(6, 200) {
        let team = team(&desk, &format!("Team {round}")).await;
        let joins = AgentPatch { teams: Some(vec![team]), ..AgentPatch::default() };
        let (joined, deleted) = tokio::join!(update(&desk, kim, joins), desk.app.delete_team(&admin, team));
        deleted.unwrap();
        if let Err(error) = joined {
            assert_not_found::<()>(Err(error), Entity::Team);
        }
        assert!(read(&desk, kim).await.teams.is_empty());
    }
}

async fn teams_are_found_by_name_and_id(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let name = |name: &str| NameOrId::Name(name.to_owned());
    let references = [name("support"), NameOrId::Id(support.0), name("Sales"), NameOrId::Id(0)];
    let resolved = desk.app.teams_by_reference(&references).await.unwrap();
    assert_eq!(resolved.found, [support]);
    assert_eq!(resolved.unknown, [name("Sales"), NameOrId::Id(0)]);
    assert_eq!(desk.app.teams_compact(&Caller::operator()).await.unwrap()[0].id, support);
    let sales = team(&desk, "Sales").await;
    let names = [" SUPPORT ", "sales", "Nowhere", "sales"].map(ToOwned::to_owned);
    let found = desk.app.teams_by_names(&Caller::operator(), &names).await.unwrap();
    assert_eq!(found.iter().map(|team| team.id).collect::<Vec<_>>(), [sales, support]);
    assert!(desk.app.teams_by_names(&Caller::operator(), &[]).await.unwrap().is_empty());
}

async fn teams_are_found_by_public_id(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let support = desk.app.team(&admin, support).await.unwrap();
    let kim = caller(&agent(&desk, "kim@example.org").await);
    assert_eq!(desk.app.team_by_public_id(&kim, support.public_id.as_str()).await.unwrap(), support);
    for unknown in ["", "nobody", "a\0b"] {
        assert_not_found(desk.app.team_by_public_id(&kim, unknown).await, Entity::Team);
    }
    assert!(desk.app.team_members(&kim, TeamId(999)).await.unwrap().is_empty());
    assert_eq!(desk.app.team_sizes(&kim).await.unwrap(), [(support.id, 0)].into());
}

async fn an_archived_team_is_enabled_unless_that_is_refused(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let archived = TeamPatch { archived: Some(true), ..TeamPatch::default() };
    desk.app.update_team(&admin, support, archived).await.unwrap();
    let careful = |enabled| TeamPatch { enabled: Some(enabled), refuse_archived: true, ..TeamPatch::default() };
    let before = digest(&desk).await;
    assert_refused(desk.app.update_team(&admin, support, careful(true)).await, Refusal::TeamArchived);
    desk.app.update_team(&admin, support, careful(false)).await.unwrap();
    assert_eq!(before, digest(&desk).await);
    let enabled = TeamPatch { enabled: Some(true), ..TeamPatch::default() };
    assert!(desk.app.update_team(&admin, support, enabled).await.unwrap().is_open());
    assert!(!desk.app.update_team(&admin, support, careful(false)).await.unwrap().enabled);
    assert!(desk.app.update_team(&admin, support, careful(true)).await.unwrap().is_open());
}

fn extras(dialect: &'static str, values: Value) -> TeamPatch {
    let values = serde_json::from_value(values).unwrap();
    TeamPatch { extras: Some(Extras { dialect, values }), ..TeamPatch::default() }
}

async fn kept(desk: &TestDesk, dialect: &'static str, team: TeamId) -> Value {
    let mut all = desk.app.team_extras(&Caller::operator(), dialect).await.unwrap();
    Value::Object(all.remove(&team).unwrap_or_default())
}

async fn extras_are_merged_by_key(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let settings = extras("a", json!({ "colour": "red", "nothing": null }));
    let new = NewTeam { name: "Support".to_owned(), settings };
    let support = desk.app.create_team(&admin, new).await.unwrap();
    assert_eq!(kept(&desk, "a", support.id).await, json!({ "colour": "red" }));
    let before = digest(&desk).await;
    for same in [json!({}), json!({ "colour": "red" }), json!({ "shape": null })] {
        assert_eq!(desk.app.update_team(&admin, support.id, extras("a", same)).await.unwrap(), support);
    }
    let many: serde_json::Map<_, _> = (0..101).map(|at| (at.to_string(), json!(at))).collect();
    for bad in [Value::Object(many), json!({ "text": "x".repeat(64 * 1024) })] {
        assert_invalid(desk.app.update_team(&admin, support.id, extras("a", bad)).await, "extras");
    }
    let taken = TeamPatch { fallback_team: Some(Some(support.id)), ..extras("a", json!({ "colour": "blue" })) };
    assert_invalid(desk.app.update_team(&admin, support.id, taken).await, "fallback_team");
    assert_eq!(before, digest(&desk).await);
    let moved = extras("a", json!({ "colour": null, "size": 7, "round": true }));
    let moved = desk.app.update_team(&admin, support.id, moved).await.unwrap();
    assert_eq!(kept(&desk, "a", support.id).await, json!({ "size": 7, "round": true }));
    assert_eq!(moved.version, support.version + 1);
}

async fn extras_are_one_dialects_and_go_with_the_team(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    for (team, dialect) in [(support, "a"), (support, "b"), (sales, "a")] {
        let patch = extras(dialect, json!({ "of": dialect }));
        desk.app.update_team(&admin, team, patch).await.unwrap();
    }
    desk.app.update_team(&admin, support, extras("a", json!({ "of": null }))).await.unwrap();
    assert_eq!(kept(&desk, "a", support).await, json!({}));
    assert_eq!(kept(&desk, "b", support).await, json!({ "of": "b" }));
    desk.app.delete_team(&admin, support).await.unwrap();
    assert_eq!(desk.app.team_extras(&admin, "b").await.unwrap().len(), 0);
    assert_eq!(kept(&desk, "a", sales).await, json!({ "of": "a" }));
}
