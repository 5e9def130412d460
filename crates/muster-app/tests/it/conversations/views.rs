//! Saved views: what changes of them leave behind.

use muster_app::views::{SharedWith, ViewInput};
use muster_core::filter::{Filter, IdField, IdTest, Test};
use muster_core::saved_view::SavedView;
use muster_core::{Entity, Error, Refusal};
use muster_testkit::{TestEngine, both_engines};
use serde_json::{Value, json};

use super::{World, id, refusal};

fn input(name: &str) -> ViewInput {
    let filter = Filter::All(vec![Filter::Test(Test::Id(IdField::Status, IdTest::Is(1)))]);
    ViewInput { name: name.to_owned(), filter }
}

fn names(views: &[SavedView]) -> Vec<&str> {
    views.iter().map(|view| view.name.as_str()).collect()
}

async fn changes_of_views_are_in_the_audit_log(engine: TestEngine) {
    let world = World::new(engine).await;
    let kim = world.agent("kim").await;
    let view = world.app().create_own_view(&kim, input("One")).await.unwrap();
    let same = world.app().update_own_view(&kim, view.id, input(" One ")).await.unwrap();
    assert_eq!(same, view);
    world.app().update_own_view(&kim, view.id, input("Two")).await.unwrap();
    world.app().delete_own_view(&kim, view.id).await.unwrap();
    let of = |name: &str| json!({"name": name, "filters": {"all": [{"test": {"id": ["status", {"is": 1}]}}]}, "visibility": "agent", "team": null});
    assert_eq!(world.audited("view.created").await, [(Value::Null, of("One"))]);
    assert_eq!(world.audited("view.updated").await, [(of("One"), of("Two"))]);
    assert_eq!(world.audited("view.deleted").await, [(of("Two"), Value::Null)]);
}

async fn who_is_deleted_takes_their_views_along(engine: TestEngine) {
    let world = World::new(engine).await;
    let team = world.team("Support").await;
    let kim = world.agent_with("kim", |new| new.teams = vec![team]).await;
    world.app().create_own_view(&kim, input("Own")).await.unwrap();
    world.app().create_shared_view(&world.admin, input("Support's"), SharedWith::Team(team)).await.unwrap();
    let all = world.app().create_shared_view(&world.admin, input("All's"), SharedWith::Everybody).await.unwrap();
    assert_eq!(names(&world.app().views_shared_with(&kim).await.unwrap()), ["Support's", "All's"]);
    assert_eq!(names(&world.app().views_shared_with(&world.admin).await.unwrap()), ["All's"]);
    world.app().delete_agent(&world.admin, id(&kim)).await.unwrap();
    world.app().delete_team(&world.admin, team).await.unwrap();
    assert_eq!(world.app().shared_views(&world.admin).await.unwrap(), [all]);
    assert_eq!(world.audited("view.deleted").await.len(), 2);
}

async fn a_view_is_its_owners_alone(engine: TestEngine) {
    let world = World::new(engine).await;
    let (kim, lee) = (world.agent("kim").await, world.agent("lee").await);
    let view = world.app().create_own_view(&kim, input("Own")).await.unwrap().id;
    let taken = world.app().update_own_view(&lee, view, input("Taken")).await;
    assert_eq!(refusal(taken), Refusal::NotOwner(Entity::View));
    assert_eq!(refusal(world.app().delete_own_view(&lee, view).await), Refusal::NotOwner(Entity::View));
    assert!(matches!(world.app().shared_view(&world.admin, view).await, Err(Error::NotFound(Entity::View))));
    let missing = SharedWith::Team(muster_core::id::TeamId(99));
    let refused = world.app().create_shared_view(&world.admin, input("x"), missing).await;
    assert!(matches!(refused, Err(Error::NotFound(Entity::Team))), "{refused:?}");
}

both_engines!(
    changes_of_views_are_in_the_audit_log,
    who_is_deleted_takes_their_views_along,
    a_view_is_its_owners_alone,
);
