use muster_app::contacts::ContactPatch;
use muster_core::actor::Caller;
use muster_core::contact::ContactKind;
use muster_core::id::ContactId;
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Refusal, Result, Why};
use muster_store::{params, sql};
use muster_testkit::{TestEngine, both_engines};

use super::{Visitor, World, id, refusal};

fn patch(name: &str, email: &str) -> ContactPatch {
    ContactPatch { first_name: name.to_owned(), email: email.to_owned(), ..ContactPatch::default() }
}

async fn contact_of(world: &World, visitor: &Visitor) -> ContactId {
    world.conversation(visitor.conversation).await.contact
}

/// A contact whom an agent has written down.
async fn known(world: &World, email: &str) -> ContactId {
    let new = muster_app::conversations::NewConversation {
        contact_email: email.to_owned(),
        first_name: "Pat".to_owned(),
        last_name: "Doe".to_owned(),
        ..super::start::about(world)
    };
    world.app().start_conversation(&world.admin, new).await.unwrap().contact.id
}

async fn what_is_not_named_stays_and_what_is_empty_goes(engine: TestEngine) {
    let world = World::new(engine).await;
    let app = world.app();
    let pat = known(&world, "pat@example.com").await;
    let whole = ContactPatch {
        last_name: Some("Roe".to_owned()),
        phone_number: Some(Some(" 0151 23 ".to_owned())),
        phone_country: Some(Some("de".to_owned())),
        country: Some(Some("Germany".to_owned())),
        avatar_url: Some(Some("https://example.com/pat.png".to_owned())),
        ..patch(" Pia ", "Pia@Example.com")
    };
    let changed = app.update_contact(&world.admin, pat, whole, None).await.unwrap();
    assert_eq!((changed.name().as_str(), changed.email.as_deref()), ("Pia Roe", Some("pia@example.com")));
    assert_eq!((changed.phone.number.as_deref(), changed.phone.country.as_deref()), (Some("0151 23"), Some("DE")));
    let same = app.update_contact(&world.admin, pat, patch("Pia", "pia@example.com"), None).await.unwrap();
    assert_eq!(same, changed, "nothing else was named, so nothing changes");
    let emptied = ContactPatch {
        last_name: Some(String::new()),
        phone_number: Some(None),
        country: Some(Some(" ".to_owned())),
        avatar_url: Some(None),
        ..patch("Pia", "pia@example.com")
    };
    let emptied = app.update_contact(&world.admin, pat, emptied, None).await.unwrap();
    assert_eq!((emptied.last_name.as_str(), emptied.phone.number, emptied.country), ("", None, None));
    assert_eq!((emptied.avatar_url, emptied.phone.country.as_deref()), (None, Some("DE")));
    assert_eq!(emptied.version, changed.version + 1);
    assert_eq!(app.contact(&world.admin, pat).await.unwrap().name(), "Pia");
}

async fn an_address_is_one_contacts(engine: TestEngine) {
    let world = World::new(engine).await;
    let app = world.app();
    let (pat, pia) = (known(&world, "pat@example.com").await, known(&world, "pia@example.com").await);
    let visitor = contact_of(&world, &world.visitor("hello").await).await;
    let before = world.desk.digest().await;
    for taken in [
        app.update_contact(&world.admin, pia, patch("Pia", "PAT@example.com"), None).await,
        app.update_contact(&world.admin, visitor, patch("Pat", "pat@example.com"), None).await,
    ] {
        assert!(matches!(taken, Err(Error::Conflict(Entity::Contact))), "{taken:?}");
    }
    for (name, email, field) in [("", "pat@example.com", "first_name"), ("Pat", "", "email"), ("Pat", "pat", "email")] {
        let refused = app.update_contact(&world.admin, pat, patch(name, email), None).await;
        assert!(matches!(refused, Err(Error::Invalid { field: named, .. }) if named == field), "{refused:?}");
    }
    assert_eq!(world.desk.digest().await.changed_since(&before), Vec::<String>::new());
    let claimed = app.update_contact(&world.admin, visitor, patch("Vic", "vic@example.com"), None).await.unwrap();
    assert_eq!((claimed.kind, claimed.email.as_deref()), (ContactKind::Visitor, Some("vic@example.com")));
}

