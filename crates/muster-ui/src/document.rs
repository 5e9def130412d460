//! A document that is made when the program starts, handed out as the files are that were built.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::file::{Copies, Keep};

/// A document of JSON.
#[derive(Debug)]
pub struct Document {
    tag: String,
    plain: Bytes,
    /// Made when somebody asks for it first.
    gzip: OnceLock<Bytes>,
}

impl Document {
    #[must_use]
    pub fn new(json: String) -> Self {
        let mut hasher = DefaultHasher::new();
        json.hash(&mut hasher);
        Self { tag: format!("{:016x}", hasher.finish()), plain: json.into(), gzip: OnceLock::new() }
    }

    /// Hands the document out to whoever sent these headers; they ask each time whether there is a new one.
    #[must_use]
    pub fn answer(&self, request: &HeaderMap) -> Response {
        let gzip = || Some(self.gzip.get_or_init(|| packed(&self.plain)).clone());
        let copies = Copies { content_type: "application/json", tag: &self.tag, plain: self.plain.clone(), gzip };
        copies.answer(request, Keep::Checked)
    }
}

fn packed(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.expect("memory takes what is written to it").into()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use axum::http::{HeaderValue, header};
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_is_packed_is_the_same_document() {
        let text = "{\"openapi\":\"3.1.0\"}".repeat(1000);
        let mut unpacked = String::new();
        GzDecoder::new(&*packed(text.as_bytes())).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
    }

    #[test]
    fn another_document_is_another_version() {
        let tag = |text: &str| {
            let answer = Document::new(text.to_owned()).answer(&HeaderMap::new());
            answer.headers()[header::ETAG].clone()
        };
        assert_eq!(tag("{}"), tag("{}"));
        assert_ne!(tag("{}"), tag("[]"));
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag("{}"))]);
        let answer = Document::new("{}".to_owned()).answer(&known);
        assert_eq!(answer.status(), 304);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], HeaderValue::from_static("application/json"));
    }
}
