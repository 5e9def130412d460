//! A strict reader of the OpenMetrics text format, as far as a desk uses it: everything it doesn't know is an error.
//!
//! Written from the format's specification, version 1.0.0, and independent of the library that writes it.

use std::collections::{BTreeMap, BTreeSet};

/// One number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// A family of metrics, from its first `#` line on.
#[derive(Debug, Default)]
struct Family {
    name: String,
    kind: String,
    has_help: bool,
}

/// Reads a whole exposition.
pub(crate) fn parse(text: &str) -> Result<Vec<Sample>, String> {
    let Some(lines) = text.strip_suffix("# EOF\n") else { return Err("there is no # EOF at the end".to_owned()) };
    let (mut family, mut families, mut samples) = (Family::default(), BTreeSet::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for line in lines.lines() {
        if let Some(about) = line.strip_prefix("# ") {
            describe(about, &mut family, &mut families).map_err(|why| format!("{why}: {line}"))?;
            continue;
        }
        let sample = sample(line).map_err(|why| format!("{why}: {line}"))?;
        belongs(&sample, &family).map_err(|why| format!("{why}: {line}"))?;
        if !seen.insert((sample.name.clone(), sample.labels.clone())) {
            return Err(format!("told twice: {line}"));
        }
        samples.push(sample);
    }
    histograms_add_up(&samples)?;
    Ok(samples)
}

fn describe(about: &str, family: &mut Family, families: &mut BTreeSet<String>) -> Result<(), &'static str> {
    let mut words = about.splitn(3, ' ');
    let (Some(what), Some(name), Some(text)) = (words.next(), words.next(), words.next()) else {
        return Err("not a description");
    };
    if name != family.name {
        if !families.insert(name.to_owned()) {
            return Err("a family in two places");
        }
        *family = Family { name: is_name(name).then(|| name.to_owned()).ok_or("not a name")?, ..Family::default() };
    }
    match what {
        "HELP" if !family.has_help => family.has_help = true,
        "TYPE" if family.kind.is_empty() && ["counter", "gauge", "histogram", "info"].contains(&text) => {
            text.clone_into(&mut family.kind);
        }
        "UNIT" if family.name.ends_with(&format!("_{text}")) => {}
        _ => return Err("not a description that fits"),
    }
    Ok(())
}

fn belongs(sample: &Sample, family: &Family) -> Result<(), &'static str> {
    let suffix = sample.name.strip_prefix(&family.name).ok_or("outside its family")?;
    let fits = match family.kind.as_str() {
        "counter" => suffix == "_total" && sample.value >= 0.0,
        "gauge" => suffix.is_empty(),
        "info" => suffix == "_info" && sample.value == 1.0,
        "histogram" => match suffix {
            "_bucket" => sample.labels.contains_key("le"),
            "_sum" | "_count" => sample.value >= 0.0,
            _ => false,
        },
        _ => false,
    };
    if fits && family.has_help && sample.value.is_finite() { Ok(()) } else { Err("not a sample of its kind") }
}

fn sample(line: &str) -> Result<Sample, &'static str> {
    let (name, rest) = line.split_at(line.find(['{', ' ']).ok_or("no value")?);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    let value = rest.strip_prefix(' ').ok_or("no space before the value")?;
    let value = value.parse().map_err(|_| "not a number")?;
    if !is_name(name) {
        return Err("not a name");
    }
    Ok(Sample { name: name.to_owned(), labels, value })
}

fn labels(mut rest: &str) -> Result<(BTreeMap<String, String>, &str), &'static str> {
    let mut labels = BTreeMap::new();
    loop {
        let (name, after) = rest.split_once("=\"").ok_or("not a label")?;
        let (value, after) = quoted(after)?;
        if !is_name(name) || labels.insert(name.to_owned(), value).is_some() {
            return Err("not a label's name, or told twice");
        }
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok((labels, after.strip_prefix('}').ok_or("labels without an end")?)),
        }
    }
}

/// Reads up to the closing quote.
fn quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                _ => return Err("not an escape"),
            },
            other => value.push(other),
        }
    }
    Err("a value without an end")
}

fn is_name(name: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// A metric's name with its labels.
type Series = (String, BTreeMap<String, String>);

/// Buckets grow, and the last one holds all.
fn histograms_add_up(samples: &[Sample]) -> Result<(), String> {
    let mut buckets: BTreeMap<Series, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in samples {
        let Some(name) = sample.name.strip_suffix("_bucket") else { continue };
        let mut labels = sample.labels.clone();
        let bound = labels.remove("le").and_then(|le| le.replace("+Inf", "inf").parse().ok()).ok_or("no bound")?;
        buckets.entry((name.to_owned(), labels)).or_default().push((bound, sample.value));
    }
    for ((name, labels), buckets) in buckets {
        let grows = buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let last = buckets.last().map(|(bound, count)| (bound.is_infinite(), *count));
        let count = samples.iter().find(|it| it.name == format!("{name}_count") && it.labels == labels);
        if !grows || last != count.map(|it| (true, it.value)) {
            return Err(format!("the buckets of {name} {labels:?} don't add up"));
        }
    }
    Ok(())
}

#[test]
fn what_is_not_the_format_is_refused() {
    let good = "# HELP a_total_things Help\n# TYPE a_total_things gauge\na_total_things{b=\"c\\\"\"} 1\n# EOF\n";
    assert_eq!(parse(good).unwrap()[0].labels["b"], "c\"");
    for bad in [
        "# HELP a H\n# TYPE a gauge\na 1\n",
        "a 1\n# EOF\n",
        "# HELP a H\n# TYPE a counter\na 1\n# EOF\n",
        "# HELP a H\n# TYPE a gauge\na 1\na 2\n# EOF\n",
        "# HELP a H\n# TYPE a gauge\na{b=\"c} 1\n# EOF\n",
        "# HELP a H\n# TYPE a gauge\na{b=c} 1\n# EOF\n",
        "# HELP a H\n# TYPE a gauge\na one\n# EOF\n",
        "# HELP a H\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n# EOF\n",
        "# HELP a H\n# TYPE a gauge\na 1\n# HELP b H\n# TYPE b gauge\nb 1\n# HELP a H\na 2\n# EOF\n",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}
