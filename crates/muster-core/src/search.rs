//! Searching messages by their words.
//!
//! Both engines keep and look for what [`words`] makes of a text, so they find the same. A change of what it
//! makes needs a migration that builds the index anew.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::message::MessageKind;

/// Characters of a word that count; what is behind them doesn't.
const WORD_MAX: usize = 64;
/// Bytes of the different words of one text that are kept, well below what either engine takes.
const WORDS_BYTES_MAX: usize = 256 * 1024;
/// Words of a query that count.
const QUERY_MAX: usize = 32;

/// Kinds of messages whose words can be searched for: what people write.
pub const SEARCHED: [MessageKind; 3] = [MessageKind::Incoming, MessageKind::Outgoing, MessageKind::Note];

/// The different words of a text, in order: without accents, in lower case, letters and digits of any script. A letter of
/// a script that puts no blanks between words is a word by itself.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = BTreeSet::new();
    let mut bytes = 0;
    for word in each_word(text) {
        if !words.contains(&word) {
            bytes += word.len();
            if bytes > WORDS_BYTES_MAX {
                break;
            }
            words.insert(word);
        }
    }
    words.into_iter().collect()
}

/// What is searched for: messages with all of these words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordQuery {
    pub whole: Vec<String>,
    /// What one of the message's words begins with: the word that is being typed.
    pub prefix: String,
}

impl WordQuery {
    /// `None` if there is no word in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut whole: Vec<String> = each_word(text).take(QUERY_MAX).collect();
        let prefix = whole.pop()?;
        Some(Self { whole, prefix })
    }

    /// Whether a message with this text is found.
    #[must_use]
    pub fn is_found_in(&self, text: &str) -> bool {
        // Of such a text words are parts, but for their case.
        let cannot = text.is_ascii() && !text.to_ascii_lowercase().contains(&self.prefix);
        !cannot && self.matches(&words(text))
    }

    /// Whether a message of these words is found.
    #[must_use]
    pub fn matches(&self, words: &[String]) -> bool {
        self.whole.iter().all(|word| words.contains(word)) && words.iter().any(|word| word.starts_with(&self.prefix))
    }
}

fn each_word(text: &str) -> impl Iterator<Item = String> {
    // Lower case can bring marks of its own.
    let mut letters =
        text.nfkd().flat_map(char::to_lowercase).nfkd().filter(|letter| !is_combining_mark(*letter)).peekable();
    std::iter::from_fn(move || {
        while letters.next_if(|letter| !letter.is_alphanumeric()).is_some() {}
        let first = letters.next()?;
        let mut word = String::from(plain(first));
        if stands_alone(first) {
            return Some(word);
        }
        let mut count = 1;
        while let Some(letter) = letters.next_if(|letter| letter.is_alphanumeric() && !stands_alone(*letter)) {
            if count < WORD_MAX {
                word.push(plain(letter));
            }
            count += 1;
        }
        Some(word)
    })
}

/// A sigma at the end of a word is a sigma.
const fn plain(letter: char) -> char {
    if letter == 'ς' { 'σ' } else { letter }
}

/// Han, Hiragana, Katakana, Thai, Lao, Myanmar and Khmer.
const fn stands_alone(letter: char) -> bool {
    matches!(letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, text: &str) -> bool {
        WordQuery::parse(query).is_some_and(|query| query.is_found_in(text))
    }

    #[test]
    fn words_are_compared_without_case_and_accents() {
        assert_eq!(words("The Café, the CAFE\u{301}\u{2026} and ﬁve №5"), ["and", "cafe", "five", "no5", "the"]);
        assert_eq!(words("İSTANBUL ΟΔΟΣ"), ["istanbul", "οδοσ"]);
        assert_eq!(words("foo_bar-baz@example.org"), ["bar", "baz", "example", "foo", "org"]);
        assert_eq!(words("最後 ガラス"), ["カ", "ス", "ラ", "後", "最"]);
        assert_eq!(words(" -- !? "), [""; 0]);
    }

    #[test]
    fn the_last_word_of_a_query_may_be_unfinished() {
        assert!(found("broken lam", "My lamp is broken"));
        assert!(!found("brok lamp", "My lamp is broken"));
        assert!(found("cafe", "Café"));
        assert!(!found("...", "..."));
        assert!(found(&"x".repeat(100), &"x".repeat(200)));
    }

    #[test]
    fn what_is_kept_of_a_text_is_bounded() {
        let text: String = (0..100_000).map(|number| format!("{number:06} ")).collect();
        let kept = words(&text);
        assert_eq!(kept.len(), WORDS_BYTES_MAX / 6);
        assert_eq!(words(&"x".repeat(1_000_000)), ["x".repeat(WORD_MAX)]);
    }

    /// A hash of what becomes of every character between two letters: there it can be a letter, a word by itself, a mark
    /// that is left out, or what parts words.
    fn hash_of_all_characters() -> u64 {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for character in '\0'..=char::MAX {
            for word in words(&format!("a{character}b")) {
                for byte in word.bytes().chain([0]) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                }
            }
            hash = (hash ^ 1).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash
    }

    /// SQLite takes the words of a text out of its index by saying them again.
    #[test]
    fn what_becomes_of_every_character_stays() {
        const KNOWN: u64 = 0x82c1_bcf3_df59_ab86;
        let hash = hash_of_all_characters();
        assert_eq!(
            hash, KNOWN,
            "the tables of Unicode, or the rules here, have changed: texts that are indexed would not be found or taken \
             out as before. Add a migration that builds the index of messages anew, and then put {hash:#x} here"
        );
    }
}
