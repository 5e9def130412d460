//! What holds on every desk. The headings of `routing/README.md`, one by one.

use muster_core::id::ConversationId;
use muster_core::routing::{Board, Candidate, Outcome, Waiting, eligible, explain};
use proptest::prelude::*;

use super::desk::{Desk, NOW, assignments};
use super::generated::{desk, desk_twice};
use super::naive;

/// Calls `check` for each assignment with the desk as it stood just before it.
fn at_each_assignment(
    mut desk: Desk,
    mut check: impl FnMut(&Desk, &Waiting, &Candidate) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    for decision in desk.decide() {
        if let Outcome::Assign(agent) = decision.outcome {
            check(&desk, desk.waiting(decision.conversation), desk.agent(agent))?;
        }
        desk.apply(&decision);
    }
    Ok(())
}

fn place(waiting: &Waiting) -> (i64, i64, ConversationId) {
    (waiting.rank, waiting.queued_at.as_millis(), waiting.conversation)
}

fn asks_the_same(a: &Waiting, b: &Waiting) -> bool {
    let plain = |waiting: &Waiting| waiting.excluded.is_empty() && waiting.preferred_agent.is_none();
    plain(a) && plain(b) && (a.team, a.medium, &a.required_skills) == (b.team, b.medium, &b.required_skills)
}

