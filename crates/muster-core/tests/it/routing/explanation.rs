//! What is said of a decision.

use muster_core::id::{AgentId, ConversationId};
use muster_core::inbox::Medium;
use muster_core::presence::{Intent, State};
use muster_core::routing::{
    CANDIDATES_NAMED, Candidate, EXCLUDED_NAMED, Exclusion, Explanation, Outcome, Policy, Reason, explain,
};
use muster_core::team::TeamMode;

use super::desk::{Desk, FRENCH, NOW, agent, french, later, waiting};

fn told(desk: &Desk) -> Explanation {
    explain(&desk.board(), &desk.policy, NOW, ConversationId(1)).unwrap()
}

fn reasons(desk: &Desk) -> Vec<String> {
    let decisions = desk.decide();
    assert_eq!(decisions.iter().map(|d| d.outcome).collect::<Vec<_>>(), [Outcome::Nobody]);
    decisions[0].because.reasons.iter().map(|reason| reason.to_string()).collect()
}

fn absent(id: i64, name: &str) -> Candidate {
    Candidate { state: State::new(NOW), ..agent(id, name) }
}

fn paused(id: i64, name: &str) -> Candidate {
    let mut agent = agent(id, name);
    agent.state.intent = Intent::Paused;
    agent
}

fn full(id: i64, name: &str) -> Candidate {
    let mut agent = agent(id, name);
    agent.state.load = 5;
    agent
}

fn stranger(id: i64, name: &str) -> Candidate {
    Candidate { memberships: vec![], ..agent(id, name) }
}

#[test]
fn candidates_come_with_the_values_of_the_order_and_the_others_with_their_reason() {
    let mut kim = agent(1, "Kim Lee");
    kim.state.load = 2;
    kim.state.last_assigned_at = Some(NOW);
    kim.levels.insert(FRENCH, 98);
    kim.memberships[0].order = 3;
    kim.memberships[0].assignment_count = 12;
    let mut lou = agent(2, "Lou Poe");
    lou.levels.insert(FRENCH, 80);
    lou.state.load = 4;
    let mut roe = absent(3, "Roe Low");
    roe.levels.insert(FRENCH, 80);
    let mut entry = waiting(1);
    entry.required_skills = french(80);
    entry.preferred_agent = Some(AgentId(2));
    let agents = vec![kim, lou, roe, agent(4, "Sam Fox"), stranger(5, "Pat Kay")];
    assert_eq!(
        told(&Desk::new(agents, vec![entry])).in_words(),
        [
            "Lou Poe: preferred, 4 open conversations, French 80, order 0 in the team, given 0 in the team so far, never given one before",
            "Kim Lee: 2 open conversations, French 98, order 3 in the team, given 12 in the team so far, last given one at 2027-01-15T08:00:00Z",
            "Roe Low: not signed in",
            "Sam Fox: French is missing or below 80",
            "Pat Kay: not a member of the team",
        ]
    );
}

#[test]
fn a_desk_without_agents_says_so() {
    let desk = Desk::new(vec![], vec![waiting(1)]);
    assert_eq!(reasons(&desk), Vec::<String>::new());
    assert_eq!(told(&desk).in_words(), ["There are no agents."]);
}

#[test]
fn people_are_told_that_they_take_it_themselves() {
    let mut desk = Desk::new(vec![agent(1, "Kim Lee")], vec![waiting(1)]);
    desk.teams[0].mode = TeamMode::Manual;
    assert_eq!(desk.decide(), []);
    let explanation = told(&desk);
    assert!(explanation.manual);
    assert_eq!(explanation.candidate_count, 1);
    assert_eq!(explanation.in_words()[0], "People take these conversations themselves; the router gives none out.");
    desk.teams[0].mode = TeamMode::Auto;
    desk.policy = Policy { desk_mode_manual: true, ..Policy::default() };
    assert_eq!(desk.decide(), []);
    assert!(told(&desk).manual);
}

#[test]
fn only_what_waits_is_explained() {
    let desk = Desk::new(vec![], vec![waiting(1)]);
    assert_eq!(explain(&desk.board(), &desk.policy, NOW, ConversationId(2)), None);
}

