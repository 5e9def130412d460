//! Filters of lists: whatever is asked, both engines find what a plain look at each conversation finds.

use std::collections::BTreeMap;

use muster_app::conversations::{List, Listing};
use muster_core::actor::Caller;
use muster_core::conversation::{Conversation, Order};
use muster_core::filter::{Filter, IdField, IdTest, Moment, TagTest, Test, TextField, TextTest, TimeField, TimeTest};
use muster_core::id::TagId;
use muster_core::time::{Day, Timestamp, Zone};
use muster_core::view::PageRequest;
use muster_core::{Error, Why};
use muster_store::{params, sql};
use muster_testkit::{TestEngine, both_engines};
use uuid::Uuid;

use super::World;

const HOUR: i64 = 3_600_000;
/// 2026-01-06, midnight.
const MIDNIGHT: i64 = 1_767_657_600_000;

/// A conversation and what a filter looks at beside its row.
struct Facts {
    conversation: Conversation,
    email: Option<String>,
    external_id: Option<String>,
    status_name: &'static str,
    tags: Vec<i64>,
}

/// What is written over the row of one conversation.
struct Shape {
    status: i64,
    priority: Option<i64>,
    team: Option<i64>,
    at: Option<i64>,
    sender: Option<&'static str>,
    email: Option<&'static str>,
    tags: &'static [i64],
}

const STATUSES: [&str; 4] = ["Open", "Snoozed", "Resolved", "Closed"];

fn shapes() -> Vec<Shape> {
    let emails = [None, Some("pat@example.org"), Some("Kim_100%@Example.com"), Some("\u{e4}rger@example.org")];
    let tags: [&[i64]; 4] = [&[], &[1], &[2], &[1, 2]];
    (0..12_u8)
        .map(|at| {
            let (step, index) = (i64::from(at), usize::from(at));
            Shape {
                status: step % 4 + 1,
                priority: (at % 3 > 0).then_some(step % 3),
                team: (at % 2 > 0).then_some(step % 4 / 2 + 1),
                at: (at % 5 > 0).then_some(MIDNIGHT + (step - 6) * 6 * HOUR),
                sender: [None, Some("agent"), Some("contact")][index % 3],
                email: emails[index / 2 % 4],
                tags: tags[(index + index / 4) % 4],
            }
        })
        .collect()
}

async fn filled(world: &World) -> Vec<Facts> {
    world.team("Support").await;
    world.team("Sales").await;
    let mut all = Vec::new();
    for (at, shape) in shapes().into_iter().enumerate() {
        let uuid = world.visitor("hello").await.conversation;
        write(world, uuid, at, &shape).await;
        all.push(Facts {
            conversation: world.conversation(uuid).await,
            email: shape.email.map(str::to_owned),
            external_id: at.is_multiple_of(2).then(|| format!("Ext-{at}")),
            status_name: STATUSES[usize::try_from(shape.status).unwrap() - 1],
            tags: shape.tags.to_vec(),
        });
    }
    all
}

async fn write(world: &World, uuid: Uuid, at: usize, shape: &Shape) {
    let external_id = at.is_multiple_of(2).then(|| format!("Ext-{at}"));
    let interaction = shape.at.zip(shape.sender);
    let (at, sender) = (interaction.map(|(at, _)| at), interaction.map(|(_, sender)| sender));
    let row = params![shape.status, shape.priority, shape.team, shape.at, at, sender, sender.map(|_| "hello"), uuid];
    let (email, tags) = (shape.email, shape.tags);
    let written = world.app().store().write(move |tx| {
        let (row, contact) = (row.clone(), params![email, external_id.as_ref(), uuid]);
        Box::pin(async move {
            let update = sql!(
                "UPDATE conversations SET status_id = $1, priority = $2, team_id = $3, waiting_since = $4,
                   last_interaction_at = $5, last_interaction_sender = $6, last_interaction = $7 WHERE uuid = $8"
            );
            tx.execute(update, &row).await?;
            let update = sql!(
                "UPDATE contacts SET email = $1, external_id = $2
                 WHERE id = (SELECT contact_id FROM conversations WHERE uuid = $3)"
            );
            tx.execute(update, &contact).await?;
            for tag in tags {
                let insert = sql!(
                    "INSERT INTO tags (id, name, name_key, created_at, updated_at, version)
                     VALUES ($1, $2, $2, 0, 0, 1) ON CONFLICT DO NOTHING"
                );
                tx.execute(insert, &params![*tag, format!("tag {tag}")]).await?;
                let insert = sql!(
                    "INSERT INTO conversation_tags (conversation_id, tag_id)
                     SELECT id, $1 FROM conversations WHERE uuid = $2"
                );
                tx.execute(insert, &params![*tag, uuid]).await?;
            }
            Ok(())
        })
    });
    written.await.unwrap();
}

