//! Bodies that can't be read, or hold more than they should.

use reqwest::Method;

use super::probe::Probe;
use super::{Surface, written};

/// More than any body needs of anything.
const MANY: usize = 10_000;

/// # Panics
/// If an endpoint takes one, as for all runs.
pub async fn that_are_no_object(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, body) in written(surface) {
        let text = body.to_string();
        let cut = &text[..text.len() - 1];
        for blank in ["", " "] {
            if surface.blank_is_empty(endpoint) {
                probe.send_json(endpoint, blank, "blank").await;
            } else {
                probe.refuses_json(endpoint, blank, "blank").await;
            }
        }
        for bad in
            ["null", "true", "7", "\"text\"", "[]", "[{}]", "{", "}", "{]", "{\"\"}", "{\"a\":}", "{'a': 1}", cut]
        {
            if bad == "[]" && surface.takes_list(endpoint) {
                probe.send_json(endpoint, bad, bad).await;
            } else {
                probe.refuses_json(endpoint, bad, bad).await;
            }
        }
        for tail in ["x", "{}", ",", "\0"] {
            probe.refuses_json(endpoint, format!("{text}{tail}"), tail).await;
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

pub async fn that_are_no_text(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, body) in written(surface) {
        for field in keys(&body) {
            for bad in [b"\xff".as_slice(), b"\xc3", b"\xed\xa0\x80", b"a\0b"] {
                let mut bytes = format!("{{\"{field}\": \"").into_bytes();
                bytes.extend_from_slice(bad);
                bytes.extend_from_slice(b"\"}");
                probe.refuses_json(endpoint, bytes, &field).await;
            }
        }
        let marked = [b"\xef\xbb\xbf", body.to_string().as_bytes()].concat();
        probe.refuses_json(endpoint, marked, "a byte-order mark").await;
        probe.refuses_json(endpoint, b"\xfe\xff\x00{\x00}".as_slice(), "UTF-16").await;
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

pub async fn that_are_nested_too_deep(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, body) in written(surface) {
        let lists = "[".repeat(MANY) + &"]".repeat(MANY);
        let objects = "{\"a\":".repeat(MANY) + "1" + &"}".repeat(MANY);
        for deep in [&lists, &objects] {
            for field in keys(&body) {
                probe.refuses_json(endpoint, format!("{{\"{field}\": {deep}}}"), &field).await;
            }
            // What isn't known may be skipped, however deep it is.
            probe.send_json(endpoint, format!("{{\"unknown\": {deep}}}"), "unknown").await;
        }
        probe.send_json(endpoint, objects.as_str(), "objects").await;
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

/// `limit` is how many bytes a body may have.
pub async fn that_are_too_large(surface: &impl Surface, limit: usize) {
    let probe = Probe::new(surface);
    for (endpoint, _) in written(surface) {
        let huge = format!("{{\"unknown\": \"{}\"}}", "a".repeat(limit));
        let answer = probe.send_json(endpoint, huge, "huge").await;
        assert_eq!(answer.status(), surface.too_large(), "{endpoint}: {}", answer.text());
        let many = format!("{{{}\"z\": 1}}", (0..MANY).map(|key| format!("\"k{key}\": [],")).collect::<String>());
        probe.send_json(endpoint, many, "many fields").await;
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

pub async fn of_another_content_type(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, body) in written(surface) {
        let path = surface.path(endpoint);
        for kind in ["text/xml", "application/xml", "application/xhtml+xml; charset=utf-8"] {
            let request = probe.request(endpoint, &path).header("content-type", kind).body(body.to_string());
            let answer = probe.send(endpoint, request, kind).await;
            let is_refused = surface.ignores_content_type() || answer.status() == 400;
            assert!(is_refused, "{endpoint} {kind}: {}", answer.text());
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "image/png"] {
            for bytes in [b"".as_slice(), b"%ff=%ff&&&==", b"a[b][c]=1&a=2", b"%", b"\xff\xfe", b"--x\r\n\r\n--x--"] {
                let request = probe.request(endpoint, &path).header("content-type", kind).body(bytes.to_vec());
                probe.send(endpoint, request, kind).await;
            }
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

/// What isn't known is ignored or refused by name, but never half-read; of equal keys the last counts.
pub async fn with_unknown_and_repeated_keys(surface: &impl Surface) {
    let probe = Probe::new(surface);
    for (endpoint, body) in written(surface) {
        let text = body.to_string();
        let inner = &text[1..text.len() - 1];
        let unknown = format!("{{\"__proto__\": {{\"a\": [null]}}, \"\": 1, \"é\u{202e}\": 1e300, {inner}}}");
        let plain = probe.send_json(endpoint, text.as_str(), "as meant").await;
        let is_meant = surface.accepts(&plain) || surface.is_taken(&plain);
        assert_eq!(is_meant, !surface.names_nothing(endpoint), "{endpoint}: {}", plain.text());
        let again = probe.send_json(endpoint, unknown, "unknown keys").await;
        let is_refused = surface.refuses_unknown_keys(endpoint) && again.status() == 400;
        let is_alike = again.status() == plain.status() || surface.is_taken(&again) || is_refused;
        assert!(is_alike, "{endpoint}: {} after {}", again.text(), plain.text());
        for field in keys(&body) {
            probe.send_json(endpoint, format!("{{\"{field}\": [[]], \"{field}\": {{}}, {inner}}}"), &field).await;
            // A list of lists is nothing that any field holds.
            let answer = probe.send_json(endpoint, format!("{{{inner}, \"{field}\": [[{{}}]]}}"), &field).await;
            assert!(surface.refuses(&answer), "{endpoint} {field}: {}", answer.text());
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

/// What is sent to an endpoint that reads no body changes nothing of its answer.
pub async fn where_none_is_read(surface: &impl Surface, except: &[&str]) {
    let probe = Probe::new(surface);
    let bodiless = surface.endpoints().iter().filter(|endpoint| {
        endpoint.documented
            && surface.body(endpoint).is_none()
            && surface.form(endpoint).is_none()
            && endpoint.method != Method::DELETE
            && !except.contains(&endpoint.path.as_str())
    });
    for endpoint in bodiless {
        let path = surface.path(endpoint);
        let without = probe.send(endpoint, probe.request(endpoint, &path), "no body").await.status();
        for body in [b"{".as_slice(), b"\xff\0", &b"[".repeat(MANY)] {
            let request = probe.request(endpoint, &path).header("content-type", "application/json");
            let answer = probe.send(endpoint, request.body(body.to_vec()), "a body").await;
            assert_eq!(answer.status(), without, "{endpoint}: {}", answer.text());
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
    }
}

fn keys(body: &serde_json::Value) -> Vec<String> {
    body.as_object().expect("a body is an object").keys().cloned().collect()
}
