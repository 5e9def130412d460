//! Macros that are changed while whom they are for goes.

use muster_core::Error;
use muster_core::macros::{MacroPatch, Occasion, Visibility};
use muster_testkit::effort::rounds;
use muster_testkit::{TestEngine, both_engines};

use super::{World, id};

async fn a_macro_goes_with_its_agent_or_stays_for_all(engine: TestEngine) {
    let world = World::new(engine).await;
    for round in 0..rounds(10, 200) {
        let kim = id(&world.agent(&format!("kim{round}")).await);
        let new = MacroPatch {
            name: Some("Greet".into()),
            visibility: Some(Visibility::Agent(kim)),
            occasions: Some(vec![Occasion::Replying]),
            ..MacroPatch::default()
        };
        let greet = world.app().create_macro(&world.admin, new).await.unwrap().r#macro.id;
        let for_all = MacroPatch { visibility: Some(Visibility::All), ..MacroPatch::default() };
        let (changed, deleted) = tokio::join!(
            world.app().update_macro(&world.admin, greet, for_all),
            world.app().delete_agent(&world.admin, kim)
        );
        deleted.unwrap();
        assert!(matches!(changed, Ok(_) | Err(Error::NotFound(_))), "{changed:?}");
        assert_eq!(world.app().find_macro(&world.admin, greet).await.is_ok(), changed.is_ok());
    }
}

async fn a_macro_is_deleted_once(engine: TestEngine) {
    let world = World::new(engine).await;
    for round in 0..rounds(10, 200) {
        let team = world.team(&format!("team {round}")).await;
        let new = MacroPatch {
            name: Some("Greet".into()),
            visibility: Some(Visibility::Team(team)),
            occasions: Some(vec![Occasion::Replying]),
            ..MacroPatch::default()
        };
        let greet = world.app().create_macro(&world.admin, new).await.unwrap().r#macro.id;
        let (by_itself, deleted) =
            tokio::join!(world.app().delete_macro(&world.admin, greet), world.app().delete_team(&world.admin, team));
        deleted.unwrap();
        assert!(matches!(by_itself, Ok(()) | Err(Error::NotFound(_))), "{by_itself:?}");
        assert_eq!(world.audited("macro.deleted").await.len(), round + 1);
    }
}

both_engines!(a_macro_goes_with_its_agent_or_stays_for_all, a_macro_is_deleted_once);
