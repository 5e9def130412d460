//! Conditions on conversations, for lists and saved views.
//!
//! A [`Filter`] says what is asked; the store makes a query of it. A negative test ("is not", "doesn't
//! contain", "not set") is the exact opposite of its positive: it holds where there is no value.

use serde::{Deserialize, Serialize};

use crate::id::TagId;
use crate::time::{Day, Timestamp, Zone};
use crate::word::words;
use crate::{Error, Result, Why};

/// Most levels of groups, the outermost counted.
const DEPTH_MAX: usize = 3;
/// Most groups beside the outermost one.
const GROUPS_MAX: usize = 10;
/// Most tests in one filter.
const TESTS_MAX: usize = 50;
/// Most values that one test names.
pub const VALUES_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// Each of these. None: everything.
    All(Vec<Filter>),
    /// One of these. None: nothing.
    Any(Vec<Filter>),
    Test(Test),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Id(IdField, IdTest),
    Time(TimeField, TimeTest),
    Text(TextField, TextTest),
    Tags(TagTest),
}

words! {
    /// What has a number: that of something else, or the rank of a priority.
    pub enum IdField {
        Status = "status",
        Priority = "priority",
        Team = "team",
        Assignee = "assignee",
        Inbox = "inbox",
        SlaPolicy = "sla_policy",
    }
}

words! {
    pub enum TimeField {
        LastMessageAt = "last_message_at",
        LastInteractionAt = "last_interaction_at",
        CreatedAt = "created_at",
        WaitingSince = "waiting_since",
        SnoozedUntil = "snoozed_until",
        /// No conversation has one yet.
        Deadline = "deadline",
    }
}

words! {
    pub enum TextField {
        LastInteractionSender = "last_interaction_sender",
        StatusName = "status_name",
        ContactEmail = "contact_email",
        ContactExternalId = "contact_external_id",
        Medium = "medium",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTest {
    Is(i64),
    IsNot(i64),
    Above(i64),
    Below(i64),
    /// Both included.
    Between(i64, i64),
    In(Vec<i64>),
    Set,
    NotSet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeTest {
    Is(Moment),
    IsNot(Moment),
    /// Later than all of it.
    After(Moment),
    /// Earlier than all of it.
    Before(Moment),
    /// From the start of one to the end of the other.
    Between(Moment, Moment),
    Set,
    NotSet,
}

/// An instant, or a whole day where the desk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    At(Timestamp),
    On(Day),
}

/// Texts are compared whole as they are, and in part without the case of ASCII letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextTest {
    Is(String),
    IsNot(String),
    In(Vec<String>),
    Contains(String),
    Lacks(String),
    Set,
    NotSet,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagTest {
    /// At least one of these.
    Has(Vec<TagId>),
    /// None of these.
    Lacks(Vec<TagId>),
    Set,
    NotSet,
}

/// What a test of a time asks, without calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeRange {
    /// `from` included, `until` not. `None`: without bound.
    Within {
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    },
    /// Before `from`, from `until` on, or without a time.
    Outside {
        from: Timestamp,
        until: Timestamp,
    },
    Set,
    NotSet,
}

impl Filter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::All(rules) if rules.is_empty())
    }

    /// Checks what a filter may hold.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `filters`: [`Why::OutOfRange`] for too many groups, [`Why::Malformed`] for groups too deep
    /// in each other, an empty group, too many tests, or a test that names no or too many values.
    pub fn check(&self) -> Result<()> {
        let mut seen = Seen::default();
        seen.look_at(self, 0)?;
        // The outermost one stands for the filter itself.
        if seen.groups > GROUPS_MAX + 1 {
            return Err(Error::invalid("filters", Why::OutOfRange));
        }
        if seen.tests > TESTS_MAX { Err(malformed()) } else { Ok(()) }
    }
}

const fn malformed() -> Error {
    Error::invalid("filters", Why::Malformed)
}

#[derive(Default)]
struct Seen {
    groups: usize,
    tests: usize,
}

impl Seen {
    fn look_at(&mut self, filter: &Filter, depth: usize) -> Result<()> {
        match filter {
            Filter::Test(test) => {
                self.tests += 1;
                if test.names_too_little_or_much() { Err(malformed()) } else { Ok(()) }
            }
            Filter::All(rules) | Filter::Any(rules) => {
                self.groups += 1;
                if depth >= DEPTH_MAX || depth > 0 && rules.is_empty() {
                    return Err(malformed());
                }
                rules.iter().try_for_each(|rule| self.look_at(rule, depth + 1))
            }
        }
    }
}

