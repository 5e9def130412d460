//! Visitors who turn out to be known contacts.

use std::sync::Arc;

use muster_app::contacts::ContactPatch;
use muster_app::media::Upload;
use muster_core::actor::{Actor, Caller};
use muster_core::contact::{Contact, ContactKind};
use muster_core::media::UploadRules;
use muster_core::{Error, Refusal};
use muster_store::{contacts, params, sql};
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};
use serde_json::json;
use tokio::task::JoinSet;

use super::{Visitor, World, caller, origin};

/// Somebody the page's owner vouches for.
async fn known(world: &World, external_id: &str) -> (Caller, Contact) {
    let ends = world.desk.now().as_millis() / 1000 + 3600;
    let claims = json!({ "external_user_id": external_id, "email": "mia@example.org", "first_name": "Mia",
                         "exp": ends });
    let token = world.desk.vouch(&world.inbox, &claims).await;
    let identified = world.app().identify_visitor(&origin(), world.inbox.uuid, &token).await.unwrap();
    let contact = identified.contact;
    (caller(Actor::Visitor { contact: contact.id, inbox: world.inbox.id }), contact)
}

fn contact_of(visitor: &Visitor) -> muster_core::id::ContactId {
    let Actor::Visitor { contact, .. } = visitor.caller.actor else { panic!("a visitor") };
    contact
}

/// How many rows still name this contact.
async fn rows_of(world: &World, contact: muster_core::id::ContactId) -> i64 {
    let counted = world.app().store().read(move |tx| {
        Box::pin(async move {
            let count = sql!(
                "SELECT (SELECT COUNT(*) FROM contacts WHERE id = $1)
                      + (SELECT COUNT(*) FROM conversations WHERE contact_id = $1)
                      + (SELECT COUNT(*) FROM messages WHERE author_kind = 'contact' AND author_id = $1)
                      + (SELECT COUNT(*) FROM visitor_sessions WHERE contact_id = $1)
                      + (SELECT COUNT(*) FROM identities WHERE contact_id = $1)
                      + (SELECT COUNT(*) FROM contact_notes WHERE contact_id = $1)
                      + (SELECT COUNT(*) FROM media WHERE owner_kind = 'contact' AND owner_id = $1)
                      + (SELECT COUNT(*) FROM media WHERE uploader_kind = 'contact' AND uploader_id = $1)
                      + (SELECT COUNT(*) FROM extras WHERE kind = 'contact' AND id = $1)
                      + (SELECT COUNT(*) FROM timers WHERE entity_kind = 'contact' AND entity_id = $1) AS count"
            );
            tx.query_one(count, &params![contact]).await?.get("count")
        })
    });
    counted.await.unwrap()
}

async fn upload(world: &World, filename: &str, bytes: &[u8]) -> Upload {
    let mut spool = world.app().begin_upload(UploadRules::default()).await.unwrap();
    spool.write(bytes).await.unwrap();
    Upload { spool, filename: filename.to_owned(), is_inline: false }
}

/// An image of one pixel, as GIF.
const DOT: &[u8] = b"GIF89a\x01\0\x01\0\x80\x01\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0\x3b";

/// What a desk may keep about a visitor beside what they wrote: a file of theirs, a picture of them, a note, a way of
/// being known, what a dialect remembers, and something to be done later.
async fn is_kept_about(world: &World, visitor: &Visitor) {
    let from = contact_of(visitor);
    let file = upload(world, "words.txt", b"words").await;
    world.app().visitor_upload(&visitor.caller, visitor.conversation, file).await.unwrap();
    let picture = Some(upload(world, "mia.gif", DOT).await);
    let patch = ContactPatch { first_name: "Mia".into(), email: "mia@example.org".into(), ..ContactPatch::default() };
    world.app().update_contact(&world.admin, from, patch, picture).await.unwrap();
    world.app().note_contact(&world.admin, from, "<p>Likes lamps</p>").await.unwrap();
    let written = world.app().store().write(move |tx| {
        Box::pin(async move {
            for statement in [
                sql!("INSERT INTO identities (public_id, contact_id, kind, value, created_at) VALUES ('i', $1, 'phone', '1', 0)"),
                sql!("INSERT INTO extras (kind, id, dialect, json) VALUES ('contact', $1, 'x', '{}')"),
                sql!("INSERT INTO timers (due_at, name, entity_kind, entity_id) VALUES (0, 'x', 'contact', $1)"),
            ] {
                tx.execute(statement, &params![from]).await?;
            }
            Ok(())
        })
    });
    written.await.unwrap();
}