fn holds(filter: &Filter, facts: &Facts) -> bool {
    match filter {
        Filter::All(rules) => rules.iter().all(|rule| holds(rule, facts)),
        Filter::Any(rules) => rules.iter().any(|rule| holds(rule, facts)),
        Filter::Test(Test::Id(field, test)) => id_holds(test, id_of(*field, facts)),
        Filter::Test(Test::Time(field, test)) => time_holds(test, time_of(*field, facts)),
        Filter::Test(Test::Text(field, test)) => text_holds(test, text_of(*field, facts)),
        Filter::Test(Test::Tags(test)) => match test {
            TagTest::Has(tags) => tags.iter().any(|tag| facts.tags.contains(&tag.0)),
            TagTest::Lacks(tags) => !tags.iter().any(|tag| facts.tags.contains(&tag.0)),
            TagTest::Set => !facts.tags.is_empty(),
            TagTest::NotSet => facts.tags.is_empty(),
        },
    }
}

fn id_of(field: IdField, facts: &Facts) -> Option<i64> {
    let conversation = &facts.conversation;
    match field {
        IdField::Status => Some(conversation.status.0),
        IdField::Priority => conversation.priority.map(muster_core::conversation::Priority::rank),
        IdField::Team => conversation.team.map(|team| team.0),
        IdField::Assignee => conversation.assignee.map(|agent| agent.0),
        IdField::Inbox => Some(conversation.inbox.0),
        IdField::SlaPolicy => conversation.sla_policy,
    }
}

fn time_of(field: TimeField, facts: &Facts) -> Option<Timestamp> {
    let conversation = &facts.conversation;
    match field {
        TimeField::LastMessageAt => conversation.last_message.as_ref().map(|last| last.at),
        TimeField::LastInteractionAt => conversation.last_interaction.as_ref().map(|last| last.at),
        TimeField::CreatedAt => Some(conversation.created_at),
        TimeField::WaitingSince => conversation.waiting_since,
        TimeField::SnoozedUntil => conversation.snoozed_until,
        TimeField::Deadline => None,
    }
}

fn text_of(field: TextField, facts: &Facts) -> Option<&str> {
    match field {
        TextField::LastInteractionSender => {
            facts.conversation.last_interaction.as_ref().map(|last| last.sender.as_str())
        }
        TextField::StatusName => Some(facts.status_name),
        TextField::ContactEmail => facts.email.as_deref(),
        TextField::ContactExternalId => facts.external_id.as_deref(),
        TextField::Medium => Some(facts.conversation.medium.as_str()),
    }
}

fn id_holds(test: &IdTest, value: Option<i64>) -> bool {
    match test {
        IdTest::Is(wanted) => value == Some(*wanted),
        IdTest::IsNot(unwanted) => value != Some(*unwanted),
        IdTest::Above(bound) => value.is_some_and(|value| value > *bound),
        IdTest::Below(bound) => value.is_some_and(|value| value < *bound),
        IdTest::Between(low, high) => value.is_some_and(|value| (*low..=*high).contains(&value)),
        IdTest::In(wanted) => value.is_some_and(|value| wanted.contains(&value)),
        IdTest::Set => value.is_some(),
        IdTest::NotSet => value.is_none(),
    }
}

