//! Changing many members of a team at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use muster_app::agents::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
use muster_app::teams::{MemberUpsert, MembersPatch, NewTeam, TeamMember, TeamPatch};
use muster_core::Entity;
use muster_core::actor::Caller;
use muster_core::agent::{MembershipRole, Profile};
use muster_core::event::Event;
use muster_core::id::TeamId;
use muster_core::permission::Permission;
use muster_store::{Sql, agents, params, sql};
use muster_testkit::effort::rounds;
use muster_testkit::{TestDesk, TestEngine, both_engines};
use tokio::sync::Notify;

use super::{
    agent, agent_with_roles, assert_denied, assert_invalid, assert_not_found, built_in, caller, desk, digest,
    event_names, events, lead, new_agent, read, team, update,
};
use crate::conversations::{World, id};

both_engines!(
    members_are_removed_and_then_added_with_their_numbers,
    a_link_that_stays_keeps_all_but_its_numbers,
    whoever_is_removed_and_named_begins_anew,
    the_last_word_on_an_agent_counts,
    whoever_is_nobody_is_passed_over,
    what_is_already_so_is_no_event,
    the_audit_log_holds_both_sides,
    closed_teams_have_members_too,
    only_who_may_choose_members_does,
    lists_are_bounded,
    open_work_stays_with_who_is_removed,
    two_changes_at_once_lose_nothing,
    a_change_and_a_deletion_do_not_pass_each_other,
    a_change_and_a_deleted_team_do_not_pass_each_other,
    loads_stay_true_beside_claims,
    a_new_team_is_written_after_its_members_are_locked,
);

async fn change(desk: &TestDesk, team: TeamId, patch: MembersPatch) {
    desk.app.change_members(&Caller::operator(), team, patch).await.unwrap();
}

fn upsert(agent: &Profile, count: i64, order: i32) -> MemberUpsert {
    MemberUpsert { agent: agent.agent.public_id.to_string(), count, order }
}

fn adds(upsert: &[MemberUpsert]) -> MembersPatch {
    MembersPatch { upsert: upsert.to_vec(), remove: Vec::new() }
}

fn removes(agents: &[&Profile]) -> MembersPatch {
    let remove = agents.iter().map(|agent| agent.agent.public_id.to_string()).collect();
    MembersPatch { upsert: Vec::new(), remove }
}

async fn members(desk: &TestDesk, team: TeamId) -> Vec<TeamMember> {
    desk.app.team_members(&Caller::operator(), team).await.unwrap()
}

/// Count and order by login.
async fn numbers(desk: &TestDesk, team: TeamId) -> BTreeMap<String, (i64, i32)> {
    let numbers = |member: TeamMember| (member.membership.assignment_count, member.membership.order);
    members(desk, team).await.into_iter().map(|member| (member.login.clone(), numbers(member))).collect()
}

fn expected(members: &[(&str, i64, i32)]) -> BTreeMap<String, (i64, i32)> {
    members.iter().map(|(login, count, order)| ((*login).to_owned(), (*count, *order))).collect()
}

async fn members_are_removed_and_then_added_with_their_numbers(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    change(&desk, support, adds(&[upsert(&kim, 4, -1), upsert(&lee, 0, 9)])).await;
    assert_eq!(numbers(&desk, support).await, expected(&[("kim", 4, -1), ("lee", 0, 9)]));
    let joined = read(&desk, kim.agent.id).await;
    let membership = &joined.teams[0].membership;
    assert_eq!((membership.role, membership.capacity), (MembershipRole::Agent, None));
    assert_eq!(joined.agent.version, kim.agent.version + 1);
    let mut patch = removes(&[&kim]);
    patch.upsert.push(upsert(&lee, 2, 2));
    change(&desk, support, patch).await;
    assert_eq!(numbers(&desk, support).await, expected(&[("lee", 2, 2)]));
    let left = read(&desk, kim.agent.id).await;
    assert!(left.state.epoch > joined.state.epoch && left.agent.version == joined.agent.version + 1);
    assert_eq!(read(&desk, lee.agent.id).await.state.epoch, lee.state.epoch);
    let sizes = desk.app.team_sizes(&admin).await.unwrap();
    assert_eq!(sizes, BTreeMap::from([(support, 1)]));
}

