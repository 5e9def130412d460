//! A store that fails at what is asked of it.

use muster_store::{Sql, params, sql};

use crate::desk::TestDesk;

const REFUSE_UPDATES: Sql = sql!(
    sqlite: "CREATE TRIGGER refuse_updates BEFORE UPDATE ON agents BEGIN SELECT RAISE(ABORT, 'refused by a test'); END",
    postgres: "CREATE TRIGGER refuse_updates BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION refuse()"
);
const REFUSE_INSERTS: Sql = sql!(
    sqlite: "CREATE TRIGGER refuse_inserts BEFORE INSERT ON agents BEGIN SELECT RAISE(ABORT, 'refused by a test'); END",
    postgres: "CREATE TRIGGER refuse_inserts BEFORE INSERT ON agents FOR EACH ROW EXECUTE FUNCTION refuse()"
);
const REFUSE: Sql = sql!(
    postgres: "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
               AS $$ BEGIN RAISE EXCEPTION 'refused by a test'; END $$"
);
const ACCEPT_UPDATES: Sql = sql!(
    sqlite: "DROP TRIGGER IF EXISTS refuse_updates",
    postgres: "DROP TRIGGER IF EXISTS refuse_updates ON agents"
);
const ACCEPT_INSERTS: Sql = sql!(
    sqlite: "DROP TRIGGER IF EXISTS refuse_inserts",
    postgres: "DROP TRIGGER IF EXISTS refuse_inserts ON agents"
);

const HIDE_KEYS: Sql = sql!("ALTER TABLE api_keys RENAME TO api_keys_away");
/// Not by the macro, whose statements all prepare on a whole desk.
const SHOW_KEYS: Sql = {
    let rename = Some("ALTER TABLE api_keys_away RENAME TO api_keys");
    Sql::from_macro(rename, rename)
};

impl TestDesk {
    /// Makes every write to an agent's own row fail inside the database. Once for each desk.
    ///
    /// # Panics
    /// If the triggers can't be made.
    pub async fn break_agents(&self) {
        if self.engine() == crate::TestEngine::Postgres {
            self.define(&[REFUSE]).await;
        }
        self.define(&[REFUSE_UPDATES, REFUSE_INSERTS]).await;
    }

    /// Ends what [`TestDesk::break_agents`] began, if it did.
    ///
    /// # Panics
    /// If the triggers can't be dropped.
    pub async fn mend_agents(&self) {
        self.define(&[ACCEPT_UPDATES, ACCEPT_INSERTS]).await;
    }

    /// Makes every read of an agent with what belongs to them fail inside the database.
    ///
    /// # Panics
    /// If the table they are read from is away already.
    pub async fn break_profiles(&self) {
        self.define(&[HIDE_KEYS]).await;
    }

    /// Ends what [`TestDesk::break_profiles`] began.
    ///
    /// # Panics
    /// If it had not begun.
    pub async fn mend_profiles(&self) {
        self.define(&[SHOW_KEYS]).await;
    }

    async fn define(&self, statements: &[Sql]) {
        for statement in statements.iter().copied() {
            let defined =
                self.app.store().write(move |tx| Box::pin(async move { tx.execute(statement, &params![]).await }));
            defined.await.expect("the database takes the definition");
        }
    }
}
