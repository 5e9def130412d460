//! Tests of one column as conditions of a query.
//!
//! A positive test may be null where there is no value, which a query takes for false; a negative one says itself what
//! holds there. So nothing is ever negated as a whole that could be null.

use muster_core::filter::{TextTest, TimeRange};

use crate::db::SqlBuf;

/// That the instant in `column` is within a range.
pub(crate) fn time(buf: &mut SqlBuf, column: &'static str, range: TimeRange) {
    match range {
        TimeRange::Within { from, until } => {
            buf.push("(").push(column).push(" IS NOT NULL");
            if let Some(from) = from {
                buf.push(" AND ").push(column).push(" >= ").bind(from);
            }
            if let Some(until) = until {
                buf.push(" AND ").push(column).push(" < ").bind(until);
            }
            buf.push(")")
        }
        TimeRange::Outside { from, until } => {
            buf.push("(").push(column).push(" IS NULL OR ").push(column).push(" < ").bind(from);
            buf.push(" OR ").push(column).push(" >= ").bind(until).push(")")
        }
        TimeRange::Set => buf.push(column).push(" IS NOT NULL"),
        TimeRange::NotSet => buf.push(column).push(" IS NULL"),
    };
}

/// That the text in `column` meets a test.
pub(crate) fn text(buf: &mut SqlBuf, column: &'static str, test: &TextTest) {
    let is_negative = matches!(test, TextTest::IsNot(_) | TextTest::Lacks(_) | TextTest::NotSet);
    buf.push(if is_negative { "NOT (" } else { "(" });
    text_within(buf, column, test).push(")");
}

/// That there is a text in `column`, and that it meets the positive of a test.
pub(crate) fn text_within<'b>(buf: &'b mut SqlBuf, column: &'static str, test: &TextTest) -> &'b mut SqlBuf {
    buf.push(column).push(" IS NOT NULL");
    match test {
        TextTest::Is(value) | TextTest::IsNot(value) => buf.push(" AND ").push(column).push(" = ").bind(value),
        TextTest::In(values) => buf.push(" AND ").push(column).push(" IN ").bind_list(values),
        TextTest::Contains(part) | TextTest::Lacks(part) => buf.push(" AND ").contains(column, part),
        TextTest::Set | TextTest::NotSet => buf,
    }
}