async fn a_link_that_stays_keeps_all_but_its_numbers(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let chosen =
        MembershipPatch { team: support, role: Some(MembershipRole::Manager), capacity: Some(Some(2)), order: Some(7) };
    let extension = AgentExtension { memberships: Some(vec![chosen]), ..AgentExtension::default() };
    let new = NewAgent { teams: vec![support], extension, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    change(&desk, support, adds(&[upsert(&kim, 0, 0), upsert(&kim, 5, 0)])).await;
    let mut membership = kim.teams[0].membership.clone();
    membership.assignment_count = 5;
    membership.order = 0;
    assert_eq!(members(&desk, support).await[0].membership, membership);
}

async fn whoever_is_removed_and_named_begins_anew(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await;
    change(&desk, support, adds(&[upsert(&kim, 4, 4)])).await;
    let before = members(&desk, support).await;
    let mut patch = removes(&[&kim, &kim]);
    patch.upsert.push(upsert(&kim, 1, 0));
    change(&desk, support, patch).await;
    let after = members(&desk, support).await;
    assert_eq!(numbers(&desk, support).await, expected(&[("kim", 1, 0)]));
    assert_ne!(before[0].membership.public_id, after[0].membership.public_id);
}

async fn the_last_word_on_an_agent_counts(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await;
    change(&desk, support, adds(&[upsert(&kim, 1, 1), upsert(&kim, 2, 2)])).await;
    assert_eq!(numbers(&desk, support).await, expected(&[("kim", 2, 2)]));
}

async fn whoever_is_nobody_is_passed_over(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, gone) = (agent(&desk, "kim@example.org").await, agent(&desk, "gone@example.org").await);
    let disabled = AgentPatch { enabled: Some(false), ..AgentPatch::default() };
    update(&desk, kim.agent.id, disabled).await.unwrap();
    desk.app.delete_agent(&admin, gone.agent.id).await.unwrap();
    let system = read(&desk, muster_core::id::AgentId(1)).await;
    let contact = contact(&desk, &admin).await;
    let nobody = ["", "nobody", "a\0b", &contact, &kim.agent.id.to_string()];
    let nobody = nobody.map(|agent| MemberUpsert { agent: agent.to_owned(), count: 0, order: 0 });
    let before = digest(&desk).await;
    let mut patch = removes(&[&kim, &gone, &system]);
    patch.remove.extend(nobody.iter().map(|upsert| upsert.agent.clone()));
    patch.upsert = nobody.to_vec();
    patch.upsert.extend([upsert(&gone, 0, 0), upsert(&system, 0, 0)]);
    change(&desk, support, patch.clone()).await;
    assert_eq!(before, digest(&desk).await);
    patch.upsert.push(upsert(&kim, 0, 0));
    change(&desk, support, patch).await;
    assert_eq!(numbers(&desk, support).await, expected(&[("kim", 0, 0)]), "disabled ones are members");
}

/// The public id of a customer.
async fn contact(desk: &TestDesk, admin: &Caller) -> String {
    let inbox = super::inbox(desk).await;
    super::conversation(desk, admin, inbox, |_| {}).await;
    let read = desk.app.store().read(|tx| {
        Box::pin(
            async move { tx.query_one(sql!("SELECT public_id FROM contacts"), &params![]).await?.get("public_id") },
        )
    });
    read.await.unwrap()
}

async fn what_is_already_so_is_no_event(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    change(&desk, support, adds(&[upsert(&kim, 3, 1)])).await;
    desk.advance(std::time::Duration::from_secs(1)).await;
    let before = digest(&desk).await;
    change(&desk, support, MembersPatch::default()).await;
    change(&desk, support, adds(&[upsert(&kim, 0, 0), upsert(&kim, 3, 1)])).await;
    change(&desk, support, removes(&[&lee])).await;
    assert_eq!(before, digest(&desk).await);
}

async fn the_audit_log_holds_both_sides(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await;
    for patch in [adds(&[upsert(&kim, 3, 1)]), adds(&[upsert(&kim, 4, 1)]), removes(&[&kim])] {
        change(&desk, support, patch).await;
    }
    let read = desk.app.store().read(|tx| {
        Box::pin(async move {
            let select = sql!("SELECT action, before, after FROM audit WHERE action LIKE 'membership.%' ORDER BY id");
            let count = |text: Option<String>| {
                let value: serde_json::Value = serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
                value["assignment_count"].as_i64()
            };
            let rows = tx.query(select, &params![]).await?;
            rows.iter()
                .map(|row| Ok((row.get("action")?, count(row.get("before")?), count(row.get("after")?))))
                .collect::<muster_core::Result<Vec<(String, _, _)>>>()
        })
    });
    let expected = [
        ("membership.added".to_owned(), None, Some(3)),
        ("membership.changed".to_owned(), Some(3), Some(4)),
        ("membership.removed".to_owned(), Some(4), None),
    ];
    assert_eq!(read.await.unwrap(), expected);
}

async fn closed_teams_have_members_too(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await;
    let archived = TeamPatch { archived: Some(true), ..TeamPatch::default() };
    desk.app.update_team(&admin, support, archived).await.unwrap();
    change(&desk, support, adds(&[upsert(&kim, 0, 0)])).await;
    assert_eq!(members(&desk, support).await.len(), 1);
    for patch in [MembersPatch::default(), adds(&[upsert(&kim, 0, 0)])] {
        assert_not_found(desk.app.change_members(&admin, TeamId(999), patch).await, Entity::Team);
    }
}