impl Test {
    fn names_too_little_or_much(&self) -> bool {
        let named = match self {
            Self::Id(_, IdTest::In(values)) => values.len(),
            Self::Text(_, TextTest::In(values)) => values.len(),
            Self::Tags(TagTest::Has(tags) | TagTest::Lacks(tags)) => tags.len(),
            Self::Id(..) | Self::Text(..) | Self::Time(..) | Self::Tags(_) => 1,
        };
        !(1..=VALUES_MAX).contains(&named)
    }
}

impl Moment {
    /// The first instant of it, and the first behind it.
    #[must_use]
    pub fn span(self, zone: &Zone) -> (Timestamp, Timestamp) {
        match self {
            Self::At(at) => (at, Timestamp::from_millis(at.as_millis().saturating_add(1))),
            Self::On(day) => zone.span(day),
        }
    }
}

impl TimeTest {
    /// The same with the days of `zone`.
    #[must_use]
    pub fn range(&self, zone: &Zone) -> TimeRange {
        let within = |from, until| TimeRange::Within { from, until };
        match self {
            Self::Is(moment) => {
                let (from, until) = moment.span(zone);
                within(Some(from), Some(until))
            }
            Self::IsNot(moment) => {
                let (from, until) = moment.span(zone);
                TimeRange::Outside { from, until }
            }
            Self::After(moment) => within(Some(moment.span(zone).1), None),
            Self::Before(moment) => within(None, Some(moment.span(zone).0)),
            Self::Between(first, last) => within(Some(first.span(zone).0), Some(last.span(zone).1)),
            Self::Set => TimeRange::Set,
            Self::NotSet => TimeRange::NotSet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test() -> Filter {
        Filter::Test(Test::Id(IdField::Status, IdTest::Is(1)))
    }

    fn why(filter: &Filter) -> Option<Why> {
        match filter.check() {
            Ok(()) => None,
            Err(Error::Invalid { field: "filters", why }) => Some(why),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_filter_is_bounded() {
        let group = |rules| Filter::Any(rules);
        let all = |count: usize| Filter::All(vec![test(); count]);
        let groups = |count: usize| Filter::All(vec![group(vec![test()]); count]);
        let deep = |depth: usize| (1..depth).fold(group(vec![test()]), |inner, _| group(vec![inner]));
        assert_eq!((why(&all(0)), why(&all(50)), why(&all(51))), (None, None, Some(Why::Malformed)));
        assert_eq!((why(&groups(10)), why(&groups(11))), (None, Some(Why::OutOfRange)));
        assert_eq!((why(&deep(3)), why(&deep(4))), (None, Some(Why::Malformed)));
        assert_eq!(why(&Filter::All(vec![Filter::Any(Vec::new())])), Some(Why::Malformed));
        let values = |count: i64| Filter::Test(Test::Id(IdField::Team, IdTest::In((0..count).collect())));
        assert_eq!((why(&values(100)), why(&values(101))), (None, Some(Why::Malformed)));
        assert_eq!(why(&Filter::Test(Test::Tags(TagTest::Has(Vec::new())))), Some(Why::Malformed));
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let day = |text: &str| Moment::On(Day::parse(text).unwrap());
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let (start, end) = (at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z"));
        let spring = day("2026-03-29");
        let within = |from, until| TimeRange::Within { from, until };
        assert_eq!(TimeTest::Is(spring).range(&zone), within(Some(start), Some(end)), "a day of 23 hours");
        assert_eq!(TimeTest::IsNot(spring).range(&zone), TimeRange::Outside { from: start, until: end });
        assert_eq!(TimeTest::After(spring).range(&zone), within(Some(end), None));
        assert_eq!(TimeTest::Before(spring).range(&zone), within(None, Some(start)));
        let to = TimeTest::Between(spring, Moment::At(at("2026-03-30T00:00:00Z"))).range(&zone);
        assert_eq!(to, within(Some(start), Some(at("2026-03-30T00:00:00.001Z"))));
    }

    #[test]
    fn a_filter_is_stored_in_words() {
        let filter = Filter::Any(vec![
            test(),
            Filter::Test(Test::Time(
                TimeField::CreatedAt,
                TimeTest::After(Moment::On(Day::parse("2026-01-05").unwrap())),
            )),
            Filter::Test(Test::Text(TextField::Medium, TextTest::NotSet)),
            Filter::Test(Test::Tags(TagTest::Has(vec![TagId(3)]))),
        ]);
        let stored = serde_json::to_string(&filter).unwrap();
        assert_eq!(
            stored,
            r#"{"any":[{"test":{"id":["status",{"is":1}]}},{"test":{"time":["created_at",{"after":{"on":"2026-01-05"}}]}},{"test":{"text":["medium","not_set"]}},{"test":{"tags":{"has":[3]}}}]}"#
        );
        assert_eq!(serde_json::from_str::<Filter>(&stored).unwrap(), filter);
    }
}
