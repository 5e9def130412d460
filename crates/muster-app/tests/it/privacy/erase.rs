use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::privacy::Notes;
use muster_core::actor::Caller;
use muster_core::conversation::{CLOSED, SNOOZED};
use muster_core::permission::Permission;
use muster_core::{Entity, Error};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{contact_of, count, words_of};
use crate::conversations::World;

async fn work_on_an_erased_contacts_conversations_ends(engine: TestEngine) {
    let world = World::new(engine).await;
    let lee = world.agent("lee").await;
    world.online(&lee).await;
    let visitor = world.visitor("taken").await;
    world.claim(visitor.conversation, &lee).await.unwrap();
    let queued = world.start(Some(&visitor.token), "queued").await.unwrap().view.uuid;
    let parked = world.start(Some(&visitor.token), "parked").await.unwrap().view.uuid;
    let (snoozed, hour) = (StatusRef::Id(SNOOZED), Duration::from_secs(3600));
    world.app().set_status(&world.admin, parked, snoozed, Some(hour)).await.unwrap();
    let contact = contact_of(&visitor);
    assert_eq!((world.load(&lee).await, words_of(&world, contact).await), (1, [3, 3, 1]));

    world.app().erase_contact(&world.admin, contact).await.unwrap();
    assert_eq!((world.load(&lee).await, words_of(&world, contact).await), (0, [0, 0, 0]));
    for uuid in [visitor.conversation, queued, parked] {
        let conversation = world.conversation(uuid).await;
        assert_eq!((conversation.status, conversation.is_closed), (CLOSED, true));
        assert_eq!(world.events(uuid).await.last().map(String::as_str), Some("conversation.erased"));
        let refused = world.app().set_priority(&world.admin, uuid, None).await;
        assert!(matches!(refused, Err(Error::NotFound(Entity::Conversation))), "{refused:?}");
    }
    let held = world.conversation(visitor.conversation).await;
    assert!(held.assignee.is_some() && held.last_seq > 1, "who answered, and how much was said, stays");
    assert_eq!(count(&world, "SELECT COUNT(*) AS count FROM timers WHERE entity_kind = 'conversation'").await, 0);
    assert_eq!(count(&world, "SELECT COUNT(*) AS count FROM audit WHERE action = 'contact.erased'").await, 1);
    world.assert_books().await;
}

async fn nobody_is_erased_twice_or_without_the_right(engine: TestEngine) {
    let world = World::new(engine).await;
    let contact = contact_of(&world.visitor("Hello").await);
    let all_else: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|permission| *permission != Permission::PrivacyManage).collect();
    let curious = world.agent_who_may("curious", &all_else, &[]).await;
    for refused in [
        world.app().erase_contact(&curious, contact).await,
        world.app().export_contact(&curious, contact, Notes::Included).await.map(drop),
        world.app().contacts_by_email(&curious, "pat@example.com").await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Denied(Permission::PrivacyManage))), "{refused:?}");
    }
    world.app().erase_contact(&world.admin, contact).await.unwrap();
    for refused in [
        world.app().erase_contact(&world.admin, contact).await,
        world.app().export_contact(&world.admin, contact, Notes::Included).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::NotFound(Entity::Contact))), "{refused:?}");
    }
}

async fn the_desk_goes_on_beside_an_erasure(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let (inbox, kim) = (desk.inbox().await, desk.agent("kim").online().await);
    let (gone, other) = (desk.visitor(&inbox, "Forget me").await, desk.visitor(&inbox, "Hello").await);
    desk.quiet().await;
    assert_eq!(desk.profile(&kim).await.state.load, 2);
    desk.app.erase_contact(&Caller::operator(), gone.contact).await.unwrap();
    // The job that cleans the files is done, too.
    desk.quiet().await;
    assert_eq!(desk.profile(&kim).await.state.load, 1);
    let left = desk.app.visitor_conversation(&other.caller(), other.conversation).await.unwrap();
    assert_eq!(left.1[0].message.text, "Hello");
    let jobs = desk.app.store().read(|tx| {
        Box::pin(async move {
            let open = muster_store::sql!("SELECT COUNT(*) AS count FROM jobs WHERE done_at IS NULL");
            tx.query_one(open, &[]).await?.get::<i64>("count")
        })
    });
    assert_eq!(jobs.await.unwrap(), 0);
}

both_engines!(
    work_on_an_erased_contacts_conversations_ends,
    nobody_is_erased_twice_or_without_the_right,
    the_desk_goes_on_beside_an_erasure,
);