fn time_holds(test: &TimeTest, value: Option<Timestamp>) -> bool {
    let start = |moment: &Moment| moment.span(&Zone::UTC).0;
    let end = |moment: &Moment| moment.span(&Zone::UTC).1;
    match test {
        TimeTest::Is(moment) => value.is_some_and(|at| at >= start(moment) && at < end(moment)),
        TimeTest::IsNot(moment) => !value.is_some_and(|at| at >= start(moment) && at < end(moment)),
        TimeTest::After(moment) => value.is_some_and(|at| at >= end(moment)),
        TimeTest::Before(moment) => value.is_some_and(|at| at < start(moment)),
        TimeTest::Between(first, last) => value.is_some_and(|at| at >= start(first) && at < end(last)),
        TimeTest::Set => value.is_some(),
        TimeTest::NotSet => value.is_none(),
    }
}

fn text_holds(test: &TextTest, value: Option<&str>) -> bool {
    let has = |part: &str| value.is_some_and(|text| text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()));
    match test {
        TextTest::Is(wanted) => value == Some(wanted),
        TextTest::IsNot(unwanted) => value != Some(unwanted),
        TextTest::In(wanted) => value.is_some_and(|value| wanted.iter().any(|one| one == value)),
        TextTest::Contains(part) => has(part),
        TextTest::Lacks(part) => !has(part),
        TextTest::Set => value.is_some(),
        TextTest::NotSet => value.is_none(),
    }
}

/// Every test that there is, of every field.
fn every_test() -> Vec<Filter> {
    let mut tests = Vec::new();
    for field in IdField::ALL.iter().copied() {
        for test in [
            IdTest::Is(1),
            IdTest::IsNot(1),
            IdTest::Above(1),
            IdTest::Below(2),
            IdTest::Between(2, 3),
            IdTest::In(vec![1, 3, 9]),
            IdTest::Set,
            IdTest::NotSet,
        ] {
            tests.push(Test::Id(field, test));
        }
    }
    let day = Moment::On(Day::parse("2026-01-06").unwrap());
    let instant = Moment::At(Timestamp::from_millis(MIDNIGHT + 6 * HOUR));
    for field in TimeField::ALL.iter().copied() {
        for moment in [day, instant] {
            tests.push(Test::Time(field, TimeTest::Is(moment)));
            tests.push(Test::Time(field, TimeTest::IsNot(moment)));
            tests.push(Test::Time(field, TimeTest::After(moment)));
            tests.push(Test::Time(field, TimeTest::Before(moment)));
            tests.push(Test::Time(field, TimeTest::Between(moment, instant)));
        }
        tests.extend([TimeTest::Set, TimeTest::NotSet].map(|test| Test::Time(field, test)));
    }
    for field in TextField::ALL.iter().copied() {
        for text in
            ["agent", "Open", "pat@example.org", "EXAMPLE", "_100%", "a%b", "\\", "\u{c4}RGER", "ext-1", "chat", ""]
        {
            tests.push(Test::Text(field, TextTest::Is(text.to_owned())));
            tests.push(Test::Text(field, TextTest::IsNot(text.to_owned())));
            tests.push(Test::Text(field, TextTest::Contains(text.to_owned())));
            tests.push(Test::Text(field, TextTest::Lacks(text.to_owned())));
            tests.push(Test::Text(field, TextTest::In(vec!["Closed".to_owned(), text.to_owned()])));
        }
        tests.extend([TextTest::Set, TextTest::NotSet].map(|test| Test::Text(field, test)));
    }
    let tags = |ids: &[i64]| ids.iter().copied().map(TagId).collect();
    tests.extend(
        [TagTest::Has(tags(&[1, 9])), TagTest::Lacks(tags(&[1, 9])), TagTest::Set, TagTest::NotSet].map(Test::Tags),
    );
    tests.into_iter().map(Filter::Test).collect()
}

