//! Changes that say what is to come and what is to go, and names written as one.

use muster_app::agents::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
use muster_app::skills::NewSkill;
use muster_core::actor::Caller;
use muster_core::agent::{MembershipRole, Profile, SkillSource};
use muster_core::id::{SkillId, TeamId};
use muster_core::{Entity, Refusal};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{agent, assert_invalid, assert_not_found, desk, digest, event_names, new_agent, team, update};

both_engines!(
    a_name_written_as_one_is_split_only_when_it_is_another,
    teams_are_left_before_others_are_joined,
    skills_are_dropped_before_others_are_given,
    derived_skills_are_nobodys_to_drop,
    an_address_is_verified_until_it_changes,
    a_new_agent_may_have_to_choose_a_password,
    a_change_that_fails_halfway_changes_nothing,
);

fn none() -> AgentPatch {
    AgentPatch::default()
}

fn full_name(name: &str) -> AgentPatch {
    AgentPatch { full_name: Some(name.to_owned()), ..none() }
}

fn names(profile: &Profile) -> (&str, &str) {
    (&profile.agent.first_name, &profile.agent.last_name)
}

async fn a_name_written_as_one_is_split_only_when_it_is_another(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { first_name: "Mary Ann".into(), last_name: "Smith".into(), ..new_agent("mary@example.org") };
    let mary = desk.app.create_agent(&admin, new).await.unwrap();
    let id = mary.agent.id;
    let before = digest(&desk).await;
    for same in ["Mary Ann Smith", "  Mary  Ann   Smith "] {
        assert_eq!(update(&desk, id, full_name(same)).await.unwrap(), mary, "{same}");
    }
    for bad in ["", "  ", &"x".repeat(141)] {
        assert_invalid(update(&desk, id, full_name(bad)).await, "first_name");
    }
    assert_invalid(update(&desk, id, full_name(&format!("Mary {}", "x".repeat(141)))).await, "last_name");
    assert_eq!(before, digest(&desk).await);
    let cases =
        [("Zoe", ("Zoe", "")), ("Zoe Ann  Smith", ("Zoe", "Ann Smith")), ("mary Ann Smith", ("mary", "Ann Smith"))];
    for (written, parts) in cases {
        assert_eq!(names(&update(&desk, id, full_name(written)).await.unwrap()), parts);
    }
    let new = NewAgent { full_name: Some(" Jo  van Dyk ".into()), ..new_agent("jo@example.org") };
    assert_eq!(names(&desk.app.create_agent(&admin, new).await.unwrap()), ("Jo", "van Dyk"));
}

async fn teams_are_left_before_others_are_joined(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales, billing) =
        (team(&desk, "Support").await, team(&desk, "Sales").await, team(&desk, "Billing").await);
    let chosen =
        MembershipPatch { team: support, role: Some(MembershipRole::Manager), capacity: Some(Some(2)), order: Some(7) };
    let extension = AgentExtension { memberships: Some(vec![chosen]), ..AgentExtension::default() };
    let new = NewAgent { teams: vec![support, sales], extension, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    let moves = |leave: &[TeamId], join: &[TeamId]| AgentPatch { leave: leave.to_vec(), join: join.to_vec(), ..none() };
    let before = digest(&desk).await;
    for same in [moves(&[billing], &[support]), moves(&[support, billing], &[support, support]), moves(&[], &[sales])] {
        assert_eq!(update(&desk, kim.agent.id, same).await.unwrap(), kim);
    }
    assert_not_found(update(&desk, kim.agent.id, moves(&[support], &[TeamId(999)])).await, Entity::Team);
    assert_eq!(before, digest(&desk).await);
    let moved = update(&desk, kim.agent.id, moves(&[sales, TeamId(999)], &[billing])).await.unwrap();
    assert_eq!(moved.teams.iter().map(|team| team.id).collect::<Vec<_>>(), [support, billing]);
    assert_eq!(moved.teams[0], kim.teams[0]);
    assert!(moved.state.epoch > kim.state.epoch && moved.agent.version == kim.agent.version + 1);
    let replaced = AgentPatch { teams: Some(vec![sales]), ..moves(&[sales], &[billing]) };
    let replaced = update(&desk, kim.agent.id, replaced).await.unwrap();
    assert_eq!(replaced.teams, [moved.teams[1].clone()]);
}

async fn skill(desk: &TestDesk, name: &str) -> SkillId {
    let new = NewSkill { name: name.to_owned(), ..NewSkill::default() };
    desk.app.create_skill(&Caller::operator(), new).await.unwrap().id
}