#[test]
fn nobody_is_explained_by_those_who_came_closest() {
    let entry = || vec![waiting(1)];
    let of = |agents: Vec<Candidate>| reasons(&Desk::new(agents, entry()));
    assert_eq!(of(vec![stranger(1, "Kim")]), ["not_member"]);
    assert_eq!(of(vec![stranger(1, "Kim"), absent(2, "Lee")]), ["absent"]);
    assert_eq!(of(vec![absent(1, "Kim"), paused(2, "Lee"), absent(3, "Roe")]), ["paused", "absent"]);
    assert_eq!(of(vec![absent(1, "Kim"), paused(2, "Lee"), full(3, "Roe")]), ["full"]);
    let mut excluded = waiting(1);
    excluded.excluded.push(Exclusion { agent: AgentId(2), until: later(60) });
    assert_eq!(reasons(&Desk::new(vec![full(1, "Kim"), agent(2, "Lee")], vec![excluded])), ["excluded"]);
}

#[test]
fn known_reasons_are_not_told_again() {
    let mut desk = Desk::new(vec![absent(1, "Kim Lee")], vec![waiting(1), waiting(2)]);
    let decisions = desk.decide();
    assert_eq!(decisions.len(), 2);
    desk.apply_all(&decisions);
    assert_eq!(desk.decide(), []);
    desk.agents.push(absent(2, "Lee Roe"));
    assert_eq!(desk.decide(), [], "one more of the same is no news");
    desk.waiting.push(waiting(3));
    assert_eq!(desk.decide().iter().map(|d| d.conversation.0).collect::<Vec<_>>(), [3]);
    desk.agents[0] = full(1, "Kim Lee");
    assert_eq!(desk.decide().len(), 3);
}

#[test]
fn a_preferred_agent_who_may_not_have_it_is_named_first() {
    let mut entry = waiting(1);
    entry.preferred_agent = Some(AgentId(200));
    let mut agents: Vec<_> = (1..200).map(|id| absent(id, "Somebody")).collect();
    agents.push(stranger(200, "Kim Lee"));
    let told = told(&Desk::new(agents, vec![entry]));
    assert_eq!((told.excluded[0].agent, told.excluded[0].reason), (AgentId(200), Reason::NotMember));
}

#[test]
fn an_explanation_of_a_large_desk_is_bounded_and_counts_everybody() {
    let mut agents: Vec<_> = (1..=100).map(|id| agent(id, "Here")).collect();
    agents.extend((101..=200).map(|id| absent(id, "Away")));
    agents.extend((201..=230).map(|id| full(id, "Full")));
    let told = told(&Desk::new(agents, vec![waiting(1)]));
    assert_eq!((told.candidates.len(), told.candidate_count), (CANDIDATES_NAMED, 100));
    assert_eq!(told.excluded.len(), EXCLUDED_NAMED);
    assert!(told.excluded.iter().all(|excluded| excluded.reason == Reason::Full), "the closest are named");
    assert_eq!(told.excluded_counts, [(Reason::Absent, 100), (Reason::Full, 30)].into());
    let words = told.in_words();
    assert_eq!(words[CANDIDATES_NAMED], "90 more could take it.");
    assert_eq!(words[words.len() - 2..], ["100 more: not signed in", "5 more: no room for another conversation"]);
}

#[test]
fn an_explanation_survives_being_stored() {
    let mut kim = agent(1, "Kim Lee");
    kim.levels.insert(FRENCH, 98);
    let mut entry = waiting(1);
    entry.required_skills = french(80);
    let told = told(&Desk::new(vec![kim, absent(2, "Lee Roe"), stranger(3, "Roe Low")], vec![entry]));
    let json = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap(), told);
}

#[test]
fn a_skill_without_a_name_is_named_by_its_id() {
    let mut entry = waiting(1);
    entry.required_skills = french(1);
    let desk = Desk::new(vec![agent(1, "Kim Lee")], vec![entry]);
    let mut board = desk.board();
    assert_eq!(told(&desk).in_words(), ["Kim Lee: French is missing"]);
    board.remove_skill_name(FRENCH);
    let told = explain(&board, &desk.policy, NOW, ConversationId(1)).unwrap();
    assert_eq!(told.in_words(), ["Kim Lee: skill 1 is missing"]);
}

#[test]
fn without_a_team_nothing_of_a_team_is_said() {
    let mut entry = waiting(1);
    entry.team = None;
    entry.medium = Medium::Email;
    let mut lee = agent(2, "Lee Roe");
    lee.reads_unassigned = false;
    assert_eq!(
        told(&Desk::new(vec![agent(1, "Kim Lee"), lee], vec![entry])).in_words(),
        ["Kim Lee: no open conversation, never given one before", "Lee Roe: may not read conversations without a team",]
    );
}