async fn found(world: &World, by: &Caller, filter: Filter) -> Vec<Uuid> {
    let listing = Listing { page: PageRequest { page: 1, size: 100 }, order: Order::default(), filter };
    let page = world.app().list_conversations(by, List::All, listing).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.items.len()).unwrap());
    let mut found: Vec<Uuid> = page.items.iter().map(|item| item.uuid).collect();
    found.sort_unstable();
    found
}

fn expected(all: &[Facts], filter: &Filter) -> Vec<Uuid> {
    let mut expected: Vec<Uuid> =
        all.iter().filter(|facts| holds(filter, facts)).map(|facts| facts.conversation.uuid).collect();
    expected.sort_unstable();
    expected
}

async fn every_test_finds_what_a_plain_look_finds(engine: TestEngine) {
    let world = World::new(engine).await;
    let all = filled(&world).await;
    let tests = every_test();
    assert!(tests.len() > 300);
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for test in &tests {
        let found = found(&world, &world.admin, test.clone()).await;
        assert_eq!(found, expected(&all, test), "{test:?}");
        *sizes.entry(found.len()).or_default() += 1;
    }
    assert!(sizes.len() > 6, "the tests tell conversations apart: {sizes:?}");
}

async fn tests_in_groups_find_what_a_plain_look_finds(engine: TestEngine) {
    let world = World::new(engine).await;
    let all = filled(&world).await;
    let tests = every_test();
    for (at, pair) in tests.windows(2).enumerate().step_by(5) {
        let other = tests[(at * 7 + 13) % tests.len()].clone();
        for filter in [
            Filter::All(vec![pair[0].clone(), other.clone()]),
            Filter::Any(vec![pair[0].clone(), Filter::All(vec![pair[1].clone(), other.clone()])]),
            Filter::All(vec![pair[1].clone(), Filter::Any(vec![pair[0].clone(), Filter::All(vec![other.clone()])])]),
        ] {
            assert_eq!(found(&world, &world.admin, filter.clone()).await, expected(&all, &filter), "{filter:?}");
        }
    }
    assert!(found(&world, &world.admin, Filter::Any(Vec::new())).await.is_empty());
}

async fn a_filter_opens_nothing_that_may_not_be_read(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let [mine, other] = [world.visitor("one").await.conversation, world.visitor("two").await.conversation];
    world.app().assign_agent(&world.admin, mine, super::id(&kim), None).await.unwrap();
    world.app().assign_agent(&world.admin, other, super::id(&lee), None).await.unwrap();
    let filter = Filter::Any(vec![
        Filter::Test(Test::Id(IdField::Assignee, IdTest::Is(super::id(&lee).0))),
        Filter::Test(Test::Id(IdField::Assignee, IdTest::Set)),
    ]);
    let listing = Listing { page: PageRequest { page: 1, size: 9 }, order: Order::default(), filter };
    let page = world.app().list_conversations(&kim, List::Assigned, listing).await.unwrap();
    assert_eq!((page.items.iter().map(|item| item.uuid).collect::<Vec<_>>(), page.total), (vec![mine], 1));
}

async fn a_filter_out_of_bounds_is_refused(engine: TestEngine) {
    let world = World::new(engine).await;
    let test = Filter::Test(Test::Tags(TagTest::Set));
    let filter = Filter::All(vec![Filter::Any(vec![test]); 11]);
    let listing = Listing { page: PageRequest { page: 1, size: 9 }, order: Order::default(), filter };
    let refused = world.app().list_conversations(&world.admin, List::All, listing).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "filters", why: Why::OutOfRange }), "{refused:?}");
}

both_engines!(
    every_test_finds_what_a_plain_look_finds,
    tests_in_groups_find_what_a_plain_look_finds,
    a_filter_opens_nothing_that_may_not_be_read,
    a_filter_out_of_bounds_is_refused,
);