proptest! {
    #[test]
    fn nothing_goes_to_whom_the_rules_refuse(desk in desk()) {
        at_each_assignment(desk, |desk, waiting, agent| {
            prop_assert!(naive::may_have(desk, agent, waiting), "{waiting:?} to {agent:?}");
            Ok(())
        })?;
    }

    #[test]
    fn the_predicate_is_the_rules(desk in desk()) {
        for waiting in &desk.waiting {
            let team = waiting.team.and_then(|id| desk.team(id));
            for agent in &desk.agents {
                let verdict = eligible(agent, waiting, team, &desk.policy, NOW);
                prop_assert_eq!(verdict.is_ok(), naive::may_have(&desk, agent, waiting), "{:?} {:?}", verdict, agent);
            }
        }
    }

    #[test]
    fn no_limit_is_exceeded_after_a_round(desk in desk()) {
        let mut after = desk.clone();
        after.apply_all(&desk.decide());
        for (before, agent) in desk.agents.iter().zip(&after.agents) {
            let capacity = agent.capacity.unwrap_or(desk.policy.default_capacity);
            prop_assert!(agent.state.load == before.state.load || agent.state.load <= capacity);
            for (was, seat) in before.memberships.iter().zip(&agent.memberships) {
                let team_cap = desk.team(seat.team).and_then(|team| team.member_cap);
                for cap in seat.capacity.into_iter().chain(team_cap) {
                    prop_assert!(seat.load == was.load || seat.load <= cap);
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_lists_is_irrelevant((one, other) in desk_twice()) {
        prop_assert_eq!(one.board(), other.board());
        prop_assert_eq!(one.decide(), other.decide());
    }

    #[test]
    fn a_board_that_was_changed_equals_one_made_anew((old, new) in (desk(), desk())) {
        let mut board = old.board();
        for agent in &old.agents {
            board.remove_agent(agent.id);
        }
        for team in &old.teams {
            board.remove_team(team.id);
        }
        let stays = |id| new.waiting.iter().any(|waiting| waiting.conversation == id);
        for gone in old.waiting.iter().filter(|waiting| !stays(waiting.conversation)) {
            board.remove_waiting(gone.conversation);
        }
        new.agents.iter().for_each(|agent| board.put_agent(agent.clone()));
        new.teams.iter().for_each(|team| board.put_team(team.clone()));
        new.waiting.iter().for_each(|waiting| board.put_waiting(waiting.clone()));
        prop_assert_eq!(board, new.board());
    }

    #[test]
    fn nobody_waits_while_a_fitting_agent_has_room(desk in desk()) {
        let mut after = desk.clone();
        after.apply_all(&desk.decide());
        for waiting in after.waiting.iter().filter(|waiting| !after.is_manual(waiting)) {
            prop_assert_eq!(naive::candidates(&after, waiting), vec![], "{:?}", waiting);
        }
    }

    #[test]
    fn first_come_first_served_within_a_rank(desk in desk()) {
        let given = assignments(&desk.decide());
        let places: Vec<_> = given.iter().map(|(id, _)| place(desk.waiting(ConversationId(*id)))).collect();
        prop_assert!(places.is_sorted(), "{places:?}");
        for late in places.iter().map(|(_, _, id)| desk.waiting(*id)) {
            let before = desk.waiting.iter().filter(|early| asks_the_same(early, late) && place(early) < place(late));
            for early in before {
                prop_assert!(places.contains(&place(early)), "{early:?} was passed over for {late:?}");
            }
        }
    }

    #[test]
    fn deciding_again_after_applying_says_nothing_new(desk in desk()) {
        let mut after = desk.clone();
        after.apply_all(&desk.decide());
        prop_assert_eq!(after.decide(), vec![]);
    }

    #[test]
    fn the_first_in_the_order_gets_it(desk in desk()) {
        at_each_assignment(desk, |desk, waiting, agent| {
            let first = naive::candidates(desk, waiting).first().copied();
            prop_assert_eq!(first, Some(agent.id), "{:?}", waiting);
            Ok(())
        })?;
    }

    #[test]
    fn a_preferred_agent_who_may_have_it_gets_it(desk in desk()) {
        at_each_assignment(desk, |desk, waiting, agent| {
            let preferred = desk.agents.iter().find(|agent| Some(agent.id) == waiting.preferred_agent);
            if preferred.is_some_and(|preferred| naive::may_have(desk, preferred, waiting)) {
                prop_assert_eq!(Some(agent.id), waiting.preferred_agent);
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_people_take_themselves_is_left_alone(desk in desk()) {
        for decision in desk.decide() {
            prop_assert!(!desk.is_manual(desk.waiting(decision.conversation)));
        }
    }

    #[test]
    fn a_decision_says_what_explain_says_at_that_moment(mut desk in desk()) {
        for decision in desk.decide() {
            let told = explain(&desk.board(), &desk.policy, NOW, decision.conversation).unwrap();
            match decision.outcome {
                Outcome::Assign(agent) => {
                    prop_assert_eq!(&told, &*decision.because);
                    prop_assert_eq!(told.candidates[0].agent, agent);
                    desk.apply(&decision);
                }
                // Said after all assignments, so on a desk on which they are done.
                Outcome::Nobody => prop_assert_eq!(&told, &*decision.because),
            }
        }
    }

    #[test]
    fn an_explanation_puts_everybody_on_the_right_side(desk in desk()) {
        let board = desk.board();
        for waiting in &desk.waiting {
            let told = explain(&board, &desk.policy, NOW, waiting.conversation).unwrap();
            let candidates: Vec<_> = told.candidates.iter().map(|ranked| ranked.agent).collect();
            prop_assert_eq!(&candidates, &naive::candidates(&desk, waiting));
            prop_assert_eq!(candidates.len(), told.candidate_count);
            prop_assert_eq!(candidates.len() + told.excluded.len(), desk.agents.len());
            let normalized = board.waiting(waiting.conversation).unwrap();
            for excluded in &told.excluded {
                let team = waiting.team.and_then(|id| desk.team(id));
                let verdict = eligible(desk.agent(excluded.agent), normalized, team, &desk.policy, NOW);
                prop_assert_eq!(verdict, Err(excluded.reason));
            }
            prop_assert!(told.reasons.iter().all(|reason| told.excluded_counts.contains_key(&reason)));
            prop_assert_eq!(told.reasons.is_empty(), told.candidate_count > 0 || desk.agents.is_empty());
        }
    }
}

#[test]
fn an_empty_board_decides_nothing() {
    assert_eq!(Board::new(), Board::default());
    assert_eq!(Desk::new(vec![], vec![]).decide(), vec![]);
}
