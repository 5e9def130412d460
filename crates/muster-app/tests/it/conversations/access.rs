use muster_app::agents::AgentPatch;
use muster_app::conversations::{List, Listing};
use muster_core::access::{self, Scope};
use muster_core::actor::Caller;
use muster_core::conversation::{Order, OrderBy, Priority};
use muster_core::filter::Filter;
use muster_core::permission::Permission as P;
use muster_core::time::Zone;
use muster_core::view::{ConversationItem, Page, PageRequest};
use muster_core::{Error, Refusal};
use muster_store::conversations;
use muster_testkit::{TestEngine, both_engines};
use uuid::Uuid;

use super::{World, id, refusal};

const ALL: PageRequest = PageRequest { page: 1, size: 100 };

async fn list(
    world: &World,
    by: &Caller,
    list: List,
    page: PageRequest,
) -> muster_core::Result<Page<ConversationItem>> {
    let listing = Listing { page, order: Order::default(), filter: Filter::All(Vec::new()) };
    world.app().list_conversations(by, list, listing).await
}

/// All conversations in this order.
async fn ordered(world: &World, by: &Caller, order: Order) -> Page<ConversationItem> {
    let listing = Listing { page: ALL, order, filter: Filter::All(Vec::new()) };
    world.app().list_conversations(by, List::All, listing).await.unwrap()
}

fn uuids(page: &Page<ConversationItem>) -> Vec<Uuid> {
    page.items.iter().map(|item| item.uuid).collect()
}

/// Conversations in every constellation of team (none, Support, Sales) and assignee (none, Kim, Lee).
async fn constellations(world: &World, agents: &[&Caller; 2], teams: [muster_core::id::TeamId; 2]) -> Vec<Uuid> {
    let mut all = Vec::new();
    for team in [None, Some(teams[0]), Some(teams[1])] {
        for agent in [None, Some(agents[0]), Some(agents[1])] {
            let uuid = world.visitor("hello").await.conversation;
            world.app().assign_team(&world.admin, uuid, team).await.unwrap();
            if let Some(agent) = agent {
                world.app().assign_agent(&world.admin, uuid, id(agent), None).await.unwrap();
            }
            all.push(uuid);
        }
    }
    all
}

async fn lists_and_pages_show_exactly_what_the_rule_admits(engine: TestEngine) {
    let world = World::new(engine).await;
    let teams = [world.team("Support").await, world.team("Sales").await];
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let all = constellations(&world, &[&kim, &lee], teams).await;
    let sets: [&[P]; 8] = [
        &[P::ConversationsReadAll],
        &[P::ConversationsReadAssigned],
        &[P::ConversationsReadUnassigned],
        &[P::ConversationsReadTeamInbox],
        &[P::ConversationsReadTeamAll],
        &[P::ConversationsReadTeamInbox, P::ConversationsReadAssigned],
        &[P::ConversationsReadUnassigned, P::ConversationsReadTeamAll],
        &[],
    ];
    for (at, rights) in sets.into_iter().enumerate() {
        let rights: Vec<P> = rights.iter().copied().chain([P::ConversationsRead]).collect();
        let reader = world.agent_who_may(&format!("reader{at}"), &rights, &teams[..1]).await;
        let query = conversations::Query {
            list: conversations::List::All,
            scope: Scope::of(&reader.actor),
            filter: Filter::All(Vec::new()),
            zone: Zone::UTC,
            reader: None,
            page: ALL,
            order: Order::default(),
        };
        let page = world.app().store().read(move |tx| {
            let query = query.clone();
            Box::pin(async move { conversations::page(tx, &query).await })
        });
        let mut listed = uuids(&page.await.unwrap());
        listed.sort_unstable();
        let mut admitted = Vec::new();
        for uuid in &all {
            let conversation = world.conversation(*uuid).await;
            if access::may_read(&reader.actor, &conversation.subject()) {
                admitted.push(*uuid);
            }
            let opened = world.app().conversation(&reader, *uuid).await;
            assert_eq!(opened.is_ok(), admitted.contains(uuid), "{rights:?}");
        }
        admitted.sort_unstable();
        assert_eq!(listed, admitted, "{rights:?}");
    }
}

async fn each_list_needs_its_right(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let reader = world.agent_who_may("reader", &[P::ConversationsRead, P::ConversationsReadTeamInbox], &[]).await;
    for (wanted, right) in [
        (List::All, P::ConversationsReadAll),
        (List::Assigned, P::ConversationsReadAssigned),
        (List::Unassigned, P::ConversationsReadUnassigned),
    ] {
        let denied = list(&world, &reader, wanted, ALL).await.unwrap_err();
        assert!(matches!(denied, Error::Denied(missing) if missing == right), "{wanted:?}");
    }
    assert_eq!(refusal(list(&world, &reader, List::TeamUnassigned(team), ALL).await), Refusal::NotMember);
    let other = world.agent_who_may("other", &[P::ConversationsRead], &[team]).await;
    assert!(matches!(list(&world, &other, List::TeamUnassigned(team), ALL).await, Err(Error::Denied(_))));
}

