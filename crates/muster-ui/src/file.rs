//! A file as it was built, and the answer that hands it out.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::accept::accepts_gzip;

/// A file of the program.
#[derive(Debug)]
pub(crate) struct File {
    /// From the directory of what was built, such as `console/index.html`.
    path: &'static str,
    /// Tells versions apart.
    tag: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// How long a browser may go on using a file unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Its name changes with what it holds.
    Forever,
    /// It asks each time whether there is a new one.
    Checked,
    /// A page, which names the files of its own version.
    Never,
}

/// The file of that name.
pub(crate) fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

impl File {
    /// Hands the file out to whoever sent these headers.
    pub(crate) fn answer(&self, request: &HeaderMap, keep: Keep) -> Response {
        let gzip = || self.gzip.map(Bytes::from_static);
        let copies = Copies {
            content_type: content_type(self.path),
            tag: self.tag,
            plain: Bytes::from_static(self.plain),
            gzip,
        };
        copies.answer(request, keep)
    }
}

/// What is handed out, plain and packed.
pub(crate) struct Copies<'a, G> {
    pub(crate) content_type: &'static str,
    /// Tells versions apart.
    pub(crate) tag: &'a str,
    pub(crate) plain: Bytes,
    /// The packed copy, if there is one.
    pub(crate) gzip: G,
}

impl<G: FnOnce() -> Option<Bytes>> Copies<'_, G> {
    /// Hands a copy out to whoever sent these headers.
    pub(crate) fn answer(self, request: &HeaderMap, keep: Keep) -> Response {
        let gzip = if accepts_gzip(request) { (self.gzip)() } else { None };
        let is_packed = gzip.is_some();
        let tag = format!("\"{}{}\"", self.tag, if is_packed { "-gzip" } else { "" });
        let is_known = keep != Keep::Never && is_known(request, &tag);
        let mut answer = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(gzip.unwrap_or(self.plain)).into_response()
        };
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep.words()));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if is_packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Ok(tag) = HeaderValue::from_str(&tag)
            && keep != Keep::Never
        {
            headers.insert(header::ETAG, tag);
        }
        answer
    }
}

impl Keep {
    const fn words(self) -> &'static str {
        match self {
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Checked => "no-cache",
            Self::Never => "no-store",
        }
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether `If-None-Match` names this version.
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    let lines = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: File = File { path: "a/b.js", tag: "0f", plain: b"plain", gzip: Some(b"gzip") };

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn header_of(answer: &Response, name: header::HeaderName) -> &str {
        answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[test]
    fn the_packed_copy_goes_to_whoever_can_unpack_it() {
        for (accepted, packed) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("gzip; q=0.0", false),
            ("br", false),
            ("", false),
        ] {
            let answer = FILE.answer(&headers(&[(header::ACCEPT_ENCODING, accepted)]), Keep::Forever);
            assert_eq!(header_of(&answer, header::CONTENT_ENCODING), if packed { "gzip" } else { "" }, "{accepted}");
            assert_eq!(header_of(&answer, header::ETAG), if packed { "\"0f-gzip\"" } else { "\"0f\"" }, "{accepted}");
            assert_eq!(header_of(&answer, header::VARY), "Accept-Encoding");
        }
    }

    #[test]
    fn a_known_version_is_not_sent_again() {
        for (known, status) in
            [("\"0f\"", 304), ("W/\"0f\"", 304), ("\"aa\", \"0f\"", 304), ("*", 304), ("\"0f-gzip\"", 200), ("0f", 200)]
        {
            let asked = headers(&[(header::IF_NONE_MATCH, known)]);
            let answer = FILE.answer(&asked, Keep::Checked);
            assert_eq!(answer.status(), status, "{known}");
            assert_eq!(header_of(&answer, header::ETAG), "\"0f\"");
            assert_eq!(FILE.answer(&asked, Keep::Never).status(), 200);
        }
    }

    #[test]
    fn every_file_that_was_built_has_a_type() {
        for file in FILES {
            assert_ne!(content_type(file.path), "application/octet-stream", "{}", file.path);
        }
    }
}