async fn only_who_may_choose_members_does(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let agents = built_in(&desk, "agent").await;
    let kim = agent_with_roles(&desk, "kim@example.org", &[agents]).await;
    let missing = Permission::TeamMembersManage;
    let lead = lead(&desk, "lead@example.org").await;
    let before = digest(&desk).await;
    for by in [caller(&kim), lead] {
        let outcome = desk.app.change_members(&by, support, adds(&[upsert(&kim, 0, 0)])).await;
        assert_denied(outcome, missing);
    }
    assert_eq!(before, digest(&desk).await);
    let manages = MembershipPatch { team: support, role: Some(MembershipRole::Manager), capacity: None, order: None };
    let extension = AgentExtension { memberships: Some(vec![manages]), ..AgentExtension::default() };
    let manager = AgentPatch { join: vec![support], extension, ..AgentPatch::default() };
    let manager = caller(&update(&desk, kim.agent.id, manager).await.unwrap());
    let lee = agent(&desk, "lee@example.org").await;
    desk.app.change_members(&manager, support, adds(&[upsert(&lee, 0, 0)])).await.unwrap();
    assert_denied(desk.app.change_members(&manager, sales, adds(&[upsert(&lee, 0, 0)])).await, missing);
    assert_eq!((members(&desk, support).await.len(), members(&desk, sales).await.len()), (2, 0));
}

async fn lists_are_bounded(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let upsert = |at: usize| MemberUpsert { agent: format!("nobody{at}"), count: 0, order: 0 };
    let patch = |length: usize| MembersPatch {
        upsert: (0..length).map(upsert).collect(),
        remove: (0..length).map(|at| format!("nobody{at}")).collect(),
    };
    desk.app.change_members(&admin, support, patch(500)).await.unwrap();
    let long = MembersPatch { remove: Vec::new(), ..patch(501) };
    assert_invalid(desk.app.change_members(&admin, support, long).await, "upsert");
    let long = MembersPatch { upsert: Vec::new(), ..patch(501) };
    assert_invalid(desk.app.change_members(&admin, support, long).await, "remove");
}

async fn open_work_stays_with_who_is_removed(engine: TestEngine) {
    let world = World::new(engine).await;
    let support = world.team("Support").await;
    let kim = world.agent_with("kim", |new| new.teams = vec![support]).await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_team(&world.admin, uuid, Some(support)).await.unwrap();
    world.app().assign_agent(&world.admin, uuid, id(&kim), None).await.unwrap();
    let profile = read(&world.desk, id(&kim)).await;
    change(&world.desk, support, removes(&[&profile])).await;
    assert_eq!(world.conversation(uuid).await.assignee, Some(id(&kim)));
    assert_eq!(world.load(&kim).await, 1);
    change(&world.desk, support, adds(&[upsert(&profile, 0, 0)])).await;
    assert_eq!(members(&world.desk, support).await[0].membership.load, 1);
    world.assert_books().await;
}

async fn two_changes_at_once_lose_nothing(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let mut agents = Vec::new();
    for at in 0..6 {
        agents.push(agent(&desk, &format!("agent{at}@example.org")).await);
    }
    for round in 0..rounds(8, 300) {
        let order = i32::try_from(round).unwrap();
        // Both name agents 2 and 3, in opposite order; whoever comes last has the last word on them.
        let first: Vec<_> = agents[..4].iter().map(|agent| upsert(agent, 1, order)).collect();
        let second: Vec<_> = agents[2..].iter().rev().map(|agent| upsert(agent, 2, order)).collect();
        tokio::join!(change(&desk, support, adds(&first)), change(&desk, support, adds(&second)));
        let numbers = numbers(&desk, support).await;
        assert_eq!(numbers.len(), 6);
        assert!(numbers.values().all(|(_, found)| *found == order));
        assert_eq!(numbers["agent2"].0, numbers["agent3"].0, "one change as a whole came last");
        let gone: Vec<_> = agents.iter().collect();
        tokio::join!(change(&desk, support, removes(&gone[..4])), change(&desk, support, removes(&gone[2..])));
        assert!(members(&desk, support).await.is_empty());
    }
    let names = event_names(&desk).await;
    let count = |wanted: &str| names.iter().filter(|name| **name == wanted).count();
    assert_eq!(count("membership.added"), count("membership.removed"));
    assert_eq!(count("membership.added"), 6 * rounds(8, 300));
}

