//! Where traces go.

use super::section::section;
use crate::exit::Usage;

section! {
    /// Traces for OpenTelemetry: what each request spent its time on.
    Tracing of "tracing" {
        /// Where a collector takes OTLP over HTTP, such as "http://127.0.0.1:4318". Empty: no traces
        /// are made.
        otlp_endpoint: String = String::new(),
        /// One of so many traces is kept: 1 keeps all, 100 one of a hundred.
        sample_one_in: u32 = 1,
    }
}

impl Tracing {
    /// The address that spans are sent to; `None` if none are.
    ///
    /// # Errors
    /// What is wrong with the section.
    pub(crate) fn endpoint(&self) -> Result<Option<String>, Usage> {
        if self.sample_one_in == 0 {
            return Err(Usage::new("tracing.sample_one_in: 1 keeps all traces, greater numbers fewer"));
        }
        let url = self.otlp_endpoint.trim_end_matches('/');
        match url.split_once("://") {
            None if url.is_empty() => Ok(None),
            Some(("http" | "https", host)) if host.contains('/') => Ok(Some(url.to_owned())),
            Some(("http" | "https", _)) => Ok(Some(format!("{url}/v1/traces"))),
            _ => Err(Usage::new("tracing.otlp_endpoint: an address such as http://127.0.0.1:4318 is wanted")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(otlp_endpoint: &str) -> Option<Option<String>> {
        Tracing { otlp_endpoint: otlp_endpoint.to_owned(), sample_one_in: 1 }.endpoint().ok()
    }

    #[test]
    fn an_endpoint_gets_the_usual_path() {
        assert_eq!(endpoint(""), Some(None));
        assert_eq!(endpoint("http://127.0.0.1:4318/"), Some(Some("http://127.0.0.1:4318/v1/traces".to_owned())));
        assert_eq!(endpoint("http://otel/v1/other"), Some(Some("http://otel/v1/other".to_owned())));
        assert_eq!(endpoint("otel.example.org:4318"), None);
        assert!(Tracing { sample_one_in: 0, ..Tracing::default() }.endpoint().is_err());
    }
}