fn skills(drop: &[SkillId], give: &[(SkillId, Option<u8>)]) -> AgentPatch {
    AgentPatch { drop_skills: drop.to_vec(), give_skills: give.to_vec(), ..none() }
}

fn levels(profile: &Profile) -> Vec<(SkillId, u8)> {
    profile.levels().into_iter().collect()
}

async fn skills_are_dropped_before_others_are_given(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (french, dutch) = (skill(&desk, "French").await, skill(&desk, "Dutch").await);
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let given = update(&desk, kim, skills(&[], &[(french, Some(40)), (dutch, None)])).await.unwrap();
    assert_eq!(levels(&given), [(french, 40), (dutch, 100)]);
    let before = digest(&desk).await;
    assert_eq!(update(&desk, kim, skills(&[], &[(french, None), (dutch, Some(100))])).await.unwrap(), given);
    assert_eq!(update(&desk, kim, skills(&[SkillId(99)], &[])).await.unwrap(), given);
    assert_not_found(update(&desk, kim, skills(&[french], &[(SkillId(99), None)])).await, Entity::Skill);
    for level in [0, 101] {
        assert_invalid(update(&desk, kim, skills(&[dutch], &[(french, Some(level))])).await, "skills");
    }
    assert_eq!(before, digest(&desk).await);
    let dropped = update(&desk, kim, skills(&[french, dutch], &[(french, None)])).await.unwrap();
    assert_eq!(levels(&dropped), [(french, 100)]);
    assert!(dropped.state.epoch > given.state.epoch);
    let raised = update(&desk, kim, skills(&[], &[(dutch, Some(3))])).await.unwrap();
    assert_eq!((levels(&raised).len(), raised.state.epoch), (2, dropped.state.epoch));
}

/// Derived rows are the desk's own: here one is put in place by hand.
async fn derived_skills_are_nobodys_to_drop(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let french = skill(&desk, "French").await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let derived = desk
        .app
        .store()
        .write(move |tx| Box::pin(muster_store::agents::save_skill(tx, kim, french, SkillSource::Derived, 70)));
    derived.await.unwrap();
    let given = update(&desk, kim, skills(&[], &[(french, Some(20))])).await.unwrap();
    assert_eq!(levels(&given), [(french, 20)], "what is explicit counts");
    let dropped = update(&desk, kim, skills(&[french], &[])).await.unwrap();
    assert_eq!(levels(&dropped), [(french, 70)]);
    assert_eq!(update(&desk, kim, skills(&[french], &[])).await.unwrap(), dropped);
}

async fn an_address_is_verified_until_it_changes(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { email_verified: true, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    assert!(kim.agent.email_verified);
    let verified = |verified| AgentPatch { email_verified: Some(verified), ..none() };
    assert_eq!(update(&desk, kim.agent.id, verified(true)).await.unwrap(), kim);
    let moved = AgentPatch { email: Some("lee@example.org".into()), ..none() };
    assert!(!update(&desk, kim.agent.id, moved).await.unwrap().agent.email_verified);
    assert!(update(&desk, kim.agent.id, verified(true)).await.unwrap().agent.email_verified);
    let both = AgentPatch { email: Some("kim@example.org".into()), ..verified(true) };
    assert!(update(&desk, kim.agent.id, both).await.unwrap().agent.email_verified);
    assert!(!update(&desk, kim.agent.id, verified(false)).await.unwrap().agent.email_verified);
}

async fn a_new_agent_may_have_to_choose_a_password(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let new = NewAgent { must_change_password: true, ..new_agent("kim@example.org") };
    assert!(desk.app.create_agent(&admin, new).await.unwrap().agent.must_change_password);
    assert!(!agent(&desk, "lee@example.org").await.agent.must_change_password);
}

async fn a_change_that_fails_halfway_changes_nothing(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let french = skill(&desk, "French").await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    agent(&desk, "lee@example.org").await;
    update(&desk, kim, AgentPatch { teams: Some(vec![support]), ..none() }).await.unwrap();
    let before = digest(&desk).await;
    let taken = AgentPatch {
        login: Some("lee".into()),
        new_password: Some("Another-horse-2".into()),
        leave: vec![support],
        join: vec![sales],
        full_name: Some("Zoe".into()),
        ..skills(&[], &[(french, None)])
    };
    super::assert_refused(update(&desk, kim, taken).await, Refusal::LoginTaken);
    assert_eq!(before, digest(&desk).await);
    assert!(!event_names(&desk).await.contains(&"membership.removed"));
}
