//! Persistence over SQLite and PostgreSQL, with one text of SQL.
