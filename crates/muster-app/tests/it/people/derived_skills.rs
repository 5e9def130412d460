//! Skills that follow from attributes.

use futures_util::future::join_all;
use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_app::conversations::StatusRef;
use muster_app::skills::{NewSkill, SkillPatch};
use muster_core::Entity;
use muster_core::actor::Caller;
use muster_core::agent::{Profile, SkillSource};
use muster_core::attribute::{Scope, ValueKind};
use muster_core::conversation::RESOLVED;
use muster_core::event::Event;
use muster_core::id::{AgentId, SkillId};
use muster_core::permission::Permission;
use muster_core::skill::{Condition, Op, RequiredSkill, Skill, Test};
use muster_testkit::effort::rounds;
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::{Value, json};

use super::attributes::define;
use super::{
    agent, assert_conflict, assert_denied, assert_invalid, caller, conversation, desk, digest, events, inbox,
    new_agent, read, update,
};

both_engines!(
    an_explicit_level_goes_before_a_derived_one,
    an_explicit_level_below_the_derived_one_takes_something_away,
    a_rule_reaches_everybody_who_meets_it,
    a_rule_is_checked,
    a_new_agent_has_what_follows_from_the_attributes,
    skills_are_found_by_name,
    the_router_goes_by_derived_skills,
    values_and_rules_changed_at_once_agree,
    agents_made_beside_a_new_rule_have_the_skill,
);

fn speaks(op: Op, value: Value) -> Condition {
    Condition::Test(Test { attribute: "LANGUAGE".to_owned(), op, value })
}

fn speaks_french() -> Condition {
    speaks(Op::Eq, json!("fr"))
}

/// A skill that follows from the attribute `language`.
async fn french(desk: &TestDesk, level: Option<u8>) -> Skill {
    define(desk, Scope::AgentSkill, "language", ValueKind::Text).await;
    let new =
        NewSkill { name: "French".to_owned(), rule: Some(speaks_french()), rule_level: level, ..NewSkill::default() };
    desk.app.create_skill(&Caller::operator(), new).await.unwrap()
}

fn language(value: Value) -> AgentPatch {
    let skill_attributes = [("language".to_owned(), value)].into();
    AgentPatch { extension: AgentExtension { skill_attributes, ..Default::default() }, ..AgentPatch::default() }
}

fn explicit(skills: &[(SkillId, u8)]) -> AgentPatch {
    let skills = Some(skills.to_vec());
    AgentPatch { extension: AgentExtension { skills, ..Default::default() }, ..AgentPatch::default() }
}

fn rule(condition: Option<Condition>, level: Option<u8>) -> SkillPatch {
    SkillPatch { rule: Some(condition), rule_level: level, ..SkillPatch::default() }
}

/// Level and source of each row.
fn rows(profile: &Profile) -> Vec<(u8, SkillSource)> {
    profile.skills.iter().map(|held| (held.level, held.source)).collect()
}

/// Who was told to have other skills.
async fn told(desk: &TestDesk) -> Vec<AgentId> {
    let told = events(desk).await.into_iter().filter_map(|record| match record.event {
        Event::AgentSkillsChanged { agent } => Some(agent),
        _ => None,
    });
    told.collect()
}

async fn an_explicit_level_goes_before_a_derived_one(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let french = french(&desk, None).await.id;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    update(&desk, kim, explicit(&[(french, 98)])).await.unwrap();
    let both = update(&desk, kim, language(json!("fr"))).await.unwrap();
    assert_eq!(both.levels().get(&french), Some(&98));
    assert_eq!(rows(&both), [(98, SkillSource::Explicit), (100, SkillSource::Derived)]);
    let derived = update(&desk, kim, explicit(&[])).await.unwrap();
    assert_eq!(derived.levels().get(&french), Some(&100));
    assert_eq!(rows(&derived), [(100, SkillSource::Derived)]);
    let told_before = told(&desk).await.len();
    let german = update(&desk, kim, language(json!("de"))).await.unwrap();
    assert!(german.skills.is_empty() && german.state.epoch > derived.state.epoch);
    assert_eq!(german, read(&desk, kim).await);
    assert_eq!(told(&desk).await[told_before..], [kim]);
}

async fn an_explicit_level_below_the_derived_one_takes_something_away(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let french = french(&desk, None).await.id;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let before = update(&desk, kim, language(json!("fr"))).await.unwrap();
    let lowered = update(&desk, kim, explicit(&[(french, 50)])).await.unwrap();
    assert!(lowered.state.epoch > before.state.epoch);
    let freed = update(&desk, kim, explicit(&[])).await.unwrap();
    assert_eq!(freed.state.epoch, lowered.state.epoch, "100 is more than 50");
}

