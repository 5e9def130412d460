//! Query strings.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

/// The query string as it was sent: a name may come twice, and one without a value is as good as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of an address, `+` and percent-encoding decoded. Never fails: what is no
    /// UTF-8 is replaced.
    #[must_use]
    pub fn of(uri: &Uri) -> Self {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// All values of a name, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The last value of a name.
    #[must_use]
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).last()
    }

    /// All names with their values, as they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_repeat_and_empty_ones_do_not_count() {
        let query = Query::of(&"/?type=incoming&type=&type=a%20b+c&private=&page=2&page=3&=x&%FF=y".parse().unwrap());
        assert_eq!(query.all("type").collect::<Vec<_>>(), ["incoming", "a b c"]);
        assert_eq!((query.get("private"), query.get("page"), query.get("other")), (None, Some("3"), None));
        assert_eq!(query.pairs().count(), 8);
        assert_eq!(Query::of(&"/".parse().unwrap()), Query::default());
    }
}
