//! Durations as configurations write them: `90m`, `1h30m`, `1.5h`.

/// Reads a duration in Go's notation as milliseconds; finer parts are dropped. `None` for
/// anything else. Signed; units ns, us, µs, ms, s, m, h; a bare `0` needs none.
#[must_use]
pub fn millis_of(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { -1.0 } else { 1.0 }, rest),
        None => (1.0, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut millis = 0.0;
    while !rest.is_empty() {
        let (amount, after) = amount(rest)?;
        let (factor, after) = unit(after)?;
        millis += amount * factor;
        rest = after;
    }
    whole(sign * millis)
}

fn amount(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

fn unit(text: &str) -> Option<(f64, &str)> {
    const UNITS: [(&str, f64); 8] =
        [("ns", 1e-6), ("us", 1e-3), ("µs", 1e-3), ("μs", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 60e3), ("h", 3600e3)];
    UNITS.iter().find_map(|(name, factor)| Some((*factor, text.strip_prefix(name)?)))
}

/// The whole milliseconds; `None` above about 292 years, which is all Go can hold.
#[expect(clippy::cast_possible_truncation, reason = "the bound lies well within an i64")]
fn whole(millis: f64) -> Option<i64> {
    const MOST: f64 = 9.2e12;
    (millis.abs() <= MOST).then_some(millis as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, millis) in [
            ("90m", 5_400_000),
            ("2h30m", 9_000_000),
            ("1.5h", 5_400_000),
            ("-1s", -1000),
            ("300ms", 300),
            ("1µs", 0),
            ("0", 0),
            (".5s", 500),
            ("1h0m0s", 3_600_000),
        ] {
            assert_eq!(millis_of(text), Some(millis), "{text}");
        }
        for text in ["", "-", "90", "m", "1d", "1 h", "h1", "1..5h", "1e3s", "99999999999h", ".s"] {
            assert_eq!(millis_of(text), None, "{text}");
        }
    }
}
