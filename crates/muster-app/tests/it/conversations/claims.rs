use std::time::Duration;

use futures_util::future::join_all;
use muster_app::agents::AgentPatch;
use muster_app::claim::ClaimOutcome::{Lost, Won};
use muster_app::teams::TeamPatch;
use muster_core::actor::Caller;
use muster_core::event::DecisionOutcome;
use muster_core::presence::Wish;
use muster_core::routing::Reason;
use muster_core::team::TeamMode;
use muster_core::{Entity, Error, Refusal};
use muster_store::{params, sql};
use muster_testkit::{TestEngine, both_engines};
use serde_json::json;

use super::{World, id, refusal};

async fn a_won_claim_is_assignment_decision_and_events_at_once(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.online(&kim).await;
    let uuid = world.visitor("hello").await.conversation;
    assert_eq!(world.claim(uuid, &kim).await.unwrap(), Won);
    let conversation = world.conversation(uuid).await;
    assert_eq!((conversation.assignee, conversation.assigned_at), (Some(id(&kim)), Some(world.desk.now())));
    let events = world.events(uuid).await;
    assert_eq!(events[3..], ["routing.decided", "conversation.assigned", "message.activity"]);
    let profile = world.app().agent(&world.admin, id(&kim)).await.unwrap();
    assert_eq!((profile.state.load, profile.state.last_assigned_at), (1, Some(world.desk.now())));
    world.assert_books().await;
}

/// A claim whose decision has become untrue changes nothing.
async fn assert_lost(world: &World, kim: &Caller, uuid: uuid::Uuid, what: &str) {
    let before = world.desk.digest().await;
    assert_eq!(world.claim(uuid, kim).await.unwrap(), Lost, "{what}");
    assert_eq!(world.desk.digest().await, before, "{what}");
}

async fn a_claim_is_judged_anew_under_its_locks(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let kim = world.agent_with("kim", |new| new.extension.capacity = Some(Some(1))).await;
    let uuid = world.visitor("hello").await.conversation;
    assert_lost(&world, &kim, uuid, "absent").await;
    world.online(&kim).await;
    world.app().assign_team(&world.admin, uuid, Some(team)).await.unwrap();
    assert_lost(&world, &kim, uuid, "not a member").await;
    world.patch(&kim, AgentPatch { teams: Some(vec![team]), ..AgentPatch::default() }).await;
    let manual = TeamPatch { mode: Some(TeamMode::Manual), ..TeamPatch::default() };
    world.app().update_team(&world.admin, team, manual).await.unwrap();
    assert_lost(&world, &kim, uuid, "people take this team's conversations").await;
    let auto = TeamPatch { mode: Some(TeamMode::Auto), ..TeamPatch::default() };
    world.app().update_team(&world.admin, team, auto).await.unwrap();
    world.app().set_my_presence(&kim, Wish::Paused, false).await.unwrap();
    assert_lost(&world, &kim, uuid, "paused").await;
    world.app().set_my_presence(&kim, Wish::Ready, false).await.unwrap();
    let other = world.visitor("another").await.conversation;
    world.app().assign_agent(&kim, other, id(&kim), None).await.unwrap();
    assert_lost(&world, &kim, uuid, "full").await;
    world.app().unassign_agent(&kim, other).await.unwrap();
    assert_lost(&world, &kim, other, "excluded").await;
    assert_eq!(world.claim(uuid, &kim).await.unwrap(), Won);
    assert_lost(&world, &kim, uuid, "assigned already").await;
    world.assert_books().await;
}

async fn an_older_epoch_loses(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    world.online(&kim).await;
    let uuid = world.visitor("hello").await.conversation;
    let epoch = world.app().agent(&world.admin, id(&kim)).await.unwrap().state.epoch;
    world.app().set_my_presence(&kim, Wish::Paused, false).await.unwrap();
    world.app().set_my_presence(&kim, Wish::Ready, false).await.unwrap();
    assert_eq!(world.claim_at(uuid, &kim, epoch).await.unwrap(), Lost);
    assert_eq!(world.claim(uuid, &kim).await.unwrap(), Won);
}

async fn an_exclusion_runs_out(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    world.app().unassign_agent(&kim, uuid).await.unwrap();
    world.desk.clock.move_to(world.desk.now() + Duration::from_secs(301));
    world.online(&kim).await;
    assert_eq!(world.claim(uuid, &kim).await.unwrap(), Won);
}

async fn many_claims_at_once_never_exceed_a_capacity(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent_with("kim", |new| new.extension.capacity = Some(Some(3))).await;
    world.online(&kim).await;
    let mut uuids = Vec::new();
    for at in 0..10 {
        uuids.push(world.visitor(&format!("chat {at}")).await.conversation);
    }
    let epoch = world.app().agent(&world.admin, id(&kim)).await.unwrap().state.epoch;
    let claims = uuids.iter().map(|uuid| world.claim_at(*uuid, &kim, epoch));
    let outcomes = join_all(claims).await;
    let won = outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap() == Won).count();
    assert_eq!((won, world.load(&kim).await), (3, 3));
    world.assert_books().await;
}

