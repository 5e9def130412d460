//! Text as people type it: keys under which names are compared, and what a field may hold.

use unicode_normalization::UnicodeNormalization as _;

use crate::{Error, Result, Why};

/// The key under which two names are the same: NFKC, trimmed, lower case.
#[must_use]
pub fn key(text: &str) -> String {
    text.nfkc().collect::<String>().trim().to_lowercase()
}

/// Whether a store can hold `text`. What it can't hold is nobody's name.
#[must_use]
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Trims `text` and checks that it has between `min` and `max` characters and no NUL.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::Empty`], [`Why::TooLong`] or [`Why::Malformed`].
pub fn bounded(field: &'static str, text: &str, min: usize, max: usize) -> Result<String> {
    let text = text.trim();
    if !is_storable(text) {
        return Err(Error::invalid(field, Why::Malformed));
    }
    let count = text.chars().count();
    if count < min {
        return Err(Error::invalid(field, Why::Empty));
    }
    if count > max {
        return Err(Error::invalid(field, Why::TooLong { max }));
    }
    Ok(text.to_owned())
}

/// First and last name joined as one, runs of blanks collapsed.
#[must_use]
pub fn joined_name(first: &str, last: &str) -> String {
    format!("{first} {last}").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits a single name at its first blank; one word leaves the last name empty.
#[must_use]
pub fn split_name(name: &str) -> (String, String) {
    let name = joined_name(name, "");
    match name.split_once(' ') {
        Some((first, last)) => (first.to_owned(), last.to_owned()),
        None => (name, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_width_and_outer_blanks() {
        assert_eq!(key("  Ｓupport "), "support");
        assert_eq!(key("STRASSE"), key("strasse"));
        assert_ne!(key("a b"), key("a  b"));
    }

    #[test]
    fn a_name_splits_at_its_first_blank() {
        assert_eq!(split_name("Mary Ann  Smith"), ("Mary".into(), "Ann Smith".into()));
        assert_eq!(split_name("Zoe"), ("Zoe".into(), String::new()));
        assert_eq!(joined_name("Mary Ann", " Smith"), "Mary Ann Smith");
    }

    #[test]
    fn bounds_count_characters_and_refuse_nul() {
        assert!(bounded("name", "ééé", 1, 3).is_ok());
        assert!(bounded("name", "  ", 1, 3).is_err());
        assert!(bounded("name", "a\0b", 1, 3).is_err());
        assert!(bounded("name", "abcd", 1, 3).is_err());
    }
}
