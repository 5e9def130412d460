//! Whether the desk's own certificate can be used.

use super::Finding::{self, Fine, Wrong};
use crate::certificate::check;
use crate::config::Config;

pub(super) fn look(config: &Config) -> Option<Finding> {
    config.speaks_tls().then(|| match check(&config.tls) {
        Ok(_) => Fine(format!("the certificate {} can be used", config.tls.certificate.display())),
        Err(error) => Wrong(error.to_string()),
    })
}
