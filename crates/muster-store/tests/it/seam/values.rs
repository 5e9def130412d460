//! Values go in and come out unchanged.

use futures_util::FutureExt as _;
use muster_core::id::{AgentId, PublicId};
use muster_core::{Result, Timestamp};
use muster_store::{Row, Sql, SqlBuf, Tx, Value, db_error, params, sql};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use uuid::Uuid;

use super::desk::Desk;

async fn every_type_comes_back(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let uuid = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    let echo = sql!(
        sqlite: "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h",
        postgres: "SELECT $1::bigint AS a, $2::boolean AS b, $3::text AS c, $4::text AS d, $5::bigint AS e,
            $6::bigint AS f, $7::text AS g, $8::float8 AS h",
    );
    let public_id = PublicId::from_random([7; PublicId::LEN]);
    let params = params![
        i64::MIN,
        true,
        "Ünïcödé '$1' \"?\" 🙂",
        uuid,
        Timestamp::from_millis(-1),
        AgentId(7),
        &public_id,
        2.5_f64
    ];
    let row = read_one(&desk, echo, params).await;
    assert_eq!(row.get::<i64>("a").expect("an integer"), i64::MIN);
    assert!(row.get::<bool>("b").expect("a boolean"));
    assert_eq!(row.get::<String>("c").expect("a text"), "Ünïcödé '$1' \"?\" 🙂");
    assert_eq!(row.get_str("c").expect("a text"), "Ünïcödé '$1' \"?\" 🙂");
    assert_eq!(row.get::<Uuid>("d").expect("a UUID"), uuid);
    assert_eq!(row.get::<Timestamp>("e").expect("an instant"), Timestamp::from_millis(-1));
    assert_eq!(row.get::<AgentId>("f").expect("an id"), AgentId(7));
    assert_eq!(row.get::<PublicId>("g").expect("a public id"), public_id);
    assert_eq!(row.get::<Option<f64>>("h").expect("a float"), Some(2.5));
    assert_eq!(row.get::<AgentId>("f").expect("again, out of order"), AgentId(7));
}

async fn nulls_come_back_as_none(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let echo = sql!(
        sqlite: "SELECT $1 AS a, $2 AS b",
        postgres: "SELECT $1::bigint AS a, $2::text AS b",
    );
    let row = read_one(&desk, echo, params![None::<i64>, None::<String>]).await;
    assert_eq!(row.get::<Option<i64>>("a").expect("a missing integer"), None);
    assert_eq!(row.get::<Option<String>>("b").expect("a missing text"), None);
    row.get::<i64>("a").expect_err("NULL is no integer");
}

async fn impossible_values_name_their_column(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let row = read_one(&desk, sql!("SELECT 'x' AS word, 7 AS number, '[1, 2' AS list"), []).await;
    let message = |error: muster_core::Error| db_error(&error).expect("a cause").message.clone();
    assert!(message(row.get::<i64>("word").expect_err("a word is no integer")).contains("word"));
    assert!(message(row.get::<bool>("number").expect_err("7 is no boolean")).contains("number"));
    assert!(message(row.get::<String>("absent").expect_err("no such column")).contains("absent"));
    assert!(message(row.get_json::<Vec<i64>>("list").expect_err("broken JSON")).contains("list"));
    assert!(message(row.get_word("word", |_| None::<()>).expect_err("an unknown word")).contains("word"));
    assert_eq!(row.get::<u8>("number").expect("7 fits"), 7);
}

async fn parameters_go_by_number_not_by_place(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let swapped = sql!(
        sqlite: "SELECT $2 AS second, $1 AS first, $2 AS again",
        postgres: "SELECT $2::text AS second, $1::text AS first, $2::text AS again",
    );
    let row = read_one(&desk, swapped, params!["one", "two"]).await;
    assert_eq!(row.get_str("first").expect("a text"), "one");
    assert_eq!(row.get_str("second").expect("a text"), "two");
    assert_eq!(row.get_str("again").expect("a text"), "two");
}

async fn built_statements_bind_lists(engine: TestEngine) {
    let desk = Desk::new(engine).await;
    let mut insert = SqlBuf::new("INSERT INTO things (name, count, parent) VALUES ");
    for (at, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
        insert.push(if at > 0 { ", (" } else { "(" }).bind(name).push(", ").bind(at as i64);
        insert.push(", ").bind(None::<i64>).push(")");
    }
    let added = desk.store.write(move |tx| {
        let insert = insert.clone();
        async move { tx.execute_buf(&insert).await }.boxed()
    });
    assert_eq!(added.await.expect("four things are added"), 4);

    let found = async |names: &[&str]| {
        let mut select = SqlBuf::new("SELECT count FROM things WHERE name IN ");
        select.bind_list(names.iter().copied()).push(" ORDER BY count");
        let rows = desk.store.scan(move |tx| {
            let select = select.clone();
            async move { tx.query_buf(&select).await }.boxed()
        });
        let rows = rows.await.expect("reading works");
        rows.iter().map(|row| row.get("count").expect("a count")).collect::<Vec<i64>>()
    };
    assert_eq!(found(&["d", "b", "x"]).await, [1, 3]);
    assert_eq!(found(&["a"]).await, [0]);
    assert!(found(&[]).await.is_empty());
}

async fn read_one<const N: usize>(desk: &Desk, sql: Sql, params: [Value; N]) -> Row {
    let read = desk.store.read(move |tx: &mut Tx| {
        let params = params.clone();
        async move { tx.query_one(sql, &params).await }.boxed()
    });
    let row: Result<Row> = read.await;
    row.expect("one row is read")
}

both_engines!(
    every_type_comes_back,
    nulls_come_back_as_none,
    impossible_values_name_their_column,
    parameters_go_by_number_not_by_place,
    built_statements_bind_lists,
);
