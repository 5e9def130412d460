//! What administrators set about the whole desk while it runs. What only its operator may set is in its configuration.

use serde::{Deserialize, Serialize};

use crate::id::BusinessHoursId;
use crate::{Error, Result, Why, text, time};

/// The languages that the desk has texts in: code and own name.
pub const LANGUAGES: [(&str, &str); 1] = [("en-US", "English")];

const NAME_MAX: usize = 140;
const URL_MAX: usize = 2000;
/// The largest upload that can be allowed, in MB.
pub const UPLOAD_MAX_MB: u32 = 100;
const EXTENSIONS_MAX: usize = 200;
const EXTENSION_MAX: usize = 20;
/// Stands for every file type.
pub const ANY_EXTENSION: &str = "*";

/// The general settings. A field that was never set has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GeneralSettings {
    pub site_name: String,
    /// A code of [`LANGUAGES`].
    pub language: String,
    /// IANA name of the zone that times without a team's are told in.
    pub timezone: String,
    /// Empty, an http(s) address, or a path on this desk; so is `favicon_url`.
    pub logo_url: String,
    pub favicon_url: String,
    /// Opening hours of teams that have none of their own; `None`: always open.
    pub business_hours: Option<BusinessHoursId>,
    /// Bytes are counted in millions.
    pub max_upload_mb: u32,
    /// In small letters and without their dot; [`ANY_EXTENSION`] allows all, an empty list none.
    pub upload_extensions: Vec<String>,
    /// Whether agents see a conversation's subject.
    pub show_subject: bool,
}

impl Default for GeneralSettings {
    fn default() -> Self {
        Self {
            site_name: "Muster".to_owned(),
            language: LANGUAGES[0].0.to_owned(),
            timezone: "UTC".to_owned(),
            logo_url: String::new(),
            favicon_url: String::new(),
            business_hours: None,
            max_upload_mb: 20,
            upload_extensions: vec![ANY_EXTENSION.to_owned()],
            show_subject: true,
        }
    }
}

/// A change of the general settings; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    pub site_name: Option<String>,
    pub language: Option<String>,
    pub timezone: Option<String>,
    pub logo_url: Option<String>,
    pub favicon_url: Option<String>,
    pub business_hours: Option<Option<BusinessHoursId>>,
    pub max_upload_mb: Option<u32>,
    /// Any case, with or without dot.
    pub upload_extensions: Option<Vec<String>>,
    pub show_subject: Option<bool>,
}

impl GeneralSettings {
    /// Whether a file of this name may be uploaded.
    #[must_use]
    pub fn allows_file(&self, name: &str) -> bool {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
        self.upload_extensions.iter().any(|allowed| allowed == ANY_EXTENSION || *allowed == extension)
    }

    /// The most bytes that an uploaded file may have.
    #[must_use]
    pub fn max_upload_bytes(&self) -> u64 {
        u64::from(self.max_upload_mb) * 1_000_000
    }

    /// The settings after a change.
    ///
    /// # Errors
    /// [`Error::Invalid`].
    pub fn patched(&self, patch: &SettingsPatch) -> Result<Self> {
        let mut after = self.clone();
        put(
            &mut after.site_name,
            patch.site_name.as_deref().map(|name| text::bounded("site_name", name, 1, NAME_MAX)),
        )?;
        put(&mut after.language, patch.language.as_deref().map(language))?;
        put(&mut after.timezone, patch.timezone.as_deref().map(|name| time::zone("timezone", name)))?;
        put(&mut after.logo_url, patch.logo_url.as_deref().map(|url| place("logo_url", url)))?;
        put(&mut after.favicon_url, patch.favicon_url.as_deref().map(|url| place("favicon_url", url)))?;
        put(&mut after.business_hours, patch.business_hours.map(Ok))?;
        put(&mut after.max_upload_mb, patch.max_upload_mb.map(upload_limit))?;
        put(&mut after.upload_extensions, patch.upload_extensions.as_deref().map(extensions))?;
        put(&mut after.show_subject, patch.show_subject.map(Ok))?;
        Ok(after)
    }
}

fn put<T>(field: &mut T, value: Option<Result<T>>) -> Result<()> {
    if let Some(value) = value {
        *field = value?;
    }
    Ok(())
}

fn language(code: &str) -> Result<String> {
    let known = LANGUAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code.trim()));
    known.map(|(code, _)| (*code).to_owned()).ok_or(Error::invalid("language", Why::Unknown))
}