async fn a_change_and_a_deletion_do_not_pass_each_other(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    for round in 0..rounds(8, 200) {
        let kim = agent(&desk, &format!("kim{round}@example.org")).await;
        let (_, deleted) = tokio::join!(
            change(&desk, support, adds(&[upsert(&kim, 0, 0)])),
            desk.app.delete_agent(&admin, kim.agent.id)
        );
        deleted.unwrap();
        assert!(members(&desk, support).await.is_empty());
    }
    let orphans = desk.app.store().read(|tx| {
        Box::pin(async move {
            tx.query_one(sql!("SELECT COUNT(*) AS rows FROM memberships"), &params![]).await?.get::<i64>("rows")
        })
    });
    assert_eq!(orphans.await.unwrap(), 0);
}

async fn a_change_and_a_deleted_team_do_not_pass_each_other(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    for round in 0..rounds(8, 200) {
        let team = team(&desk, &format!("Team {round}")).await;
        let patch = adds(&[upsert(&kim, 0, 0)]);
        let (changed, deleted) =
            tokio::join!(desk.app.change_members(&admin, team, patch), desk.app.delete_team(&admin, team));
        deleted.unwrap();
        if let Err(error) = changed {
            assert_not_found::<()>(Err(error), Entity::Team);
        }
        assert!(read(&desk, kim.agent.id).await.teams.is_empty());
    }
    let left = events(&desk).await.into_iter().filter(|record| matches!(record.event, Event::MembershipRemoved { .. }));
    let joined = event_names(&desk).await.into_iter().filter(|name| *name == "membership.added");
    assert_eq!(left.count(), joined.count());
}

/// Claims of a team's conversations while its members come and go: every count is that of a recount.
async fn loads_stay_true_beside_claims(engine: TestEngine) {
    let world = World::new(engine).await;
    let support = world.team("Support").await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let profiles = [read(&world.desk, id(&kim)).await, read(&world.desk, id(&lee)).await];
    for agent in [&kim, &lee] {
        world.online(agent).await;
    }
    let named: Vec<_> = profiles.iter().map(|profile| upsert(profile, 0, 0)).collect();
    for round in 0..rounds(4, 100) {
        change(&world.desk, support, adds(&named)).await;
        let mut uuids = Vec::new();
        for at in 0..4 {
            let uuid = world.visitor(&format!("chat {round} {at}")).await.conversation;
            world.app().assign_team(&world.admin, uuid, Some(support)).await.unwrap();
            uuids.push(uuid);
        }
        let claims = uuids.iter().zip([&kim, &lee, &kim, &lee]).map(|(uuid, agent)| world.claim(*uuid, agent));
        let anew = MembersPatch { upsert: named.clone(), ..removes(&[&profiles[0], &profiles[1]]) };
        let (claims, (), ()) = tokio::join!(
            join_all(claims),
            change(&world.desk, support, anew.clone()),
            change(&world.desk, support, anew)
        );
        assert!(claims.iter().all(Result::is_ok), "{claims:?}");
        world.assert_books().await;
        assert_eq!(members(&world.desk, support).await.len(), 2);
    }
}

/// Agents, then teams: whoever waits for an agent holds no team that others may wait for.
async fn a_new_team_is_written_after_its_members_are_locked(engine: TestEngine) {
    if engine == TestEngine::Sqlite {
        return;
    }
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let (agent, locked) = (kim.agent.id, Arc::new(Notify::new()));
    let told = Arc::clone(&locked);
    let holder = desk.app.store().write(move |tx| {
        let told = Arc::clone(&told);
        Box::pin(async move {
            agents::lock(tx, &[agent]).await?;
            told.notify_one();
            loop {
                if let Some(waiting) = tx.query(WAITING, &params![]).await?.first() {
                    return waiting.get::<i64>("teams_written");
                }
            }
        })
    });
    let maker = async {
        locked.notified().await;
        let settings = TeamPatch { members: Some(adds(&[upsert(&kim, 0, 0)])), ..TeamPatch::default() };
        desk.app.create_team(&admin, NewTeam { name: "Support".to_owned(), settings }).await
    };
    let (written, made) = tokio::join!(holder, maker);
    assert_eq!(written.unwrap(), 0);
    assert_eq!(members(&desk, made.unwrap().id).await.len(), 1);
}

/// Whoever waits for another transaction, with the locks that writing teams has left with them.
const WAITING: Sql = sql!(postgres: "
    SELECT (SELECT COUNT(*) FROM pg_locks held WHERE held.pid = waiting.pid AND held.granted
                AND held.relation = 'teams'::regclass AND held.mode = 'RowExclusiveLock') AS teams_written
    FROM pg_locks waiting
    WHERE NOT waiting.granted AND waiting.locktype = 'transactionid' AND EXISTS (SELECT 1 FROM pg_locks own
        WHERE own.pid = waiting.pid AND own.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
");