async fn each_list_holds_its_own(engine: TestEngine) {
    let world = World::new(engine).await;
    let teams = [world.team("Support").await, world.team("Sales").await];
    let (kim, lee) = (world.agent_with("kim", |new| new.teams = vec![teams[0]]).await, world.agent("lee").await);
    let all = constellations(&world, &[&kim, &lee], teams).await;
    let newest_first = |picked: &[usize]| picked.iter().rev().map(|at| all[*at]).collect::<Vec<_>>();
    let listed = |wanted| {
        let (world, kim) = (&world, &kim);
        async move { uuids(&list(world, kim, wanted, ALL).await.unwrap()) }
    };
    assert_eq!(listed(List::All).await, newest_first(&[0, 1, 2, 3, 4, 5, 6, 7, 8]));
    assert_eq!(listed(List::Unassigned).await, newest_first(&[0]));
    assert_eq!(listed(List::Assigned).await, newest_first(&[1, 4, 7]));
    assert_eq!(listed(List::TeamUnassigned(teams[0])).await, newest_first(&[3]));
}

async fn the_total_is_right_on_every_page(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let mut all = Vec::new();
    for at in 0..5 {
        all.push(world.visitor(&format!("chat {at}")).await.conversation);
    }
    all.reverse();
    for (page, expected) in [(1, &all[..2]), (2, &all[2..4]), (3, &all[4..]), (9, &all[5..])] {
        let page = list(&world, &kim, List::Unassigned, PageRequest { page, size: 2 }).await.unwrap();
        assert_eq!((uuids(&page), page.total), (expected.to_vec(), 5));
    }
}

async fn lists_are_ordered_by_every_column(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let mut all = Vec::new();
    for rank in [None, Some(2), Some(1)] {
        let uuid = world.visitor("hello").await.conversation;
        let priority = rank.and_then(Priority::from_rank);
        world.app().set_priority(&kim, uuid, priority).await.unwrap();
        all.push(uuid);
    }
    for by in OrderBy::ALL.iter().copied() {
        for descending in [true, false] {
            let order = Order { by, descending };
            let page = ordered(&world, &kim, order).await;
            assert_eq!(page.items.len(), 3, "{order:?}");
        }
    }
    let by_priority = |descending| Order { by: OrderBy::Priority, descending };
    let rising = uuids(&ordered(&world, &kim, by_priority(false)).await);
    assert_eq!(rising, [all[2], all[1], all[0]], "without a value last");
}

async fn the_mark_counts_what_is_unread(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let visitor = world.visitor("one").await;
    let unread = || async { list(&world, &kim, List::All, ALL).await.unwrap().items[0].unread };
    assert_eq!(unread().await, 1);
    world.app().mark_seen(&kim, visitor.conversation).await.unwrap();
    assert_eq!(unread().await, 0);
    world.app().visitor_send(&visitor.caller, visitor.conversation, "two", None).await.unwrap();
    world.app().assign_agent(&kim, visitor.conversation, id(&kim), None).await.unwrap();
    assert_eq!(unread().await, 2, "the message and the activity");
    let item = &list(&world, &kim, List::All, ALL).await.unwrap().items[0];
    let last = item.last_message.as_ref().unwrap();
    assert_eq!((last.text.as_str(), item.status_name.as_str(), item.inbox_name.as_str()), ("two", "Open", "Website"));
}

async fn a_page_shows_others_of_the_contact_that_one_may_read(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("one").await;
    let second = world.start(Some(&visitor.token), "two").await.unwrap().view.uuid;
    let view = world.app().conversation(&world.admin, second).await.unwrap();
    let previous = view.previous.unwrap();
    assert_eq!(previous.iter().map(|item| item.uuid).collect::<Vec<_>>(), [visitor.conversation]);
    let lee =
        world.agent_who_may("lee", &[P::ConversationsRead, P::ConversationsReadAssigned, P::MessagesWrite], &[]).await;
    world.app().assign_agent(&world.admin, second, id(&lee), None).await.unwrap();
    let view = world.app().conversation(&lee, second).await.unwrap();
    assert_eq!(view.previous, Some(Vec::new()));
}

async fn a_teams_manager_may_assign_within_it(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let kim = world.agent("kim").await;
    let lead = world.agent_who_may("lead", &[P::ConversationsRead], &[team]).await;
    let uuid = world.visitor("hello").await.conversation;
    world.app().assign_team(&world.admin, uuid, Some(team)).await.unwrap();
    let denied = world.app().assign_agent(&lead, uuid, id(&kim), None).await.unwrap_err();
    assert!(matches!(denied, Error::Denied(P::ConversationsUpdateUserAssignee)));
    let role = muster_app::agents::MembershipPatch {
        team,
        role: Some(muster_core::agent::MembershipRole::Manager),
        capacity: None,
        order: None,
    };
    let mut patch = AgentPatch::default();
    patch.extension.memberships = Some(vec![role]);
    let profile = world.app().update_agent(&world.admin, id(&lead), patch).await.unwrap();
    let actor = muster_core::actor::Actor::Agent(muster_core::actor::AgentActor::from(&profile));
    let lead = Caller { actor, ..lead };
    world.app().assign_agent(&lead, uuid, id(&kim), None).await.unwrap();
}

both_engines!(
    lists_and_pages_show_exactly_what_the_rule_admits,
    each_list_needs_its_right,
    each_list_holds_its_own,
    the_total_is_right_on_every_page,
    lists_are_ordered_by_every_column,
    the_mark_counts_what_is_unread,
    a_page_shows_others_of_the_contact_that_one_may_read,
    a_teams_manager_may_assign_within_it,
);