async fn one_conversation_never_has_two_takers(engine: TestEngine) {
    let world = World::new(engine).await;
    let mut agents = Vec::new();
    for name in ["kim", "lee", "mia", "ned", "ola", "pia", "quy", "ria"] {
        let agent = world.agent(name).await;
        world.online(&agent).await;
        agents.push(agent);
    }
    for round in 0..muster_testkit::effort::rounds(5, 500) {
        let uuid = world.visitor(&format!("round {round}")).await.conversation;
        let takes = agents.iter().enumerate().map(|(at, agent)| {
            let world = &world;
            async move {
                if at % 2 == 0 {
                    return world.claim(uuid, agent).await.map(|outcome| outcome == Won);
                }
                match world.app().assign_agent(agent, uuid, id(agent), Some(None)).await {
                    Ok(()) => Ok(true),
                    Err(Error::Conflict(Entity::Conversation)) => Ok(false),
                    Err(error) => Err(error),
                }
            }
        });
        let won: usize = join_all(takes).await.into_iter().map(|won| usize::from(won.unwrap())).sum();
        assert_eq!(won, 1);
        world.assert_books().await;
    }
}

async fn disabling_and_claiming_at_once_leave_no_work_behind(engine: TestEngine) {
    let world = World::new(engine).await;
    for round in 0..muster_testkit::effort::rounds(5, 200) {
        let kim = world.agent(&format!("kim{round}")).await;
        world.online(&kim).await;
        let mut uuids = Vec::new();
        for at in 0..12 {
            uuids.push(world.visitor(&format!("chat {at}")).await.conversation);
        }
        let off = AgentPatch { enabled: Some(false), ..AgentPatch::default() };
        let epoch = world.app().agent(&world.admin, id(&kim)).await.unwrap().state.epoch;
        let claims = join_all(uuids.iter().map(|uuid| world.claim_at(*uuid, &kim, epoch)));
        let (claimed, disabled) = tokio::join!(claims, world.app().update_agent(&world.admin, id(&kim), off));
        disabled.unwrap();
        for (uuid, outcome) in uuids.into_iter().zip(claimed) {
            outcome.unwrap();
            assert_eq!(world.conversation(uuid).await.assignee, None);
        }
        world.assert_books().await;
    }
}

async fn decisions_are_chained_and_told(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let uuid = world.visitor("hello").await.conversation;
    let conversation = world.conversation(uuid).await.id;
    let told = world.app().routing(&kim, uuid).await.unwrap();
    let waiting = told.waiting.unwrap();
    assert!(told.decisions.is_empty() && told.intact);
    assert!(waiting.excluded.iter().any(|excluded| excluded.agent == id(&kim) && excluded.reason == Reason::Absent));
    let because = serde_json::to_value(&waiting).unwrap();
    let nobody = vec![(conversation, because.clone(), waiting.reasons.clone())];
    world.app().record_nobody(nobody).await.unwrap();
    assert_eq!(world.waiting(uuid).await.unwrap().last_reasons, Some(waiting.reasons));
    world.online(&kim).await;
    let epoch = world.app().agent(&world.admin, id(&kim)).await.unwrap().state.epoch;
    world.app().claim(conversation, id(&kim), epoch, because, 1).await.unwrap();
    let told = world.app().routing(&kim, uuid).await.unwrap();
    let outcomes: Vec<_> = told.decisions.iter().map(|decision| decision.outcome).collect();
    assert_eq!(outcomes, [DecisionOutcome::Nobody, DecisionOutcome::Assigned]);
    assert_eq!(told.decisions[1].agent_name.as_deref(), Some("kim"));
    assert!(told.intact && told.waiting.is_none() && !told.words.is_empty());
    let forged = world.app().store().write(|tx| {
        Box::pin(tx.execute(sql!("UPDATE decisions SET agent_id = 4711 WHERE outcome = 'assigned'"), &params![]))
    });
    assert_eq!(forged.await.unwrap(), 1);
    assert!(!world.app().routing(&kim, uuid).await.unwrap().intact);
}

async fn nobody_is_recorded_only_of_what_still_waits(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let uuid = world.visitor("hello").await.conversation;
    let conversation = world.conversation(uuid).await.id;
    world.app().assign_agent(&kim, uuid, id(&kim), None).await.unwrap();
    let before = world.desk.digest().await;
    let found = vec![(conversation, json!({}), [Reason::Absent].into_iter().collect())];
    world.app().record_nobody(found).await.unwrap();
    assert_eq!(world.desk.digest().await, before);
}

async fn a_human_take_beyond_capacity_is_refused_in_a_race_too(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent_with("kim", |new| new.extension.capacity = Some(Some(2))).await;
    let mut uuids = Vec::new();
    for at in 0..8 {
        uuids.push(world.visitor(&format!("chat {at}")).await.conversation);
    }
    let takes = uuids.iter().map(|uuid| world.app().assign_agent(&kim, *uuid, id(&kim), None));
    let (taken, refused): (Vec<_>, Vec<_>) = join_all(takes).await.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 2);
    for outcome in refused {
        assert_eq!(refusal(outcome), Refusal::AtCapacity(id(&kim)));
    }
    world.assert_books().await;
}

both_engines!(
    a_won_claim_is_assignment_decision_and_events_at_once,
    a_claim_is_judged_anew_under_its_locks,
    an_older_epoch_loses,
    an_exclusion_runs_out,
    many_claims_at_once_never_exceed_a_capacity,
    one_conversation_never_has_two_takers,
    disabling_and_claiming_at_once_leave_no_work_behind,
    decisions_are_chained_and_told,
    nobody_is_recorded_only_of_what_still_waits,
    a_human_take_beyond_capacity_is_refused_in_a_race_too,
);
