//! Pages of a list: which one is asked for, and the shape in which it is answered.

use serde::Serialize;
use utoipa::ToSchema;

/// Rows on a page when the caller names no size.
pub const DEFAULT_PER_PAGE: u32 = 30;
/// The most rows a caller can ask for at once.
pub const MAX_PER_PAGE: u32 = 500;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u32,
    /// 1 to [`MAX_PER_PAGE`].
    pub per_page: u32,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, per_page: DEFAULT_PER_PAGE }
    }
}

impl Paging {
    /// Reads the two query parameters as they were sent. What is absent, below 1 or not a number
    /// becomes the default; a size above [`MAX_PER_PAGE`] becomes that.
    #[must_use]
    pub fn parse(page: Option<&str>, per_page: Option<&str>) -> Self {
        let per_page = positive(per_page).unwrap_or(DEFAULT_PER_PAGE).min(MAX_PER_PAGE);
        Self { page: positive(page).unwrap_or(1), per_page }
    }

    /// Rows before this page.
    #[must_use]
    pub fn offset(self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.per_page)
    }
}

fn positive(text: Option<&str>) -> Option<u32> {
    text?.parse().ok().filter(|number| *number >= 1)
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    pub results: Vec<T>,
    /// Rows on all pages.
    pub total: u64,
    pub per_page: u32,
    pub total_pages: u64,
    /// From 1.
    pub page: u32,
}

impl<T> Page<T> {
    #[must_use]
    pub fn new(results: Vec<T>, total: u64, paging: Paging) -> Self {
        let total_pages = total.div_ceil(u64::from(paging.per_page));
        Self { results, total, per_page: paging.per_page, total_pages, page: paging.page }
    }

    /// The same page with each row turned into something else.
    #[must_use]
    pub fn map<U>(self, row: impl FnMut(T) -> U) -> Page<U> {
        Page {
            results: self.results.into_iter().map(row).collect(),
            total: self.total,
            per_page: self.per_page,
            total_pages: self.total_pages,
            page: self.page,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_parameters_become_the_default() {
        for (page, size, expected) in [
            (None, None, (1, 30)),
            (Some("2"), Some("10"), (2, 10)),
            (Some("0"), Some("0"), (1, 30)),
            (Some("-1"), Some("-5"), (1, 30)),
            (Some("x"), Some(""), (1, 30)),
            (Some("1.5"), Some("501"), (1, 500)),
            (Some("4294967296"), Some("99999999999999999999"), (1, 30)),
        ] {
            let paging = Paging::parse(page, size);
            assert_eq!((paging.page, paging.per_page), expected, "{page:?} {size:?}");
        }
    }

    #[test]
    fn the_last_page_may_be_short() {
        let paging = Paging { page: 2, per_page: 10 };
        assert_eq!(paging.offset(), 10);
        let page = Page::new(vec![1, 2], 12, paging).map(|row| row.to_string());
        assert_eq!((page.total_pages, page.results), (2, vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(Page::<()>::new(vec![], 0, paging).total_pages, 0);
    }

    #[test]
    fn the_furthest_page_does_not_overflow() {
        assert_eq!(Paging { page: u32::MAX, per_page: MAX_PER_PAGE }.offset(), 2_147_483_647_000);
    }
}
