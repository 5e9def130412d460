//! What a request's `Accept` headers say.

use axum::http::{HeaderMap, HeaderName, header};

/// Whether somebody looks for a page: programs accept anything, browsers say that they want HTML.
pub(crate) fn accepts_html(request: &HeaderMap) -> bool {
    names(request, &header::ACCEPT, "text/html") == Some(true)
}

pub(crate) fn accepts_gzip(request: &HeaderMap) -> bool {
    let named = |coding| names(request, &header::ACCEPT_ENCODING, coding);
    named("gzip").or_else(|| named("*")).unwrap_or(false)
}

/// Whether a header's list names something, and doesn't weigh it zero.
fn names(request: &HeaderMap, header: &HeaderName, wanted: &str) -> Option<bool> {
    let lines = request.get_all(header).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).find_map(|one| {
        let (name, parameters) = one.split_once(';').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case(wanted).then(|| !weighs_nothing(parameters))
    })
}

fn weighs_nothing(parameters: &str) -> bool {
    let weight = parameters.split(';').find_map(|one| one.trim().strip_prefix("q="));
    weight.and_then(|weight| weight.trim().parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
}
