//! The console, the chat widget and the pages beside them, as files in the program.
//!
//! `build.rs` builds them with npm and makes the table of files; here is which address each has, with which headers
//! it is handed out (`file`, `policy`), and the pages that take their place in a program that was built without
//! them. Nothing here knows the desk: a page gets what it shows through the public API.

mod accept;
mod docs;
mod document;
mod file;
mod page;
mod policy;
mod shop;
mod site;

pub use docs::docs;
pub use document::Document;
pub use shop::{shop, shop_file};
pub use site::{Found, site, widget_page};

/// Why this program was built without console and widget, if it was.
#[must_use]
pub const fn missing() -> Option<&'static str> {
    file::MISSING
}
