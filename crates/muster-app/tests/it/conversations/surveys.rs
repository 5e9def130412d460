//! Asking customers how it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_app::conversations::StatusRef;
use muster_app::inboxes::InboxPatch;
use muster_core::conversation::{OPEN, RESOLVED};
use muster_core::survey::{Answer, Survey};
use muster_core::{Entity, Error};
use muster_store::surveys;
use muster_testkit::{TestEngine, both_engines};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{World, origin};

/// A desk whose chat asks.
async fn asking(engine: TestEngine) -> World {
    let world = World::new(engine).await;
    let asks = InboxPatch { csat_enabled: Some(true), ..InboxPatch::default() };
    world.app().update_inbox(&world.admin, world.inbox.id, asks).await.unwrap();
    world
}

async fn survey_of(world: &World, conversation: Uuid) -> Option<Survey> {
    let id = world.conversation(conversation).await.id;
    world.app().store().read(move |tx| Box::pin(surveys::find_of(tx, id))).await.unwrap()
}

fn answer(rating: i64) -> Answer {
    Answer::checked(rating, "Fine", BTreeMap::new()).unwrap()
}

async fn a_customer_is_asked_in_the_transaction_that_resolves(engine: TestEngine) {
    let world = asking(engine).await;
    let visitor = world.visitor("hello").await;
    world.app().set_status(&world.admin, visitor.conversation, StatusRef::Id(RESOLVED), None).await.unwrap();
    let events = world.events(visitor.conversation).await;
    let last =
        ["conversation.status_changed", "conversation.resolved", "message.activity", "message.sent", "csat.requested"];
    assert_eq!(events[events.len() - 5..], last);
    let survey = survey_of(&world, visitor.conversation).await.unwrap();
    assert_eq!((survey.rating, survey.responded_at), (None, None));
    let (view, thread) = world.app().visitor_conversation(&visitor.caller, visitor.conversation).await.unwrap();
    assert_eq!((view.unread, thread[1].survey.as_ref()), (1, Some(&survey)));

    for status in [OPEN, RESOLVED] {
        world.app().set_status(&world.admin, visitor.conversation, StatusRef::Id(status), None).await.unwrap();
    }
    assert_eq!(survey_of(&world, visitor.conversation).await, Some(survey));
    let asked = world.events(visitor.conversation).await.into_iter().filter(|name| name == "csat.requested");
    assert_eq!(asked.count(), 1);
}

async fn one_of_many_answers_counts(engine: TestEngine) {
    let world = Arc::new(asking(engine).await);
    let visitor = world.visitor("hello").await;
    world.app().set_status(&world.admin, visitor.conversation, StatusRef::Id(RESOLVED), None).await.unwrap();
    let uuid = survey_of(&world, visitor.conversation).await.unwrap().uuid;
    let mut answers = JoinSet::new();
    for rating in 1..=5 {
        let world = Arc::clone(&world);
        answers.spawn(async move { world.app().answer_survey(&origin(), uuid, answer(rating)).await });
    }
    let (taken, refused): (Vec<_>, Vec<_>) = answers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(taken.len(), 1);
    assert!(refused.iter().all(|refused| matches!(refused, Err(Error::Conflict(Entity::Survey)))), "{refused:?}");
    let events = world.events(visitor.conversation).await;
    assert_eq!(events.last().unwrap(), "csat.answered");
    let view = world.app().conversation(&world.admin, visitor.conversation).await.unwrap();
    assert_eq!(view.survey.unwrap().feedback.as_deref(), Some("Fine"));
}

async fn an_erasure_keeps_the_rating_and_no_word(engine: TestEngine) {
    let world = asking(engine).await;
    let visitor = world.visitor("hello").await;
    world.app().set_status(&world.admin, visitor.conversation, StatusRef::Id(RESOLVED), None).await.unwrap();
    let uuid = survey_of(&world, visitor.conversation).await.unwrap().uuid;
    let fields = BTreeMap::from([("reason".to_owned(), "slow".to_owned())]);
    let said = Answer { fields, ..answer(2) };
    world.app().answer_survey(&origin(), uuid, said).await.unwrap();
    let contact = world.conversation(visitor.conversation).await.contact;
    world.app().erase_contact(&world.admin, contact).await.unwrap();
    let left = survey_of(&world, visitor.conversation).await.unwrap();
    assert_eq!((left.rating, left.feedback, left.fields.len()), (Some(2), None, 0));
    let late = world.app().answer_survey(&origin(), uuid, answer(1)).await;
    assert!(matches!(late, Err(Error::NotFound(Entity::Survey))), "{late:?}");
}

both_engines!(
    a_customer_is_asked_in_the_transaction_that_resolves,
    one_of_many_answers_counts,
    an_erasure_keeps_the_rating_and_no_word,
);
