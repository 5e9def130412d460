//! The Libredesk wire dialect, which is also the native API.
