//! The rules that passwords have to meet: the desk's, and that of passwords for one product's own sign-in.

use crate::{Error, Result, Why};

/// The rule in the words that clients show.
pub const DESK_RULE: &str = "Password must be 10-72 characters long should contain at least one uppercase letter, \
                             one lowercase letter, one number, and one special character.";

/// Checks a password for the desk: 10 to 72 bytes, an upper and a lower case letter, a digit, and
/// a character that is none of them.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::WeakPassword`].
pub fn check_desk(field: &'static str, password: &str) -> Result<()> {
    let has = |test: fn(char) -> bool| password.chars().any(test);
    let strong = (10..=72).contains(&password.len())
        && !password.contains('\0')
        && has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit())
        && has(|c| !c.is_ascii_alphanumeric());
    if strong { Ok(()) } else { Err(Error::invalid(field, Why::WeakPassword)) }
}

/// Checks a password that is good at one product's own sign-in only: 3 to 50 characters.
///
/// # Errors
/// [`Error::Invalid`] with [`Why::OutOfRange`], or [`Why::Malformed`] for one with NUL.
pub fn check_product(field: &'static str, password: &str) -> Result<()> {
    if password.contains('\0') {
        return Err(Error::invalid(field, Why::Malformed));
    }
    if (3..=50).contains(&password.chars().count()) { Ok(()) } else { Err(Error::invalid(field, Why::OutOfRange)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_classes_and_ten_to_72_bytes() {
        assert!(check_desk("password", "Abcdefgh1_").is_ok());
        assert!(check_desk("password", &format!("Ab1_{}", "x".repeat(68))).is_ok());
        for weak in
            ["Abcdefg1_", "abcdefgh1_", "ABCDEFGH1_", "Abcdefghi_", "Abcdefghi1", &format!("Ab1_{}", "x".repeat(69))]
        {
            assert!(check_desk("password", weak).is_err(), "{weak}");
        }
    }

    #[test]
    fn a_products_own_password_has_3_to_50_characters() {
        for good in ["abc", "éöß", &"ß".repeat(50)] {
            assert!(check_product("password", good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "a\0b", &"x".repeat(51)] {
            assert!(check_product("password", bad).is_err(), "{bad}");
        }
    }
}
