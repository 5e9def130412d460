//! The list of conversations that mention somebody.

use muster_app::conversations::{List, Listing};
use muster_core::actor::Caller;
use muster_core::conversation::Order;
use muster_core::filter::Filter;
use muster_core::id::TeamId;
use muster_core::permission::Permission as P;
use muster_core::view::{ConversationItem, Page, PageRequest};
use muster_store::{params, sql};
use muster_testkit::{TestEngine, both_engines};
use uuid::Uuid;

use super::{World, id};

/// Has the first message of a conversation mention an agent, a team or both.
async fn mention(world: &World, conversation: Uuid, agent: Option<&Caller>, team: Option<TeamId>) -> Uuid {
    let uuid = world.app().store().write({
        let (agent, conversation) = (agent.map(id), world.conversation(conversation).await.id);
        move |tx| {
            Box::pin(async move {
                let latest = sql!("SELECT id, uuid FROM messages WHERE conversation_id = $1 ORDER BY seq LIMIT 1");
                let row = tx.query_one(latest, &params![conversation]).await?;
                let insert = sql!(
                    "INSERT INTO mentions (message_id, conversation_id, agent_id, team_id, created_at)
                     VALUES ($1, $2, $3, $4, 0)"
                );
                let message: i64 = row.get("id")?;
                tx.execute(insert, &params![message, conversation, agent, team]).await?;
                row.get("uuid")
            })
        }
    });
    uuid.await.unwrap()
}

async fn mentioned(world: &World, by: &Caller) -> Page<ConversationItem> {
    let page = PageRequest { page: 1, size: 9 };
    let listing = Listing { page, order: Order::default(), filter: Filter::All(Vec::new()) };
    world.app().list_conversations(by, List::Mentioned, listing).await.unwrap()
}

fn shown(page: &Page<ConversationItem>) -> Vec<(Uuid, Option<Uuid>)> {
    page.items.iter().map(|item| (item.uuid, item.mentioned_in)).collect()
}

async fn who_is_mentioned_sees_where(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let kim = world.agent_with("kim", |new| new.teams = vec![team]).await;
    let lee = world.agent("lee").await;
    let [of_kim, of_team, of_lee] = [
        world.visitor("one").await.conversation,
        world.visitor("two").await.conversation,
        world.visitor("three").await.conversation,
    ];
    let first = mention(&world, of_kim, Some(&kim), None).await;
    let second = mention(&world, of_team, None, Some(team)).await;
    mention(&world, of_team, None, Some(team)).await;
    let third = mention(&world, of_lee, Some(&lee), None).await;
    let page = mentioned(&world, &kim).await;
    assert_eq!((shown(&page), page.total), (vec![(of_team, Some(second)), (of_kim, Some(first))], 2));
    assert_eq!(shown(&mentioned(&world, &lee).await), [(of_lee, Some(third))]);
    assert_eq!(shown(&mentioned(&world, &world.admin).await), []);
}

async fn a_mention_opens_nothing(engine: TestEngine) {
    let world = World::new(engine).await;
    let rights = [P::ConversationsRead, P::ConversationsReadAssigned];
    let reader = world.agent_who_may("reader", &rights, &[]).await;
    let conversation = world.visitor("one").await.conversation;
    mention(&world, conversation, Some(&reader), None).await;
    let page = mentioned(&world, &reader).await;
    assert_eq!((page.items.len(), page.total), (0, 0));
}

both_engines!(who_is_mentioned_sees_where, a_mention_opens_nothing);
