//! Skills.

use muster_app::agents::{AgentExtension, AgentPatch};
use muster_app::skills::{NewSkill, SkillPatch};
use muster_core::Entity;
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::Permission;
use muster_core::skill::RequiredSkill;
use muster_testkit::{TestEngine, both_engines};

use super::{
    agent, assert_conflict, assert_denied, assert_invalid, assert_not_found, caller, conversation, desk, inbox, read,
    team, update,
};

both_engines!(
    a_skill_lives,
    a_new_skill_is_held_from_the_beginning,
    whoever_holds_a_deleted_skill_loses_it,
    nobody_waits_for_a_deleted_skill,
);

fn named(name: &str) -> NewSkill {
    NewSkill { name: name.to_owned(), ..NewSkill::default() }
}

async fn a_skill_lives(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = caller(&agent(&desk, "kim@example.org").await);
    let french = desk.app.create_skill(&admin, named(" French ")).await.unwrap();
    assert_eq!(desk.app.skill(&kim, french.id).await.unwrap(), french);
    assert_conflict(desk.app.create_skill(&admin, named("french")).await, Entity::Skill);
    assert_denied(desk.app.create_skill(&kim, named("German")).await, Permission::TeamsManage);
    let lost = NewSkill { team: Some(TeamId(99)), ..named("German") };
    assert_not_found(desk.app.create_skill(&admin, lost).await, Entity::Team);
    desk.app.create_skill(&admin, named("Dutch")).await.unwrap();
    let team = team(&desk, "Support").await;
    let patch = SkillPatch { team: Some(Some(team)), ..SkillPatch::default() };
    let updated = desk.app.update_skill(&admin, french.id, patch.clone()).await.unwrap();
    assert_eq!((updated.team, updated.version), (Some(team), 2));
    assert_eq!(desk.app.update_skill(&admin, french.id, patch).await.unwrap(), updated);
    desk.app.delete_team(&admin, team).await.unwrap();
    assert_eq!(desk.app.skill(&kim, french.id).await.unwrap().team, None);
    let names: Vec<_> = desk.app.list_skills(&kim).await.unwrap().into_iter().map(|skill| skill.name).collect();
    assert_eq!(names, ["Dutch", "French"]);
}

async fn a_new_skill_is_held_from_the_beginning(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let lee = agent(&desk, "lee@example.org").await.agent.id;
    let id = kim.agent.id;
    let with = |holders: Vec<(AgentId, u8)>| NewSkill { holders, ..named("French") };
    let before = desk.digest().await;
    for level in [0, 101] {
        assert_invalid(desk.app.create_skill(&admin, with(vec![(id, level)])).await, "holders");
    }
    assert_not_found(desk.app.create_skill(&admin, with(vec![(id, 7), (AgentId(99), 7)])).await, Entity::Agent);
    assert_denied(desk.app.create_skill(&caller(&kim), with(vec![(id, 7)])).await, Permission::TeamsManage);
    assert_eq!(desk.digest().await.changed_since(&before), Vec::<String>::new());
    let french = desk.app.create_skill(&admin, with(vec![(lee, 7), (id, 98), (lee, 8)])).await.unwrap().id;
    let held = read(&desk, id).await;
    assert_eq!((held.levels().get(&french), held.agent.version), (Some(&98), kim.agent.version + 1));
    assert_eq!(read(&desk, lee).await.levels().get(&french), Some(&8));
}

async fn whoever_holds_a_deleted_skill_loses_it(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let french = desk.app.create_skill(&admin, named("French")).await.unwrap().id;
    let skills = |level| AgentPatch {
        extension: AgentExtension { skills: Some(vec![(french, level)]), ..AgentExtension::default() },
        ..AgentPatch::default()
    };
    assert_invalid(update(&desk, kim, skills(0)).await, "skills");
    assert_invalid(update(&desk, kim, skills(101)).await, "skills");
    let held = update(&desk, kim, skills(98)).await.unwrap();
    assert_eq!(held.levels().get(&french), Some(&98));
    desk.app.delete_skill(&admin, french).await.unwrap();
    let left = read(&desk, kim).await;
    assert!(left.skills.is_empty() && left.state.epoch > held.state.epoch);
}

async fn nobody_waits_for_a_deleted_skill(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let french = desk.app.create_skill(&admin, named("French")).await.unwrap().id;
    let dutch = desk.app.create_skill(&admin, named("Dutch")).await.unwrap().id;
    let inbox = inbox(&desk).await;
    let asks = [french, dutch].map(|skill| RequiredSkill { skill, level: 1 });
    let waiting = conversation(&desk, &admin, inbox, |new| new.required_skills = asks.to_vec()).await;
    desk.app.delete_skill(&admin, french).await.unwrap();
    let view = desk.app.conversation(&admin, waiting).await.unwrap();
    assert_eq!(view.conversation.required_skills, asks[1..]);
    desk.quiet().await;
}
