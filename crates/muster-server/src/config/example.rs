//! `docs/muster.example.toml`: every key with its default and its comment.

use std::fmt::Write as _;

use super::Config;
use super::section::{Key, Section};
use super::sections::SECTIONS;

const HEAD: &str = "\
# Every key of Muster's configuration with its default. Copy what you change:
#
#     muster serve --config muster.toml
#
# Each key is also an environment variable, MUSTER_SECTION__KEY, such as MUSTER_SERVER__LISTEN.
";

/// The file's text.
pub(crate) fn example() -> String {
    let defaults = toml::Table::try_from(Config::default()).expect("the configuration is tables of plain values");
    SECTIONS.iter().fold(HEAD.to_owned(), |text, section| text + &table(section, &defaults))
}

fn table(section: &Section, defaults: &toml::Table) -> String {
    let mut text = format!("\n{}[{}]\n", comment(section.doc), section.name);
    for Key { name, doc } in section.keys {
        writeln!(text, "{}{name} = {}", comment(doc), defaults[section.name][*name]).expect("a text takes what comes");
    }
    text
}

fn comment(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("#{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_example_is_up_to_date() {
        let shipped = include_str!("../../../../docs/muster.example.toml");
        assert!(shipped == example(), "docs/muster.example.toml is out of date: run `make gen`");
    }

    #[test]
    fn the_example_says_the_defaults() {
        let config: Config = toml::from_str(&example()).unwrap();
        assert_eq!(config, Config::default());
    }
}
