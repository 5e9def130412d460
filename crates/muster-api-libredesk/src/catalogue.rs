//! The texts of the front end by language: our own, under the names that front ends ask for. A name that isn't here is
//! shown as it is.

/// The catalogue of a language of [`muster_core::settings::LANGUAGES`], as a JSON object of texts by name.
pub(crate) fn texts(code: &str) -> Option<&'static str> {
    match code {
        "en-US" => Some(include_str!("catalogue/en-US.json")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use muster_core::settings::LANGUAGES;

    use super::*;

    #[test]
    fn every_language_has_its_texts_in_order_and_each_once() {
        for (code, _) in LANGUAGES {
            let file = texts(code).unwrap();
            let texts: BTreeMap<String, String> = serde_json::from_str(file).unwrap();
            assert_eq!(serde_json::to_string_pretty(&texts).unwrap(), file.trim_end());
            assert!(texts.values().all(|text| !text.trim().is_empty()));
        }
        assert_eq!(texts("xx-XX"), None);
    }
}
