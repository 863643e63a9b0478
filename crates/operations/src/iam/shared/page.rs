//! Pages of lists, as IAM cuts them.

use trent_engine::{Fault, Markers};

pub(crate) use crate::kms::shared::page::Page;

/// How many items a page has unless told otherwise, and at most.
const SIZE: (usize, usize) = (100, 1000);

/// The page a request asks for by `MaxItems` and `Marker`.
///
/// # Errors
/// A marker that this list did not make.
pub(crate) fn new<'a>(
    max_items: Option<i32>,
    marker: Option<&str>,
    markers: Markers<'a>,
) -> Result<Page<'a>, Fault> {
    Page::new((max_items, marker), SIZE, markers).map_err(|fault| match fault {
        Fault::InvalidMarker => Fault::validation("Invalid Marker."),
        other => other,
    })
}

/// The part of a list in memory that is on a page, and the marker of the next page. The items come
/// in the order of their names, which is also that of markers.
pub(crate) fn cut<T>(
    page: Page<'_>,
    items: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let after = page.after().map(str::to_owned);
    let rest = items.into_iter().filter(|item| after.as_ref().is_none_or(|after| name(item) > *after));
    let found = rest.take(page.wanted()).collect();
    page.cut(found, name)
}