async fn a_rule_reaches_everybody_who_meets_it(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    define(&desk, Scope::AgentSkill, "language", ValueKind::Text).await;
    let mut agents = Vec::new();
    for (name, value) in [("kim", json!("fr")), ("lee", json!("FR")), ("max", json!("de")), ("noa", Value::Null)] {
        let id = agent(&desk, &format!("{name}@example.org")).await.agent.id;
        agents.push(update(&desk, id, language(value)).await.unwrap().agent.id);
    }
    let new = NewSkill { name: "French".to_owned(), rule: Some(speaks_french()), ..NewSkill::default() };
    let skill = desk.app.create_skill(&admin, new).await.unwrap();
    assert_eq!(levels(&desk, &agents, skill.id).await, [Some(100), Some(100), None, None]);
    assert_eq!(told(&desk).await, agents[..2]);

    let epochs = epochs(&desk, &agents).await;
    let wider = rule(Some(speaks(Op::In, json!(["fr", "de"]))), None);
    let wide = desk.app.update_skill(&admin, skill.id, wider.clone()).await.unwrap();
    assert_eq!(levels(&desk, &agents, skill.id).await, [Some(100), Some(100), Some(100), None]);
    assert_eq!(told(&desk).await[2..], [agents[2]]);
    assert_eq!(self::epochs(&desk, &agents).await, epochs, "nobody lost anything");
    let before = digest(&desk).await;
    assert_eq!(desk.app.update_skill(&admin, skill.id, wider).await.unwrap(), wide);
    assert_eq!(digest(&desk).await, before);

    let lower = SkillPatch { rule_level: Some(40), ..SkillPatch::default() };
    desk.app.update_skill(&admin, skill.id, lower).await.unwrap();
    assert_eq!(levels(&desk, &agents, skill.id).await, [Some(40), Some(40), Some(40), None]);
    let raised: Vec<i64> = epochs.iter().zip([1, 1, 1, 0]).map(|(epoch, by)| epoch + by).collect();
    assert_eq!(self::epochs(&desk, &agents).await, raised);

    let free = desk.app.update_skill(&admin, skill.id, rule(None, None)).await.unwrap();
    assert_eq!(free.rule, None);
    assert_eq!(levels(&desk, &agents, skill.id).await, [None; 4]);
    assert_eq!(told(&desk).await.len(), 2 + 1 + 3 + 3);
}

async fn levels(desk: &TestDesk, agents: &[AgentId], skill: SkillId) -> Vec<Option<u8>> {
    let profiles = join_all(agents.iter().map(|agent| read(desk, *agent))).await;
    profiles.iter().map(|profile| profile.levels().get(&skill).copied()).collect()
}

async fn epochs(desk: &TestDesk, agents: &[AgentId]) -> Vec<i64> {
    let profiles = join_all(agents.iter().map(|agent| read(desk, *agent))).await;
    profiles.iter().map(|profile| profile.state.epoch).collect()
}

async fn a_rule_is_checked(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let skill = french(&desk, Some(60)).await;
    let stored = skill.rule.clone().unwrap();
    assert_eq!(stored.level, 60);
    assert!(matches!(&stored.condition, Condition::Test(test) if test.attribute == "language"), "as it is defined");
    assert_eq!(desk.app.skill(&admin, skill.id).await.unwrap(), skill);
    let kim = caller(&agent(&desk, "kim@example.org").await);
    let before = digest(&desk).await;
    let unknown = Condition::Test(Test { attribute: "shoe".to_owned(), op: Op::Eq, value: json!("x") });
    for condition in [unknown, speaks(Op::Gt, json!("fr")), Condition::All(Vec::new())] {
        let new = NewSkill { name: "Dutch".to_owned(), rule: Some(condition.clone()), ..NewSkill::default() };
        assert_invalid(desk.app.create_skill(&admin, new).await, "rule");
        assert_invalid(desk.app.update_skill(&admin, skill.id, rule(Some(condition), None)).await, "rule");
    }
    for level in [0, 101] {
        let patch = SkillPatch { rule_level: Some(level), ..SkillPatch::default() };
        assert_invalid(desk.app.update_skill(&admin, skill.id, patch).await, "rule_level");
    }
    assert_invalid(desk.app.update_skill(&admin, skill.id, rule(None, Some(50))).await, "rule_level");
    let taken = NewSkill { name: "FRENCH".to_owned(), rule: Some(speaks_french()), ..NewSkill::default() };
    assert_conflict(desk.app.create_skill(&admin, taken).await, Entity::Skill);
    assert_denied(desk.app.update_skill(&kim, skill.id, rule(None, None)).await, Permission::TeamsManage);
    assert_eq!(digest(&desk).await, before);
}

