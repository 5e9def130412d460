//! Errors mean the same on both engines.

use futures_util::FutureExt as _;
use muster_core::Error;
use muster_store::{DbErrorKind, Sql, Value, db_error, is_unique_violation, params, sql, unique_violation};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;

use super::desk::{Desk, write};

async fn violated_constraints_are_told_apart(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    desk.add("a").await.expect("the name is free");
    let failure = async |sql: Sql| write::<0>(&desk.store, sql, []).await.expect_err("the constraint holds");
    let kind = |error: &Error| db_error(error).expect("the engine is the cause").kind.clone();

    let unique = failure(sql!("INSERT INTO things (name) VALUES ('a')")).await;
    assert!(is_unique_violation(&unique, "name"), "{unique:?}");
    assert!(!is_unique_violation(&unique, "parent"), "{unique:?}");
    assert!(unique_violation(&unique).is_some_and(|what| what.starts_with("things")), "{unique:?}");

    let foreign = failure(sql!("INSERT INTO things (name, parent) VALUES ('b', 999)")).await;
    assert_eq!(kind(&foreign), DbErrorKind::ForeignKey);
    let check = failure(sql!("INSERT INTO things (name, count) VALUES ('b', -1)")).await;
    assert_eq!(kind(&check), DbErrorKind::Check);
    let null = failure(sql!("INSERT INTO things (name) VALUES (NULL)")).await;
    assert_eq!(kind(&null), DbErrorKind::NotNull);
    assert_eq!(unique_violation(&null), None);
}

async fn a_primary_key_is_unique_too(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let add = sql!("INSERT INTO counters (name, value) VALUES ('event_pos', 1)");
    let error = write::<0>(&desk.store, add, []).await.expect_err("the counter exists");
    assert!(unique_violation(&error).is_some_and(|what| what.starts_with("counters")), "{error:?}");
}

async fn a_wrong_number_of_values_is_an_error(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let add = sql!("INSERT INTO things (name) VALUES ($1)");
    write::<0>(&desk.store, add, []).await.expect_err("a value is missing");
    write(&desk.store, add, params!["a", "b"]).await.expect_err("a value is too much");
    assert!(desk.names().await.is_empty());
}

async fn a_value_of_another_type_is_refused_not_cast(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let add = sql!("INSERT INTO things (name, count) VALUES ($1, $2)");
    let text: [Value; 2] = params!["a", "many"];
    write(&desk.store, add, text).await.expect_err("a text is no integer");
    assert!(desk.names().await.is_empty());
}

async fn an_unexpected_number_of_rows_is_an_error(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let names = sql!("SELECT name FROM things");
    let one = || desk.store.read(move |tx| async move { tx.query_one(names, &[]).await }.boxed());
    let optional = || desk.store.read(move |tx| async move { tx.query_opt(names, &[]).await }.boxed());
    one().await.expect_err("there is no row");
    assert!(optional().await.expect("none is fine").is_none());
    desk.add("a").await.expect("the name is free");
    assert_eq!(one().await.expect("one row").get::<String>("name").expect("a name"), "a");
    desk.add("b").await.expect("the name is free");
    one().await.expect_err("there are two rows");
    optional().await.expect_err("there are two rows");
}

async fn messages_hold_no_values(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    desk.add("secret-name").await.expect("the name is free");
    let taken = desk.add("secret-name").await.expect_err("the name is taken");
    let text = format!("{taken} {:?}", db_error(&taken));
    assert!(!text.contains("secret-name"), "{text}");
}

both_engines!(
    violated_constraints_are_told_apart,
    a_primary_key_is_unique_too,
    a_wrong_number_of_values_is_an_error,
    a_value_of_another_type_is_refused_not_cast,
    an_unexpected_number_of_rows_is_an_error,
    messages_hold_no_values,
);
