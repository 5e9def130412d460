//! A team's members with their places.

use muster_app::agents::{AgentPatch, NewAgent};
use muster_app::teams::{Place, RosterPatch};
use muster_core::Entity;
use muster_core::actor::Caller;
use muster_core::agent::{MembershipRole, Profile};
use muster_core::id::{AgentId, TeamId};
use muster_core::permission::Permission;
use muster_core::view::MemberListing;
use muster_testkit::effort::rounds;
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{
    agent, agent_with_roles, assert_denied, assert_invalid, assert_not_found, built_in, caller, desk, digest,
    event_names, id, lead, new_agent, read, role, team, update,
};
use crate::conversations::World;

both_engines!(
    members_are_given_places_and_lose_them,
    what_is_not_named_stays,
    a_new_member_begins_with_the_lowest_count,
    whoever_is_removed_and_named_begins_anew,
    what_is_already_so_is_no_event,
    nobody_who_is_not_there_gets_a_place,
    a_teams_manager_runs_that_team_alone,
    managers_are_made_by_those_who_change_agents,
    lists_are_bounded,
    open_work_is_shown_and_stays,
    two_changes_at_once_lose_nothing,
);

fn place(agent: &Profile) -> Place {
    Place { agent: agent.agent.id, role: None, capacity: None, order: None }
}

fn sets(set: &[Place]) -> RosterPatch {
    RosterPatch { set: set.to_vec(), remove: Vec::new() }
}

fn removes(agents: &[&Profile]) -> RosterPatch {
    RosterPatch { set: Vec::new(), remove: agents.iter().map(|agent| agent.agent.id).collect() }
}

async fn change(desk: &TestDesk, team: TeamId, patch: RosterPatch) -> Vec<MemberListing> {
    let changed = desk.app.change_roster(&Caller::operator(), team, patch).await.unwrap();
    assert_eq!(changed, desk.app.team_roster(&Caller::operator(), team).await.unwrap());
    changed
}

type Shown = (AgentId, MembershipRole, Option<u16>, i32);

fn shown(members: &[MemberListing]) -> Vec<Shown> {
    let shown = |MemberListing { summary, membership }: &MemberListing| {
        (summary.id, membership.role, membership.capacity, membership.order)
    };
    members.iter().map(shown).collect()
}

async fn members_are_given_places_and_lose_them(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    let (kim_id, lee_id) = (kim.agent.id, lee.agent.id);
    let manager = Place { role: Some(MembershipRole::Manager), capacity: Some(Some(2)), order: Some(7), ..place(&kim) };
    let members = change(&desk, support, sets(&[manager, place(&lee)])).await;
    let expected = [(lee_id, MembershipRole::Agent, None, 0), (kim_id, MembershipRole::Manager, Some(2), 7)];
    assert_eq!(shown(&members), expected, "by order");
    let joined = read(&desk, kim_id).await;
    assert_eq!(joined.teams[0].membership, members[1].membership);
    assert_eq!(joined.agent.version, kim.agent.version + 1);
    let unlimited = Place { capacity: Some(None), ..place(&kim) };
    let patch = RosterPatch { remove: vec![lee_id], ..sets(&[unlimited]) };
    let members = change(&desk, support, patch).await;
    assert_eq!(shown(&members), [(kim_id, MembershipRole::Manager, None, 7)]);
    assert!(read(&desk, lee_id).await.state.epoch > lee.state.epoch, "what was decided for them is decided anew");
    let analyst = Place { role: Some(MembershipRole::Analyst), ..place(&kim) };
    change(&desk, support, sets(&[analyst])).await;
    assert!(read(&desk, kim_id).await.state.epoch > joined.state.epoch, "analysts get no conversations");
}

async fn what_is_not_named_stays(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    let chosen =
        |agent| Place { role: Some(MembershipRole::Manager), capacity: Some(Some(2)), order: Some(1), ..place(agent) };
    change(&desk, support, sets(&[chosen(&kim), chosen(&lee)])).await;
    let before = read(&desk, lee.agent.id).await;
    let members = change(&desk, support, sets(&[Place { order: Some(3), ..place(&kim) }])).await;
    let expected =
        [(lee.agent.id, MembershipRole::Manager, Some(2), 1), (kim.agent.id, MembershipRole::Manager, Some(2), 3)];
    assert_eq!(shown(&members), expected);
    assert_eq!(read(&desk, lee.agent.id).await, before);
}

