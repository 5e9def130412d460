use super::*;

const BERLIN: &str = "Europe/Berlin";
const NEW_YORK: &str = "America/New_York";

fn span(open: &str, close: &str) -> Span {
    Span::new(TimeOfDay::parse(open).unwrap(), TimeOfDay::parse(close).unwrap()).unwrap()
}

fn hours(days: &[(Day, &str, &str)]) -> BusinessHours {
    let week = days.iter().map(|(day, open, close)| (*day, span(open, close))).collect();
    BusinessHours { week, ..BusinessHours::new(Timestamp::from_millis(0)) }
}

fn every_day(open: &str, close: &str) -> BusinessHours {
    hours(&Day::ALL.iter().map(|day| (*day, open, close)).collect::<Vec<_>>())
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn times_are_hours_and_minutes() {
    for (text, shown) in [("00:00", "00:00"), ("09:05", "09:05"), ("23:59", "23:59"), ("24:00", "24:00")] {
        assert_eq!(TimeOfDay::parse(text).unwrap().to_string(), shown);
    }
    for text in ["", "9:00", "09:60", "24:01", "25:00", "09:00:00", "0900", "-1:00", "+9:00", "ab:cd", "09:0"] {
        assert_eq!(TimeOfDay::parse(text), None, "{text}");
    }
}

#[test]
fn a_span_begins_and_ends() {
    let new = |open: &str, close: &str| Span::new(TimeOfDay::parse(open).unwrap(), TimeOfDay::parse(close).unwrap());
    assert!(new("09:00", "09:00").is_err() && new("24:00", "09:00").is_err() && new("00:00", "00:00").is_err());
    assert!(new("22:00", "06:00").is_ok() && new("00:00", "24:00").is_ok());
}

#[test]
fn it_is_open_from_the_first_instant_of_a_span_to_its_last() {
    let office = hours(&[(Day::Monday, "09:00", "17:00")]);
    // 2026-01-05 is a Monday; Berlin is an hour ahead of UTC in winter.
    for (instant, open) in [
        ("2026-01-05T07:59:59.999Z", false),
        ("2026-01-05T08:00:00Z", true),
        ("2026-01-05T15:59:59.999Z", true),
        ("2026-01-05T16:00:00Z", false),
        ("2026-01-06T09:00:00Z", false),
    ] {
        assert_eq!(office.is_open(at(instant), BERLIN), open, "{instant}");
    }
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_it_opens_on() {
    let night = hours(&[(Day::Friday, "22:00", "06:00")]);
    // 2026-01-09 is a Friday.
    for (instant, open) in [
        ("2026-01-09T05:00:00Z", false),
        ("2026-01-09T22:00:00Z", true),
        ("2026-01-10T05:59:00Z", true),
        ("2026-01-10T06:00:00Z", false),
        ("2026-01-10T23:00:00Z", false),
    ] {
        assert_eq!(night.is_open(at(instant), "UTC"), open, "{instant}");
    }
    assert!(every_day("00:00", "24:00").is_open(at("2026-01-09T23:59:59.999Z"), "UTC"));
}

#[test]
fn on_a_holiday_nothing_opens_and_what_opened_before_runs_on() {
    let mut night = every_day("22:00", "06:00");
    night.holidays.insert("2026-12-25".parse().unwrap(), "Christmas".to_owned());
    assert!(night.is_open(at("2026-12-25T05:00:00Z"), "UTC"));
    assert!(!night.is_open(at("2026-12-25T23:00:00Z"), "UTC") && !night.is_open(at("2026-12-26T05:00:00Z"), "UTC"));
    assert_eq!(night.next_opening(at("2026-12-25T07:00:00Z"), "UTC"), Some(at("2026-12-26T22:00:00Z")));
    let always = BusinessHours { is_always_open: true, ..night };
    assert!(always.is_open(at("2026-12-25T23:00:00Z"), "UTC"));
}

#[test]
fn the_next_opening_is_now_or_later_or_never() {
    let office = hours(&[(Day::Monday, "09:00", "17:00")]);
    for (from, opens) in [
        ("2026-01-05T12:00:00Z", "2026-01-05T12:00:00Z"),
        ("2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z"),
        ("2026-01-05T17:00:00Z", "2026-01-12T09:00:00Z"),
        ("2026-01-11T23:59:00Z", "2026-01-12T09:00:00Z"),
    ] {
        assert_eq!(office.next_opening(at(from), "UTC"), Some(at(opens)), "{from}");
    }
    assert_eq!(hours(&[]).next_opening(at("2026-01-05T12:00:00Z"), "UTC"), None);
    let mut office = office;
    let mondays = ["2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02"];
    office.holidays.extend(mondays.map(|date| (date.parse().unwrap(), "Off".to_owned())));
    assert_eq!(office.next_opening(at("2026-01-06T00:00:00Z"), "UTC"), Some(at("2026-02-09T09:00:00Z")));
}

/// Both changes of the clocks in two zones: when it opens and closes on that day.
#[test]
fn a_wall_clock_is_followed_over_both_changes() {
    for (zone, date, open, close, opens, closes) in [
        // Forward at 02:00 to 03:00, which is 01:00 UTC.
        (BERLIN, "2026-03-29", "09:00", "17:00", "2026-03-29T07:00:00Z", "2026-03-29T15:00:00Z"),
        (BERLIN, "2026-03-28", "22:00", "06:00", "2026-03-28T21:00:00Z", "2026-03-29T04:00:00Z"),
        (BERLIN, "2026-03-29", "01:30", "03:30", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
        // What is left out is an hour later.
        (BERLIN, "2026-03-29", "02:30", "08:00", "2026-03-29T01:30:00Z", "2026-03-29T06:00:00Z"),
        // Back at 03:00 to 02:00, which is 01:00 UTC.
        (BERLIN, "2026-10-25", "09:00", "17:00", "2026-10-25T08:00:00Z", "2026-10-25T16:00:00Z"),
        (BERLIN, "2026-10-24", "22:00", "06:00", "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z"),
        // What comes twice is the first.
        (BERLIN, "2026-10-25", "02:30", "08:00", "2026-10-25T00:30:00Z", "2026-10-25T07:00:00Z"),
        (NEW_YORK, "2026-03-08", "09:00", "17:00", "2026-03-08T13:00:00Z", "2026-03-08T21:00:00Z"),
        (NEW_YORK, "2026-11-01", "09:00", "17:00", "2026-11-01T14:00:00Z", "2026-11-01T22:00:00Z"),
    ] {
        let place = format!("{zone} {date} {open}-{close}");
        let date: Date = date.parse().unwrap();
        let only = hours(&[(Day::from(date.weekday()), open, close)]);
        let (opens, closes) = (at(opens), at(closes));
        let moment = std::time::Duration::from_millis(1);
        assert!(!only.is_open(opens - moment, zone) && only.is_open(opens, zone), "{place}");
        assert!(only.is_open(closes - moment, zone) && !only.is_open(closes, zone), "{place}");
        assert_eq!(only.next_opening(opens - moment, zone), Some(opens), "{place}");
    }
}

#[test]
fn a_span_that_the_clocks_leave_out_does_not_open() {
    let gap = hours(&[(Day::Sunday, "02:30", "03:00")]);
    assert_eq!(gap.next_opening(at("2026-03-29T00:00:00Z"), BERLIN), Some(at("2026-04-05T00:30:00Z")));
}

#[test]
fn names_are_bounded() {
    let hours = BusinessHours::new(Timestamp::from_millis(0));
    let patch = |holiday: &str| HoursPatch {
        holidays: Some(Holidays::from([("2026-01-01".parse().unwrap(), holiday.to_owned())])),
        ..HoursPatch::default()
    };
    assert_eq!(hours.patched(&patch(" New Year ")).unwrap().holidays.values().next().unwrap(), "New Year");
    assert!(hours.patched(&patch(" ")).is_err());
    assert!(hours.patched(&HoursPatch { name: Some(String::new()), ..HoursPatch::default() }).is_err());
}
