//! Reads the tables of who may do what in `docs/SECURITY.md`.

use std::collections::BTreeMap;

const DOCUMENT: &str = include_str!("../../../docs/SECURITY.md");

/// For each route, what each kind of person gets.
pub(crate) struct Table {
    pub(crate) people: Vec<String>,
    pub(crate) rows: BTreeMap<String, Vec<String>>,
}

/// The table whose first column is headed so.
pub(crate) fn read(first_column: &str) -> Table {
    let mut lines = DOCUMENT.lines().map(cells).skip_while(|cells| {
        cells.as_ref().is_none_or(|cells| cells.first().is_none_or(|cell| cell != first_column))
    });
    let people = lines.next().flatten().expect("there is a table with this head")[1..].to_vec();
    let mut rows = BTreeMap::new();
    for row in lines.skip(1).map_while(|cells| cells) {
        assert_eq!(row.len(), people.len() + 1, "a row has as many cells as the head: {row:?}");
        let route = row[0].trim_matches('`').to_owned();
        assert!(rows.insert(route, row[1..].to_vec()).is_none(), "two rows: {}", row[0]);
    }
    Table { people, rows }
}

/// The cells of a line of a table; `None` of any other line.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().to_owned()).collect())
}