async fn a_new_agent_has_what_follows_from_the_attributes(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let french = french(&desk, None).await.id;
    let new = NewAgent { extension: language(json!("fr")).extension, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    assert_eq!(kim.levels().get(&french), Some(&100));
    assert_eq!(told(&desk).await, [kim.agent.id]);
    desk.app.delete_skill(&admin, french).await.unwrap();
    let left = read(&desk, kim.agent.id).await;
    assert!(left.skills.is_empty() && left.state.epoch > kim.state.epoch);
}

async fn skills_are_found_by_name(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    for name in ["French", "Dutch", "German"] {
        let new = NewSkill { name: name.to_owned(), ..NewSkill::default() };
        desk.app.create_skill(&admin, new).await.unwrap();
    }
    let names = [" FRENCH ", "dutch", "Finnish", "dutch"].map(ToOwned::to_owned);
    let found: Vec<_> = desk.app.skills_by_names(&names).await.unwrap().into_iter().map(|skill| skill.name).collect();
    assert_eq!(found, ["Dutch", "French"]);
    assert!(desk.app.skills_by_names(&[]).await.unwrap().is_empty());
}

async fn the_router_goes_by_derived_skills(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let french = french(&desk, Some(80)).await.id;
    let kim = desk.agent("kim").online().await;
    desk.agent("lee").online().await;
    let inbox = inbox(&desk).await;
    let asks = vec![RequiredSkill { skill: french, level: 80 }];
    let first = conversation(&desk, &admin, inbox, |new| new.required_skills = asks.clone()).await;
    desk.quiet().await;
    let assignee = async |uuid| desk.app.conversation(&admin, uuid).await.unwrap().conversation.assignee;
    assert_eq!(assignee(first).await, None, "nobody speaks French yet");
    update(&desk, kim.id, language(json!("fr"))).await.unwrap();
    desk.quiet().await;
    assert_eq!(assignee(first).await, Some(kim.id));
    desk.app.set_status(&admin, first, StatusRef::Id(RESOLVED), None).await.unwrap();
    update(&desk, kim.id, language(json!("de"))).await.unwrap();
    let second = conversation(&desk, &admin, inbox, |new| new.required_skills = asks.clone()).await;
    desk.quiet().await;
    assert_eq!(assignee(second).await, None, "nobody speaks it any more");
    let german = rule(Some(speaks(Op::Eq, json!("de"))), None);
    desk.app.update_skill(&admin, french, german).await.unwrap();
    desk.quiet().await;
    assert_eq!(assignee(second).await, Some(kim.id));
}

async fn values_and_rules_changed_at_once_agree(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let french = french(&desk, None).await.id;
    let mut agents = Vec::new();
    for number in 0..4 {
        agents.push(agent(&desk, &format!("agent{number}@example.org")).await.agent.id);
    }
    for round in 0..rounds(8, 80) {
        let word = |turn: usize| if turn.is_multiple_of(2) { "fr" } else { "de" };
        let values =
            agents.iter().enumerate().map(|(at, agent)| update(&desk, *agent, language(json!(word(at + round)))));
        let ruled = desk.app.update_skill(&admin, french, rule(Some(speaks(Op::Eq, json!(word(round)))), None));
        let (values, ruled) = tokio::join!(join_all(values), ruled);
        let condition = ruled.unwrap().rule.unwrap().condition;
        assert!(values.iter().all(Result::is_ok), "{values:?}");
        for agent in &agents {
            let profile = read(&desk, *agent).await;
            let meets = condition.holds(&profile.agent.skill_attributes);
            assert_eq!(profile.levels().contains_key(&french), meets, "round {round}");
        }
    }
}

async fn agents_made_beside_a_new_rule_have_the_skill(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    define(&desk, Scope::AgentSkill, "language", ValueKind::Text).await;
    for round in 0..rounds(8, 80) {
        let new =
            NewAgent { extension: language(json!("fr")).extension, ..new_agent(&format!("a{round}@example.org")) };
        let skill = NewSkill { name: format!("French {round}"), rule: Some(speaks_french()), ..NewSkill::default() };
        let (made, skill) = tokio::join!(desk.app.create_agent(&admin, new), desk.app.create_skill(&admin, skill));
        let (made, skill) = (made.unwrap(), skill.unwrap());
        assert_eq!(read(&desk, made.agent.id).await.levels().get(&skill.id), Some(&100), "round {round}");
    }
}