async fn a_new_member_begins_with_the_lowest_count(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    let upsert = muster_app::teams::MemberUpsert { agent: kim.agent.public_id.to_string(), count: 5, order: 0 };
    let patch = muster_app::teams::MembersPatch { upsert: vec![upsert], remove: Vec::new() };
    desk.app.change_members(&admin, support, patch).await.unwrap();
    let members = change(&desk, support, sets(&[place(&lee)])).await;
    let counts: Vec<_> = members.iter().map(|member| member.membership.assignment_count).collect();
    assert_eq!(counts, [5, 5]);
}

async fn whoever_is_removed_and_named_begins_anew(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await;
    let before = change(&desk, support, sets(&[Place { capacity: Some(Some(3)), ..place(&kim) }])).await;
    let patch =
        RosterPatch { remove: vec![kim.agent.id; 2], ..sets(&[Place { order: Some(9), ..place(&kim) }, place(&kim)]) };
    let after = change(&desk, support, patch).await;
    assert_eq!(shown(&after), [(kim.agent.id, MembershipRole::Agent, None, 0)], "the last word counts");
    assert_ne!(before[0].membership.public_id, after[0].membership.public_id);
}

async fn what_is_already_so_is_no_event(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    let chosen = Place { role: Some(MembershipRole::Agent), capacity: Some(Some(2)), order: Some(4), ..place(&kim) };
    change(&desk, support, sets(std::slice::from_ref(&chosen))).await;
    desk.advance(std::time::Duration::from_secs(1)).await;
    let before = digest(&desk).await;
    for patch in [RosterPatch::default(), sets(&[chosen]), sets(&[place(&kim)]), removes(&[&lee])] {
        change(&desk, support, patch).await;
    }
    assert_eq!(before, digest(&desk).await);
}

async fn nobody_who_is_not_there_gets_a_place(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, gone) = (agent(&desk, "kim@example.org").await, agent(&desk, "gone@example.org").await);
    change(&desk, support, sets(&[place(&kim)])).await;
    desk.app.delete_agent(&admin, gone.agent.id).await.unwrap();
    let before = digest(&desk).await;
    for nobody in [gone.agent.id, AgentId(1), AgentId(999), AgentId(-1)] {
        let nobody = Place { agent: nobody, ..place(&kim) };
        let patch = RosterPatch { remove: vec![kim.agent.id], ..sets(std::slice::from_ref(&nobody)) };
        assert_not_found(desk.app.change_roster(&admin, support, patch).await, Entity::Agent);
        change(&desk, support, RosterPatch { set: Vec::new(), remove: vec![nobody.agent] }).await;
    }
    let patch = || sets(&[place(&kim)]);
    assert_not_found(desk.app.change_roster(&admin, TeamId(999), patch()).await, Entity::Team);
    assert_not_found(desk.app.team_roster(&admin, TeamId(999)).await, Entity::Team);
    assert_eq!(before, digest(&desk).await, "nothing is done by half");
}

async fn a_teams_manager_runs_that_team_alone(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let agents = built_in(&desk, "agent").await;
    let kim = agent_with_roles(&desk, "kim@example.org", &[agents]).await;
    let lee = agent(&desk, "lee@example.org").await;
    let missing = Permission::TeamMembersManage;
    let lead = lead(&desk, "lead@example.org").await;
    let before = digest(&desk).await;
    for by in [caller(&kim), lead] {
        assert_denied(desk.app.change_roster(&by, support, sets(&[place(&kim)])).await, missing);
        assert_denied(desk.app.change_roster(&by, TeamId(999), RosterPatch::default()).await, missing);
        assert!(desk.app.team_roster(&by, support).await.unwrap().is_empty(), "to see it is everybody's right");
    }
    assert_eq!(before, digest(&desk).await);
    change(&desk, support, sets(&[Place { role: Some(MembershipRole::Manager), ..place(&kim) }])).await;
    let manager = caller(&read(&desk, kim.agent.id).await);
    desk.app.change_roster(&manager, support, sets(&[place(&lee)])).await.unwrap();
    assert_denied(desk.app.change_roster(&manager, sales, sets(&[place(&lee)])).await, missing);
}