/// An address that pages may show an image from: never a script.
fn place(field: &'static str, url: &str) -> Result<String> {
    let url = text::bounded(field, url, 0, URL_MAX)?;
    let is_address = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    let is_path = url.starts_with('/') && !url.starts_with("//");
    let is_plain =
        !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '\\'));
    if url.is_empty() || ((is_address || is_path) && is_plain) {
        Ok(url)
    } else {
        Err(Error::invalid(field, Why::Malformed))
    }
}

fn upload_limit(megabytes: u32) -> Result<u32> {
    let fits = (1..=UPLOAD_MAX_MB).contains(&megabytes);
    if fits { Ok(megabytes) } else { Err(Error::invalid("max_upload_mb", Why::OutOfRange)) }
}

fn extensions(given: &[String]) -> Result<Vec<String>> {
    if given.len() > EXTENSIONS_MAX {
        return Err(Error::invalid("upload_extensions", Why::OutOfRange));
    }
    let mut extensions = Vec::with_capacity(given.len());
    for extension in given {
        let extension = extension.trim().trim_start_matches('.').to_lowercase();
        let extension = text::bounded("upload_extensions", &extension, 1, EXTENSION_MAX)?;
        let is_word = extension.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+'));
        if extension != ANY_EXTENSION && !is_word {
            return Err(Error::invalid("upload_extensions", Why::Malformed));
        }
        if !extensions.contains(&extension) {
            extensions.push(extension);
        }
    }
    Ok(extensions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(patch: &SettingsPatch) -> Result<GeneralSettings> {
        GeneralSettings::default().patched(patch)
    }

    #[test]
    fn what_is_not_given_stays_as_it_is() {
        assert_eq!(patched(&SettingsPatch::default()).unwrap(), GeneralSettings::default());
        let patch = SettingsPatch { timezone: Some("europe/berlin".to_owned()), ..SettingsPatch::default() };
        let after = patched(&patch).unwrap();
        assert_eq!(after, GeneralSettings { timezone: "Europe/Berlin".to_owned(), ..GeneralSettings::default() });
    }

    #[test]
    fn what_was_stored_by_an_older_desk_is_read_with_defaults() {
        let stored: GeneralSettings = serde_json::from_str(r#"{"site_name":"Help"}"#).unwrap();
        assert_eq!(stored, GeneralSettings { site_name: "Help".to_owned(), ..GeneralSettings::default() });
    }

    #[test]
    fn pictures_come_from_addresses_or_from_the_desk() {
        for url in ["", "https://example.org/logo.png", "http://example.org/a?b=c", "/images/logo.svg"] {
            let patch = SettingsPatch { logo_url: Some(url.to_owned()), ..SettingsPatch::default() };
            assert_eq!(patched(&patch).unwrap().logo_url, url);
        }
        for url in ["javascript:alert(1)", "//example.org/x", "logo.png", "https://example.org/\"", "data:image/png;,x"]
        {
            let patch = SettingsPatch { favicon_url: Some(url.to_owned()), ..SettingsPatch::default() };
            assert!(patched(&patch).is_err(), "{url}");
        }
    }

    #[test]
    fn extensions_are_compared_in_small_letters_without_dot() {
        let given = |list: &[&str]| SettingsPatch {
            upload_extensions: Some(list.iter().map(|word| (*word).to_owned()).collect()),
            ..SettingsPatch::default()
        };
        let settings = patched(&given(&[".PNG", "png", "tar.gz"]));
        assert!(settings.is_err());
        let settings = patched(&given(&[".PNG", "png", " Pdf "])).unwrap();
        assert_eq!(settings.upload_extensions, ["png", "pdf"]);
        assert!(settings.allows_file("A.Png") && settings.allows_file("a.b.pdf"));
        assert!(!settings.allows_file("png") && !settings.allows_file("a.exe") && !settings.allows_file(""));
        assert!(GeneralSettings::default().allows_file("anything"));
        assert!(!patched(&given(&[])).unwrap().allows_file("a.png"));
    }

    #[test]
    fn limits_and_languages_are_known_ones() {
        for max_upload_mb in [0, UPLOAD_MAX_MB + 1] {
            assert!(
                patched(&SettingsPatch { max_upload_mb: Some(max_upload_mb), ..SettingsPatch::default() }).is_err()
            );
        }
        let language = |code: &str| SettingsPatch { language: Some(code.to_owned()), ..SettingsPatch::default() };
        assert_eq!(patched(&language("EN-us")).unwrap().language, "en-US");
        assert!(patched(&language("xx-XX")).is_err());
    }
}
