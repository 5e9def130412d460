//! The environment, read once, here and nowhere else.

use std::fmt;
use std::path::Path;

use toml::{Table, Value};

use super::Config;
use super::sections::SECTIONS;
use crate::exit::Usage;

const PREFIX: &str = "MUSTER_";

/// Keys whose values may also stand in a file that `MUSTER_SECTION__KEY_FILE` names.
const SECRETS: &[(&str, &str)] = &[("database", "url"), ("mail", "password")];

/// The secrets that a configuration file holds, by name.
pub(crate) fn secrets_of(file: &Table) -> impl Iterator<Item = String> {
    let holds = |(section, key): &&(&str, &str)| {
        let value = file.get(*section).and_then(|section| section.get(*key)).and_then(Value::as_str);
        value.is_some_and(|value| !value.is_empty())
    };
    SECRETS.iter().filter(holds).map(|(section, key)| format!("{section}.{key}"))
}

/// The variables that concern the desk.
pub(crate) struct Environment(Vec<(String, String)>);

/// Who administers an empty desk from its first start.
pub(crate) struct FirstAdmin {
    pub(crate) email: String,
    pub(crate) password: String,
}

impl fmt::Debug for Environment {
    /// Names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl fmt::Debug for FirstAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstAdmin").field("email", &self.email).finish_non_exhaustive()
    }
}

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub(crate) fn of_process() -> Result<Self, Usage> {
        let mut variables = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
            let value = value.into_string().map_err(|_| Usage::new(format!("{name} is not UTF-8")))?;
            variables.push((name.to_owned(), value));
        }
        Ok(Self::new(variables))
    }

    /// An environment of these variables; those of others are left out.
    pub(crate) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX));
        Self(ours.collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn config_file(&self) -> Option<&Path> {
        self.get("MUSTER_CONFIG").filter(|path| !path.is_empty()).map(Path::new)
    }

    /// What to log, such as `info`.
    pub(crate) fn log_filter(&self) -> Option<&str> {
        self.get("MUSTER_LOG").filter(|filter| !filter.is_empty())
    }

    /// The administrator to make at the first start.
    ///
    /// # Errors
    /// One of e-mail and password is missing.
    pub(crate) fn first_admin(&self) -> Result<Option<FirstAdmin>, Usage> {
        let email = self.get("MUSTER_ADMIN_EMAIL").filter(|email| !email.is_empty());
        let password = self.secret("MUSTER_ADMIN_PASSWORD")?.filter(|password| !password.is_empty());
        match (email, password) {
            (Some(email), Some(password)) => Ok(Some(FirstAdmin { email: email.to_owned(), password })),
            (None, None) => Ok(None),
            _ => Err(Usage::new("MUSTER_ADMIN_EMAIL and MUSTER_ADMIN_PASSWORD belong together")),
        }
    }

    /// Puts what `MUSTER_SECTION__KEY` variables say over what the file said.
    pub(crate) fn override_keys(&self, table: &mut Table) -> Result<(), Usage> {
        for (name, value) in &self.0 {
            let Some((section, key)) = name[PREFIX.len()..].split_once("__") else { continue };
            let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase());
            let (key, text) = match key.strip_suffix("_file") {
                Some(secret) if SECRETS.contains(&(section.as_str(), secret)) => {
                    (secret.to_owned(), self.secret(name.strip_suffix("_FILE").unwrap_or(name))?)
                }
                _ => (key, Some(value.clone())),
            };
            let Some(text) = text else { continue };
            let value = read_value(&section, &key, &text).map_err(|why| Usage::new(format!("{name}: {why}")))?;
            // The file was accepted, so its sections are tables.
            if let Some(section) = table.entry(section).or_insert_with(|| Table::new().into()).as_table_mut() {
                section.insert(key, value);
            }
        }
        Ok(())
    }

    /// The value of `name`, or what stands in the file that `<name>_FILE` names.
    fn secret(&self, name: &str) -> Result<Option<String>, Usage> {
        let file_variable = format!("{name}_FILE");
        let Some(file) = self.get(&file_variable).filter(|file| !file.is_empty()) else {
            return Ok(self.get(name).map(ToOwned::to_owned));
        };
        if self.get(name).is_some() {
            return Err(Usage::new(format!("set {name} or {file_variable}, not both")));
        }
        let text = std::fs::read_to_string(file).map_err(|error| Usage::new(format!("{file_variable}: {error}")))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// Reads a key's value: as what it is in TOML (`true`, `3`, `["a"]`) where that fits, else as a text.
fn read_value(section: &str, key: &str, text: &str) -> Result<Value, String> {
    let is_known = SECTIONS.iter().any(|known| known.name == section && known.keys.iter().any(|k| k.name == key));
    if !is_known {
        return Err("there is no such key".to_owned());
    }
    let parsed: Option<Value> = format!("{key} = {text}").parse().ok().and_then(|mut table: Table| table.remove(key));
    let as_text = Value::from(text);
    let Some(parsed) = parsed.filter(|value| !value.is_str()) else {
        return fits(section, key, as_text.clone()).map(|()| as_text);
    };
    match fits(section, key, parsed.clone()) {
        Ok(()) => Ok(parsed),
        Err(why) => fits(section, key, as_text.clone()).map(|()| as_text).map_err(|_| why),
    }
}

fn fits(section: &str, key: &str, value: Value) -> Result<(), String> {
    let alone = Table::from_iter([(section.to_owned(), Value::from(Table::from_iter([(key.to_owned(), value)])))]);
    let config: Result<Config, toml::de::Error> = alone.try_into();
    config.map(drop).map_err(|error| error.message().to_owned())
}