async fn who_is_blocked_is_shut_out_until_they_are_let_in(engine: TestEngine) {
    let world = World::new(engine).await;
    let visitor = world.visitor("hello").await;
    let contact = contact_of(&world, &visitor).await;
    let authenticate = async || world.app().authenticate_visitor(world.inbox.uuid, &visitor.token).await.map(drop);
    assert!(authenticate().await.is_ok());
    assert!(world.app().block_contact(&world.admin, contact, true).await.unwrap().blocked);
    assert!(matches!(authenticate().await, Err(Error::Unauthenticated)));
    let again = world.app().block_contact(&world.admin, contact, true).await.unwrap();
    assert!(again.blocked);
    assert!(!world.app().block_contact(&world.admin, contact, false).await.unwrap().blocked);
    assert!(matches!(authenticate().await, Err(Error::Unauthenticated)), "the session of before is over");
    assert_eq!(audited(&world, contact).await, ["contact.blocked", "contact.unblocked"]);
}

async fn audited(world: &World, contact: ContactId) -> Vec<String> {
    let read = world.app().store().read(move |tx| {
        Box::pin(async move {
            let select = sql!(
                "SELECT action FROM audit WHERE entity_kind = 'contact' AND entity_id = $1 AND before IS NOT NULL
                 AND after IS NOT NULL ORDER BY id"
            );
            tx.query(select, &params![contact]).await?.iter().map(|row| row.get("action")).collect::<Result<_>>()
        })
    });
    read.await.unwrap()
}

async fn notes_are_their_writers_to_delete(engine: TestEngine) {
    let world = World::new(engine).await;
    let all = [Permission::ContactNotesRead, Permission::ContactNotesWrite, Permission::ContactNotesDelete];
    let kim = world.agent_who_may("kim", &all, &[]).await;
    let lee = world.agent_who_may("lee", &all, &[]).await;
    let (visitor, other) = (world.visitor("hello").await, world.visitor("hello").await);
    let (contact, other) = (contact_of(&world, &visitor).await, contact_of(&world, &other).await);
    let app = world.app();
    let first = app.note_contact(&kim, contact, "<p>Likes cats</p>").await.unwrap();
    assert_eq!((first.note.agent, first.author.unwrap().first_name.as_str()), (id(&kim), "kim"));
    let second = app.note_contact(&lee, contact, "And dogs").await.unwrap().note.id;
    let third = app.note_contact(&lee, contact, "And birds").await.unwrap().note.id;
    let notes = async |by: &Caller| {
        let notes = app.contact_notes(by, contact).await.unwrap();
        notes.into_iter().map(|view| view.note.note).collect::<Vec<_>>()
    };
    assert_eq!(notes(&kim).await, ["And birds", "And dogs", "<p>Likes cats</p>"]);
    assert_eq!(refusal(app.delete_contact_note(&kim, contact, second).await), Refusal::NotOwner(Entity::Note));
    let elsewhere = app.delete_contact_note(&lee, other, second).await;
    assert!(matches!(elsewhere, Err(Error::NotFound(Entity::Note))), "{elsewhere:?}");
    app.delete_contact_note(&lee, contact, second).await.unwrap();
    app.delete_contact_note(&world.admin, contact, third).await.unwrap();
    assert!(app.delete_contact_note(&lee, contact, second).await.is_err());
    assert_eq!(notes(&kim).await, ["<p>Likes cats</p>"]);
    let empty = app.note_contact(&kim, contact, " ").await;
    assert!(matches!(empty, Err(Error::Invalid { field: "note", why: Why::Empty })), "{empty:?}");
    app.erase_contact(&world.admin, contact).await.unwrap();
    let gone = app.contact_notes(&kim, contact).await;
    assert!(matches!(gone, Err(Error::NotFound(Entity::Contact))), "{gone:?}");
    assert!(app.note_contact(&kim, contact, "Who?").await.is_err());
    assert_eq!(left(&world).await, 0);
}

async fn left(world: &World) -> i64 {
    let read = world.app().store().read(|tx| {
        Box::pin(async move {
            tx.query_one(sql!("SELECT COUNT(*) AS count FROM contact_notes"), &params![]).await?.get("count")
        })
    });
    read.await.unwrap()
}

both_engines!(
    what_is_not_named_stays_and_what_is_empty_goes,
    an_address_is_one_contacts,
    who_is_blocked_is_shut_out_until_they_are_let_in,
    notes_are_their_writers_to_delete,
);
