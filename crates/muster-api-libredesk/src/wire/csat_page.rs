//! The texts of the page on which a customer rates a conversation.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_core::message::escaped;
use muster_core::survey::{FEEDBACK_MAX, QUESTION};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// From the worst on.
const RATINGS: [&str; 5] = ["Very poor", "Poor", "Okay", "Good", "Very good"];

const STYLE: &str = "\
*{box-sizing:border-box}\
body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:#1f2937;background:#fff}\
main{max-width:32rem;margin:0 auto;padding:1.5rem}\
h1{font-size:1.25rem;margin:0 0 1rem}\
fieldset{border:1px solid #6b7280;border-radius:.5rem;margin:0 0 1rem;padding:.5rem 1rem}\
legend,.label{font-weight:600}\
.rating{display:flex;align-items:center;gap:.75rem;min-height:2.75rem}\
.rating input{width:1.25rem;height:1.25rem;margin:0;flex:none}\
.label{display:block;margin-bottom:.25rem}\
textarea{display:block;width:100%;font:inherit;color:inherit;background:#fff;border:1px solid #6b7280;border-radius:.5rem;padding:.5rem}\
button{margin-top:1rem;font:inherit;font-weight:600;color:#fff;background:#1d4ed8;border:0;border-radius:.5rem;padding:.75rem 1.5rem}\
:focus-visible{outline:3px solid #1d4ed8;outline-offset:2px}\
.error{color:#b91c1c;font-weight:600;border-left:4px solid #b91c1c;padding-left:.75rem}";

/// Lets the page's one style through its own policy.
pub(crate) static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

/// What a customer filled in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// 0: none. What is no number is -1, which no rating is.
    pub(crate) rating: i64,
    pub(crate) feedback: String,
    /// Everything else the form held.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Typed {
    pub(crate) fn read(mut sent: BTreeMap<String, Value>) -> Self {
        let rating = sent.remove("rating").map(|value| text(&value)).unwrap_or_default();
        let feedback = sent.remove("feedback").map(|value| text(&value)).unwrap_or_default();
        // Forms send two characters for a line's end that counted as one when it was typed.
        let feedback = feedback.replace("\r\n", "\n");
        Self {
            rating: if rating.is_empty() { 0 } else { rating.parse().unwrap_or(-1) },
            feedback,
            fields: sent.into_iter().map(|(name, value)| (name, text(&value))).collect(),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A page to be shown.
#[derive(Debug)]
pub(crate) enum Page<'a> {
    Form {
        /// Where the form is sent.
        action: String,
        /// Whose customer it is; may be empty.
        brand: &'a str,
        typed: &'a Typed,
        /// What was wrong with what was sent.
        error: Option<&'a str>,
    },
    Thanks,
    Answered,
    Missing,
    Refused(&'a str),
}

impl Page<'_> {
    pub(crate) fn html(&self) -> String {
        let (title, body) = match self {
            Self::Form { action, brand, typed, error } => (QUESTION, form(action, brand, typed, *error)),
            Self::Thanks => ("Thank you", said("Your rating has been sent.")),
            Self::Answered => ("Thank you", said("This conversation has been rated already.")),
            Self::Missing => ("Nothing to rate here", said("The link is wrong, or what it led to is gone.")),
            Self::Refused(why) => ("That didn't work", said(why)),
        };
        let title = match self {
            Self::Form { error: Some(_), .. } => format!("Error: {title}"),
            _ => title.to_owned(),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex, nofollow\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
        )
    }
}

fn said(text: &str) -> String {
    format!("<h1>{}</h1>\n", escaped(text))
}

fn form(action: &str, brand: &str, typed: &Typed, error: Option<&str>) -> String {
    let mut html = format!("<h1>{QUESTION}</h1>\n");
    if !brand.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", escaped(brand));
    }
    let described = if error.is_some() { " aria-describedby=\"error\"" } else { "" };
    if let Some(error) = error {
        let _ = writeln!(html, "<p id=\"error\" class=\"error\" role=\"alert\">{}</p>", escaped(error));
    }
    let _ = writeln!(html, "<form method=\"post\" action=\"{}\">", escaped(action));
    let _ = writeln!(html, "<fieldset{described}>\n<legend>How was it?</legend>");
    for (rating, name) in (1..).zip(RATINGS) {
        let checked = if typed.rating == rating { " checked" } else { "" };
        let _ = writeln!(
            html,
            "<label class=\"rating\"><input type=\"radio\" name=\"rating\" value=\"{rating}\"{checked}>{rating} – {name}</label>"
        );
    }
    let _ = writeln!(
        html,
        "</fieldset>\n<label class=\"label\" for=\"feedback\">What would you like to tell us? (optional)</label>\n\
         <textarea id=\"feedback\" name=\"feedback\" rows=\"4\" maxlength=\"{FEEDBACK_MAX}\"{described}>\n{}</textarea>\n\
         <button type=\"submit\">Send</button>\n</form>",
        escaped(&typed.feedback)
    );
    html
}