async fn everything_of_a_visitor_becomes_the_contacts(engine: TestEngine) {
    let world = World::with_config(engine, json!({"features": {"file_upload": true}})).await;
    let visitor = world.visitor("hello").await;
    world.start(Some(&visitor.token), "again").await.unwrap();
    is_kept_about(&world, &visitor).await;
    let from = contact_of(&visitor);
    // The contact, two conversations, three messages, the session, and each of what is kept.
    assert_eq!(rows_of(&world, from).await, 13);
    let (mia, contact) = known(&world, "u-1").await;
    assert_eq!((contact.kind, contact.external_id.as_deref()), (ContactKind::Contact, Some("u-1")));
    let before = world.conversation(visitor.conversation).await;
    assert!(world.app().merge_visitor(&mia, &visitor.token).await.unwrap());
    let after = world.conversation(visitor.conversation).await;
    assert_eq!((after.contact, after.version, after.number), (contact.id, before.version + 1, before.number));
    assert_eq!(world.app().visitor_conversations(&mia).await.unwrap().len(), 2);
    assert_eq!(rows_of(&world, from).await, 0);
    let notes = world.app().contact_notes(&world.admin, contact.id).await.unwrap();
    assert_eq!(notes.iter().map(|note| note.note.note.as_str()).collect::<Vec<_>>(), ["<p>Likes lamps</p>"]);
    // The contact, two conversations, three messages, the session, the file, the note, the way of being known.
    assert_eq!(rows_of(&world, contact.id).await, 10);
    let told = world.app().store().read(move |tx| {
        Box::pin(async move {
            let select = sql!(
                "SELECT (SELECT COUNT(*) FROM events WHERE name = 'contact.merged' AND aggregate_id = $1)
                      + (SELECT COUNT(*) FROM audit WHERE action = 'contact.merged' AND entity_id = $1) AS count"
            );
            tx.query_one(select, &params![from]).await?.get::<i64>("count")
        })
    });
    assert_eq!(told.await.unwrap(), 2);
    assert!(world.app().merge_visitor(&mia, &visitor.token).await.unwrap(), "spent");
    let sent = world.app().visitor_send(&visitor.caller, visitor.conversation, "x", None).await;
    assert!(matches!(sent, Err(Error::Refused(Refusal::NoAccess))), "{sent:?}");
    world.assert_books().await;
}

async fn only_verified_contacts_take_visitors_over(engine: TestEngine) {
    let world = World::new(engine).await;
    let (mia, ned) = (world.visitor("one").await, world.visitor("two").await);
    let before = world.desk.digest().await;
    assert!(!world.app().merge_visitor(&mia.caller, &ned.token).await.unwrap());
    assert!(matches!(world.app().merge_visitor(&world.admin, &ned.token).await, Err(Error::Unauthenticated)));
    assert_eq!(world.desk.digest().await, before);
}

async fn a_merged_contact_is_erased_with_all_they_wrote(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("hello").await;
    let (mia, contact) = known(&world, "u-1").await;
    world.app().merge_visitor(&mia, &visitor.token).await.unwrap();
    world.app().erase_contact(&world.admin, contact.id).await.unwrap();
    let words = world.app().store().read(|tx| {
        Box::pin(async move {
            let count = sql!("SELECT COUNT(*) AS count FROM messages WHERE text <> ''");
            tx.query_one(count, &[]).await?.get::<i64>("count")
        })
    });
    assert_eq!(words.await.unwrap(), 0);
}

/// Whatever was acknowledged is there afterwards, and the contact's.
async fn nothing_acknowledged_is_lost_in_a_merge(engine: TestEngine) {
    let world = Arc::new(World::new(engine).await);
    let (mia, contact) = known(&world, "u-1").await;
    for round in 0..rounds(6, 100) {
        let visitor = Arc::new(world.visitor(&format!("Hello {round}")).await);
        let from = contact_of(&visitor);
        let mut writers = JoinSet::new();
        for number in 0..3 {
            let (world, visitor) = (Arc::clone(&world), Arc::clone(&visitor));
            writers.spawn(async move {
                let sent = world.app().visitor_send(&visitor.caller, visitor.conversation, "And", None).await;
                let started = world.start(Some(&visitor.token), &format!("More {number}")).await;
                (sent.map(drop), started.map(|started| started.view.uuid))
            });
        }
        assert!(world.app().merge_visitor(&mia, &visitor.token).await.unwrap());
        let (mut sent, mut conversations) = (1, vec![visitor.conversation]);
        while let Some(ended) = writers.join_next().await {
            let (said, started) = ended.unwrap();
            match said {
                Ok(()) => sent += 1,
                Err(Error::Refused(Refusal::NoAccess)) => {}
                other => panic!("{other:?}"),
            }
            match started {
                Ok(uuid) => {
                    sent += 1;
                    conversations.push(uuid);
                }
                Err(Error::Unauthenticated) => {}
                other => panic!("{other:?}"),
            }
        }
        let mut found = 0;
        for uuid in conversations {
            assert_eq!(world.conversation(uuid).await.contact, contact.id);
            found += world.app().visitor_conversation(&mia, uuid).await.unwrap().1.len();
        }
        assert_eq!((found, rows_of(&world, from).await), (sent, 0));
    }
    world.assert_books().await;
}

/// One external id makes one contact, however many say it at once.
async fn two_exchanges_at_once_make_one_contact(engine: TestEngine) {
    let world = Arc::new(World::new(engine).await);
    for round in 0..rounds(4, 50) {
        let mut exchanges = JoinSet::new();
        for _ in 0..4 {
            let world = Arc::clone(&world);
            exchanges.spawn(async move { known(&world, &format!("u-{round}")).await.1.id });
        }
        let ids = exchanges.join_all().await;
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
    let found = world.app().store().write(|tx| Box::pin(contacts::lock_by_external_id(tx, "u-0")));
    assert!(found.await.unwrap().is_some());
}

both_engines!(
    everything_of_a_visitor_becomes_the_contacts,
    only_verified_contacts_take_visitors_over,
    a_merged_contact_is_erased_with_all_they_wrote,
    nothing_acknowledged_is_lost_in_a_merge,
    two_exchanges_at_once_make_one_contact,
);
