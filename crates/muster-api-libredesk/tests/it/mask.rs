//! Answers with what is drawn at random replaced by numbered words, so that they can be compared whole.

use muster_testkit::Reply;

use crate::support::Said as _;

/// [`crate::support::Said::shown`] with UUIDs, opaque ids, tokens and hashes masked; equal ones stay equal.
pub(crate) fn masked(answer: &Reply) -> String {
    let mut seen: Vec<String> = Vec::new();
    let shown = answer.shown();
    let mut parts = shown.split('"');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('"');
        if is_drawn(part) {
            let at = seen.iter().position(|known| known == part).unwrap_or_else(|| {
                seen.push(part.to_owned());
                seen.len() - 1
            });
            out.push_str(&format!("[drawn {}]", at + 1));
        } else {
            out.push_str(part);
        }
    }
    out
}

fn is_drawn(text: &str) -> bool {
    let is_uuid = text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4;
    let is_code = |len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_token = text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_uuid || is_token || is_code(64) || is_code(17)
}
