//! Forms with files that can't be read, or hold what they should not.

use super::probe::Probe;
use super::{Endpoint, Surface};
use crate::http::Reply;

/// A form in parts that an endpoint takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The part that is the file.
    pub file: &'static str,
    /// The fields before it.
    pub fields: Vec<(&'static str, String)>,
    pub filename: &'static str,
    pub bytes: Vec<u8>,
    /// How many bytes the file may have.
    pub largest: usize,
}

impl Form {
    const BOUNDARY: &'static str = "boundary-of-the-form";

    /// The header and the body.
    #[must_use]
    pub fn encoded(&self) -> (String, Vec<u8>) {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let part =
                format!("--{}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n", Self::BOUNDARY);
            body.extend_from_slice(part.as_bytes());
        }
        let (name, filename) = (self.file, self.filename);
        let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"");
        let head = format!("--{}\r\n{head}\r\nContent-Type: text/html\r\n\r\n", Self::BOUNDARY);
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&self.bytes);
        body.extend_from_slice(format!("\r\n--{}--\r\n", Self::BOUNDARY).as_bytes());
        (format!("multipart/form-data; boundary={}", Self::BOUNDARY), body)
    }
}

/// The endpoints that read a form with a file, each with one that it takes.
fn uploads(surface: &impl Surface) -> Vec<(&Endpoint, Form)> {
    surface.endpoints().iter().filter_map(|endpoint| Some((endpoint, surface.form(endpoint)?))).collect()
}

async fn send<S: Surface>(probe: &Probe<'_, S>, endpoint: &Endpoint, kind: &str, body: Vec<u8>, what: &str) -> Reply {
    let request = probe.request(endpoint, &probe.surface.path(endpoint)).header("content-type", kind).body(body);
    probe.send(endpoint, request, what).await
}

/// What is no form, or is cut, or ends nowhere: refused, and nothing is kept of it.
///
/// # Panics
/// If an endpoint takes one, as for all runs.
pub async fn that_are_broken(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, form) in uploads(surface) {
        let (kind, whole) = form.encoded();
        let meant = send(&probe, endpoint, &kind, whole.clone(), "as meant").await;
        assert!(surface.accepts(&meant), "{endpoint}: {}", meant.text());
        let no_name = String::from_utf8_lossy(&whole).replace("; name=", "; nome=").into_bytes();
        let long = [b"--boundary-of-the-form\r\n".as_slice(), &[b'a'; 100_000]].concat();
        for (kind, body, what) in [
            ("multipart/form-data", whole.clone(), "no boundary"),
            ("multipart/form-data; boundary=", whole.clone(), "an empty boundary"),
            ("multipart/form-data; boundary=other", whole.clone(), "another boundary"),
            ("application/json", b"{}".to_vec(), "JSON"),
            ("application/x-www-form-urlencoded", b"files=x".to_vec(), "a form without parts"),
            ("", whole.clone(), "no content type"),
            (kind.as_str(), Vec::new(), "nothing"),
            (kind.as_str(), whole[..whole.len() / 2].to_vec(), "half of it"),
            (kind.as_str(), whole[..whole.len() - 4].to_vec(), "no end"),
            (kind.as_str(), no_name, "no name"),
            (kind.as_str(), long, "a long head"),
        ] {
            let answer = send(&probe, endpoint, kind, body, what).await;
            assert!(surface.refuses(&answer), "{endpoint} {what}: {}", answer.text());
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

/// Files of any bytes with any name: taken or refused, never a failure.
///
/// # Panics
/// As for all runs.
pub async fn that_hold_anything(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, form) in uploads(surface) {
        for name in [
            "..",
            "../../etc/passwd",
            "a/b",
            "a\\b",
            "\u{202e}gnp.exe",
            "",
            ".",
            "con",
            "%00",
            "a%2fb",
            "\u{1f642}.png",
        ] {
            let (kind, body) = Form { filename: name, ..form.clone() }.encoded();
            send(&probe, endpoint, &kind, body, name).await;
        }
        for bytes in [vec![0; 10], b"<script>".to_vec(), b"\r\n--boundary".to_vec(), vec![0xff; 70_000]] {
            let (kind, body) = Form { bytes, ..form.clone() }.encoded();
            send(&probe, endpoint, &kind, body, "other bytes").await;
        }
        for (bytes, what) in [(Vec::new(), "an empty file"), (vec![b'a'; form.largest + 1], "a huge file")] {
            let (kind, body) = Form { bytes, ..form.clone() }.encoded();
            let answer = send(&probe, endpoint, &kind, body, what).await;
            assert!(answer.status().is_client_error(), "{endpoint} {what}: {}", answer.text());
        }
        for (name, value) in [("field", "a\0b".to_owned()), ("field", "a".repeat(200_000))] {
            let fields = vec![(name, value)];
            let (kind, body) = Form { fields, ..form.clone() }.encoded();
            let answer = send(&probe, endpoint, &kind, body, "a field that is too much").await;
            assert!(surface.refuses(&answer), "{endpoint}: {}", answer.text());
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}
