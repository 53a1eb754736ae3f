//! The `Link` header: the addresses of the pages before and after a page.

use std::future::Future;

use http::HeaderValue;

use crate::storage::{Page, StoreError};

/// What is next to a page: the ids at its ends, if there are entries beyond them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Neighbours {
    older_than: Option<u64>,
    newer_than: Option<u64>,
}

/// Finds out whether there are entries beyond the ends of a page. Asks as little as possible:
/// nothing is newer than a list without bounds, and a page that is not full was the last.
pub(super) async fn neighbours<F>(
    page: Page,
    ids: &[u64],
    exists: impl Fn(Page) -> F,
) -> Result<Neighbours, StoreError>
where
    F: Future<Output = Result<bool, StoreError>>,
{
    let (Some(&newest), Some(&oldest)) = (ids.first(), ids.last()) else {
        return Ok(Neighbours::default());
    };
    let full = ids.len() == usize::from(page.limit);
    let older = Page { limit: 1, before: Some(oldest), after: None };
    let newer = Page { limit: 1, before: None, after: Some(newest) };
    let may_be_older = full || page.after.is_some();
    let may_be_newer = page.before.is_some() || page.after.is_some();
    Ok(Neighbours {
        older_than: (may_be_older && exists(older).await?).then_some(oldest),
        newer_than: (may_be_newer && exists(newer).await?).then_some(newest),
    })
}

impl Neighbours {
    /// The header for a list at an absolute address; `None` if there is no other page.
    pub(super) fn header(self, address: &str, limit: u16) -> Option<HeaderValue> {
        let next = self
            .older_than
            .map(|id| format!("<{address}?limit={limit}&before={id}>; rel=\"next\""));
        let prev =
            self.newer_than.map(|id| format!("<{address}?limit={limit}&after={id}>; rel=\"prev\""));
        let links: Vec<_> = next.into_iter().chain(prev).collect();
        if links.is_empty() { None } else { HeaderValue::from_str(&links.join(", ")).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_comes_first_and_an_only_page_has_no_header() {
        let both = Neighbours { older_than: Some(3), newer_than: Some(7) };
        let header = both.header("http://a/api/v2/tweets", 5).unwrap();
        assert_eq!(
            header,
            "<http://a/api/v2/tweets?limit=5&before=3>; rel=\"next\", \
             <http://a/api/v2/tweets?limit=5&after=7>; rel=\"prev\""
        );
        assert_eq!(Neighbours::default().header("http://a", 5), None);
    }

    #[tokio::test]
    async fn the_first_page_asks_for_older_entries_only_and_a_short_one_for_none() {
        let page = Page::newest(2);
        let never = |_| async { panic!("not asked") };
        assert_eq!(neighbours(page, &[9], never).await.unwrap(), Neighbours::default());
        let older_only = |p: Page| async move {
            assert_eq!(p, Page { limit: 1, before: Some(8), after: None });
            Ok(true)
        };
        let found = neighbours(page, &[9, 8], older_only).await.unwrap();
        assert_eq!(found, Neighbours { older_than: Some(8), newer_than: None });
    }
}
