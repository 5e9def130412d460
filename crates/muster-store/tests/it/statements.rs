//! Every statement in the sources is one that both engines understand.

use std::path::{Path, PathBuf};

use futures_util::FutureExt as _;
use muster_store::{Engine, Sql, Store};
use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use proc_macro2::{TokenStream, TokenTree};

use crate::place::migrated;

async fn every_statement_prepares(engine: TestEngine) {
    let statements = statements();
    assert!(statements.len() > 20, "only {} statements were found", statements.len());
    let (store, _place) = migrated(engine).await;
    let mut failures = Vec::new();
    for statement in &statements {
        if let Err(error) = prepare(&store, statement).await {
            let cause = muster_store::db_error(&error).map_or_else(|| error.to_string(), |cause| cause.message.clone());
            failures.push(format!("{}: {cause}", statement.place));
        }
    }
    assert!(failures.is_empty(), "{} statements fail:\n{}", failures.len(), failures.join("\n"));
}

both_engines!(every_statement_prepares);

async fn prepare(store: &Store, statement: &Statement) -> muster_core::Result<()> {
    let text = match store.engine() {
        Engine::Sqlite => statement.sqlite,
        Engine::Postgres => statement.postgres,
    };
    let Some(text) = text else { return Ok(()) };
    let sql = Sql::from_macro(Some(text), Some(text));
    store.read(move |tx| async move { tx.prepare(sql).await }.boxed()).await
}

/// One use of `sql!`.
struct Statement {
    /// File and line.
    place: String,
    // `None` if it is never run there.
    sqlite: Option<&'static str>,
    postgres: Option<&'static str>,
}

fn statements() -> Vec<Statement> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of all crates");
    let mut files = Vec::new();
    for member in crates.read_dir().expect("the folder of all crates") {
        rust_files(&member.expect("a crate").path().join("src"), &mut files);
    }
    let mut found = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a source file");
        let tokens: TokenStream = source.parse().expect("Rust");
        search(tokens, &file, &mut found);
    }
    found
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Looks through all tokens, also those inside of other macros. Leaves out what only tests see and the macro itself.
fn search(tokens: TokenStream, file: &Path, found: &mut Vec<Statement>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_test_attribute(&tokens[at..]) || is_word(&tokens[at..], "macro_rules") {
            at += 1;
            while at < tokens.len() && !is_body(&tokens[at]) {
                at += 1;
            }
        } else if let [TokenTree::Ident(name), TokenTree::Punct(mark), TokenTree::Group(group), ..] = &tokens[at..]
            && name == "sql"
            && mark.as_char() == '!'
        {
            let place = format!("{}:{}", file.display(), name.span().start().line);
            found.push(statement(place, group.stream()));
            at += 2;
        } else if let TokenTree::Group(group) = &tokens[at] {
            search(group.stream(), file, found);
        }
        at += 1;
    }
}

fn is_word(tokens: &[TokenTree], word: &str) -> bool {
    matches!(tokens, [TokenTree::Ident(name), ..] if name == word)
}

fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(mark), TokenTree::Group(group), ..]
        if mark.as_char() == '#' && group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// The braces that end an item, or the semicolon of one without.
fn is_body(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    }
}

fn statement(place: String, arguments: TokenStream) -> Statement {
    let mut sqlite = None;
    let mut postgres = None;
    let mut engine = String::new();
    for token in arguments {
        match token {
            TokenTree::Ident(name) => engine = name.to_string(),
            TokenTree::Literal(literal) => {
                let text: syn::LitStr = syn::parse_str(&literal.to_string()).expect("a text");
                let text: &'static str = text.value().leak();
                match engine.as_str() {
                    "sqlite" => sqlite = Some(text),
                    "postgres" => postgres = Some(text),
                    _ => (sqlite, postgres) = (Some(text), Some(text)),
                }
            }
            TokenTree::Punct(_) => {}
            TokenTree::Group(group) => panic!("{place}: not a text: {group}"),
        }
    }
    assert!(sqlite.is_some() || postgres.is_some(), "{place}: no text");
    Statement { place, sqlite, postgres }
}