async fn managers_are_made_by_those_who_change_agents(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let (kim, lee) = (agent(&desk, "kim@example.org").await, agent(&desk, "lee@example.org").await);
    let of = |agent: &Profile, role| Place { role: Some(role), ..place(agent) };
    let runs_teams = role(&desk, "Runner", &[Permission::TeamMembersManage]).await;
    let runner = caller(&agent_with_roles(&desk, "runner@example.org", &[runs_teams]).await);
    let refused = desk.app.change_roster(&runner, support, sets(&[of(&kim, MembershipRole::Manager)])).await;
    assert_denied(refused, Permission::UsersManage);
    assert!(desk.app.team_roster(&runner, support).await.unwrap().is_empty(), "nor is a member made");
    desk.app.change_roster(&runner, support, sets(&[of(&lee, MembershipRole::Analyst)])).await.unwrap();
    change(&desk, support, sets(&[of(&kim, MembershipRole::Manager)])).await;
    let manager = caller(&read(&desk, kim.agent.id).await);
    for (agent, role) in [(&lee, MembershipRole::Manager), (&kim, MembershipRole::Agent)] {
        let refused = desk.app.change_roster(&manager, support, sets(&[of(agent, role)])).await;
        assert_denied(refused, Permission::UsersManage);
    }
    let same = sets(&[Place { order: Some(3), ..of(&kim, MembershipRole::Manager) }]);
    desk.app.change_roster(&manager, support, same).await.expect("the role is what it was");
}

async fn lists_are_bounded(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await;
    change(&desk, support, RosterPatch { set: vec![place(&kim); 500], remove: vec![kim.agent.id; 500] }).await;
    let long = RosterPatch { set: vec![place(&kim); 501], remove: Vec::new() };
    assert_invalid(desk.app.change_roster(&admin, support, long).await, "set");
    let long = RosterPatch { set: Vec::new(), remove: vec![kim.agent.id; 501] };
    assert_invalid(desk.app.change_roster(&admin, support, long).await, "remove");
}

async fn open_work_is_shown_and_stays(engine: TestEngine) {
    let world = World::new(engine).await;
    let support = world.team("Support").await;
    let kim = world.agent_with("kim", |new| new.teams = vec![support]).await;
    for team in [Some(support), None] {
        let uuid = world.visitor("hello").await.conversation;
        world.app().assign_team(&world.admin, uuid, team).await.unwrap();
        world.app().assign_agent(&world.admin, uuid, id(&kim), None).await.unwrap();
    }
    let members = world.app().team_roster(&world.admin, support).await.unwrap();
    assert_eq!((members[0].membership.load, members[0].summary.load), (1, 2));
    let profile = read(&world.desk, id(&kim)).await;
    change(&world.desk, support, removes(&[&profile])).await;
    assert_eq!(world.load(&kim).await, 2);
    let members = change(&world.desk, support, sets(&[place(&profile)])).await;
    assert_eq!(members[0].membership.load, 1);
    world.assert_books().await;
}

async fn two_changes_at_once_lose_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let mut agents = Vec::new();
    for at in 0..4 {
        let new = NewAgent { teams: vec![support], ..new_agent(&format!("agent{at}@example.org")) };
        agents.push(desk.app.create_agent(&admin, new).await.unwrap());
    }
    for round in 0..rounds(6, 200) {
        let order = i32::try_from(round).unwrap();
        let set = |agents: &mut dyn Iterator<Item = &Profile>| {
            sets(&agents.map(|agent| Place { order: Some(order), ..place(agent) }).collect::<Vec<_>>())
        };
        let (first, second) = (set(&mut agents.iter().take(3)), set(&mut agents.iter().skip(1).rev()));
        let disabled = AgentPatch { last_name: Some(format!("Lee {round}")), ..AgentPatch::default() };
        let (first, second, third) = tokio::join!(
            desk.app.change_roster(&admin, support, first),
            desk.app.change_roster(&admin, support, second),
            update(&desk, agents[1].agent.id, disabled)
        );
        first.unwrap();
        second.unwrap();
        third.unwrap();
        let members = desk.app.team_roster(&admin, support).await.unwrap();
        assert!(members.iter().all(|member| member.membership.order == order), "{members:?}");
        assert_eq!(members.len(), 4);
    }
    let changed = event_names(&desk).await.into_iter().filter(|name| *name == "membership.changed").count();
    assert_eq!(changed, 4 * (rounds(6, 200) - 1), "the first round says what is so already");
}
