//! The question to a customer how it was: asked once about a conversation, answered at most once.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::id::{ConversationId, MessageId, SurveyId};
use crate::message::{Body, ContentType};
use crate::text;
use crate::time::Timestamp;
use crate::{Error, Result, Why};

/// What the customer is asked.
pub const QUESTION: &str = "Please rate this conversation";
/// Longest text of an answer, in characters.
pub const FEEDBACK_MAX: usize = 1000;
/// The best rating; 1 is the worst.
pub const RATING_MAX: i64 = 5;
/// Most further fields that an answer keeps, and their longest name and text, in characters.
const FIELDS_MAX: usize = 20;
const NAME_MAX: usize = 64;
const TEXT_MAX: usize = 1000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    pub id: SurveyId,
    /// Whoever knows it may answer.
    pub uuid: Uuid,
    pub conversation: ConversationId,
    /// The message that asks.
    pub message: Option<MessageId>,
    /// 1 to 5; `None` while there is no answer, and for an answer in words alone.
    pub rating: Option<i64>,
    pub feedback: Option<String>,
    /// Further fields of the form that was sent, by name.
    pub fields: BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub responded_at: Option<Timestamp>,
}

/// A customer's answer after its checks: a rating, words, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub rating: Option<i64>,
    pub feedback: Option<String>,
    pub fields: BTreeMap<String, String>,
}

impl Answer {
    /// `rating` is 1 to 5, or 0 for none. Further fields are cut to their bounds.
    ///
    /// # Errors
    /// [`Error::Invalid`]: `rating` for any other number, `feedback` for too long a text or one with a NUL, and
    /// `answer` for one that says nothing.
    pub fn checked(rating: i64, feedback: &str, fields: BTreeMap<String, String>) -> Result<Self> {
        if !(0..=RATING_MAX).contains(&rating) {
            return Err(Error::invalid("rating", Why::OutOfRange));
        }
        let feedback = text::bounded("feedback", feedback, 0, FEEDBACK_MAX)?;
        if rating == 0 && feedback.is_empty() {
            return Err(Error::invalid("answer", Why::Empty));
        }
        let kept = |(name, text): (String, String)| (cut(&name, NAME_MAX), cut(&text, TEXT_MAX));
        Ok(Self {
            rating: (rating != 0).then_some(rating),
            feedback: (!feedback.is_empty()).then_some(feedback),
            fields: fields.into_iter().take(FIELDS_MAX).map(kept).collect(),
        })
    }
}

fn cut(text: &str, max: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(max).collect()
}

/// The body of the message that asks.
#[must_use]
pub fn question() -> Body {
    Body { content: QUESTION.to_owned(), content_type: ContentType::Text, text: QUESTION.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rating: i64, feedback: &str) -> Result<Answer> {
        Answer::checked(rating, feedback, BTreeMap::new())
    }

    #[test]
    fn an_answer_is_a_rating_or_words() {
        assert_eq!(answer(5, " ").unwrap().rating, Some(5));
        let words = answer(0, " Good ").unwrap();
        assert_eq!((words.rating, words.feedback.as_deref()), (None, Some("Good")));
        assert!(answer(1, &"ü".repeat(FEEDBACK_MAX)).is_ok());
        for (rating, feedback) in [(0, ""), (0, "  "), (-1, "x"), (6, "x"), (3, "a\0b")] {
            assert!(answer(rating, feedback).is_err(), "{rating} {feedback}");
        }
        assert!(answer(1, &"ü".repeat(FEEDBACK_MAX + 1)).is_err());
    }

    #[test]
    fn further_fields_are_bounded() {
        let many = (0..40).map(|n| (format!("{n}{}", "k".repeat(100)), "\0x".repeat(2000))).collect();
        let kept = Answer::checked(1, "", many).unwrap().fields;
        assert_eq!(kept.len(), FIELDS_MAX);
        assert!(kept.iter().all(|(name, text)| name.len() == NAME_MAX && *text == "x".repeat(TEXT_MAX)));
    }
}
