//! SQL texts. [`sql!`](crate::sql) is the only way to make a [`Sql`], so that every statement can be found in the sources
//! and prepared on both engines by a test.

use std::fmt::Write as _;

use super::{Engine, Value};

/// The text of one statement for both engines, with parameters `$1 … $n`.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    sqlite: Option<&'static str>,
    postgres: Option<&'static str>,
}

impl Sql {
    #[doc(hidden)]
    #[must_use]
    pub const fn from_macro(sqlite: Option<&'static str>, postgres: Option<&'static str>) -> Self {
        Self { sqlite, postgres }
    }

    /// `None` if the statement is never run on that engine.
    pub(super) const fn text(self, engine: Engine) -> Option<&'static str> {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

/// Makes a [`Sql`](crate::Sql): `sql!("SELECT …")`, `sql!(sqlite: "…", postgres: "…")` where the engines must differ, or
/// one of them alone for what is never run on the other.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::sql!(sqlite: $text, postgres: $text)
    };
    (postgres: $postgres:literal $(,)?) => {
        $crate::Sql::from_macro(None, Some($postgres))
    };
    (sqlite: $sqlite:literal $(,)?) => {
        $crate::Sql::from_macro(Some($crate::sql!(@numbered $sqlite)), None)
    };
    (sqlite: $sqlite:literal, postgres: $postgres:literal $(,)?) => {
        $crate::Sql::from_macro(Some($crate::sql!(@numbered $sqlite)), Some($postgres))
    };
    (@numbered $sqlite:literal) => {{
        const BYTES: [u8; $sqlite.len()] = $crate::db::numbered($sqlite);
        const TEXT: &str = match ::std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("SQL is UTF-8"),
        };
        TEXT
    }};
}

/// SQLite's form of a text: `$1` becomes `?1`, outside of quotes. (To SQLite `$1` is a name, numbered by first
/// appearance.)
#[doc(hidden)]
#[must_use]
pub const fn numbered<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let mut quoted = false;
    let mut at = 0;
    while at < N {
        let byte = bytes[at];
        if byte == b'\'' {
            quoted = !quoted;
        }
        let is_parameter = !quoted && byte == b'$' && at + 1 < N && bytes[at + 1].is_ascii_digit();
        out[at] = if is_parameter { b'?' } else { byte };
        at += 1;
    }
    out
}

/// A statement put together at run time: fixed pieces of text and bound values, for filters and lists.
#[derive(Debug, Clone, Default)]
pub struct SqlBuf {
    pieces: Vec<Piece>,
    params: Vec<Value>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(&'static str),
    /// For one engine alone.
    TextOn(Engine, &'static str),
    Name(String),
    Param(usize),
}

impl SqlBuf {
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        let mut buf = Self::default();
        buf.push(text);
        buf
    }

    /// The statement with `lead` before it, such as `EXPLAIN`.
    #[must_use]
    pub fn led_by(mut self, lead: &'static str) -> Self {
        self.pieces.insert(0, Piece::Text(lead));
        self
    }

    /// Appends text that holds no parameters of its own.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.pieces.push(Piece::Text(text));
        self
    }

    /// Appends text for one engine alone; to the other it isn't there.
    pub fn by_engine(&mut self, engine: Engine, text: &'static str) -> &mut Self {
        self.pieces.push(Piece::TextOn(engine, text));
        self
    }

    /// Appends the name of a table or a column that was read from the schema, in quotes.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.pieces.push(Piece::Name(format!("\"{}\"", name.replace('"', "\"\""))));
        self
    }

    /// Appends a parameter bound to `value`.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.params.push(value.into());
        self.pieces.push(Piece::Param(self.params.len()));
        self
    }

    /// Appends a parenthesised list for `IN`. An empty list matches nothing; don't use it with `NOT IN`.
    ///
    /// The list is padded with its last value to a power of two, so that few different texts arise.
    pub fn bind_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let last = values.last().cloned().unwrap_or(Value::Null);
        values.resize(values.len().next_power_of_two(), last);
        self.push("(");
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self.push(")")
    }

    /// Appends that `column` has `part` in it, whatever the case of ASCII letters. (That PostgreSQL folds no other letter is
    /// due to the columns' collation.)
    pub fn contains(&mut self, column: &'static str, part: &str) -> &mut Self {
        let mut pattern = String::from("%");
        for letter in part.chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        self.push(column).by_engine(Engine::Sqlite, " LIKE ").by_engine(Engine::Postgres, " ILIKE ").bind(pattern);
        self.push(" ESCAPE '\\'")
    }

    pub(super) fn text(&self, engine: Engine) -> String {
        let sign = match engine {
            Engine::Sqlite => '?',
            Engine::Postgres => '$',
        };
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::TextOn(on, piece) => text.push_str(if *on == engine { piece } else { "" }),
                Piece::Name(name) => text.push_str(name),
                Piece::Param(number) => {
                    write!(text, "{sign}{number}").expect("writing to a string can't fail");
                }
            }
        }
        text
    }

    pub(super) fn params(&self) -> &[Value] {
        &self.params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_for_sqlite_outside_of_quotes() {
        let sql = crate::sql!("SELECT $2, '$1', '''$1', $10 FROM t WHERE a = $1");
        assert_eq!(sql.text(Engine::Sqlite), Some("SELECT ?2, '$1', '''$1', ?10 FROM t WHERE a = ?1"));
        assert_eq!(sql.text(Engine::Postgres), Some("SELECT $2, '$1', '''$1', $10 FROM t WHERE a = $1"));
    }

    #[test]
    fn a_built_statement_numbers_its_values_in_order() {
        let mut buf = SqlBuf::new("SELECT a FROM t WHERE b = ");
        buf.bind(7_i64).push(" AND c IN ").bind_list([1_i64, 2, 3]);
        assert_eq!(buf.text(Engine::Sqlite), "SELECT a FROM t WHERE b = ?1 AND c IN (?2, ?3, ?4, ?5)");
        assert_eq!(buf.text(Engine::Postgres), "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3, $4, $5)");
        assert_eq!(buf.params(), [7_i64, 1, 2, 3, 3].map(Value::from));
    }

    #[test]
    fn a_name_stays_a_name_whatever_is_in_it() {
        let mut buf = SqlBuf::new("SELECT ");
        buf.name("a\" FROM t; --").push(" FROM ").name("order");
        assert_eq!(buf.text(Engine::Sqlite), "SELECT \"a\"\" FROM t; --\" FROM \"order\"");
    }
}
