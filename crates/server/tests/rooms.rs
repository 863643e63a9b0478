//! Holds the table of rooms in `docs/ARCHITECTURE.md` against the manifests: what may use what.
//! Dependencies of tests are exempt.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

const PAGE: &str = include_str!("../../../docs/ARCHITECTURE.md");

/// Which rooms each room may use, as the page has it.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let rows = PAGE.lines().filter_map(|line| {
        let cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect::<Vec<_>>();
        let [names, _, may_use] = cells[..] else { return None };
        let room = names.strip_prefix('`')?.strip_suffix('`')?.trim_start_matches("crates/");
        // Rooms that are not crates have no say here.
        (!may_use.is_empty()).then(|| (room.to_owned(), may_use.to_owned()))
    });
    let mut table = BTreeMap::new();
    for (room, may_use) in rows {
        let names = match may_use.as_str() {
            "–" => BTreeSet::new(),
            "all of the above" => table.keys().cloned().collect(),
            list => list.split_whitespace().map(str::to_owned).collect(),
        };
        table.insert(room, names);
    }
    table
}

fn workspace() -> cargo_metadata::Result<Metadata> {
    MetadataCommand::new().no_deps().other_options(vec!["--offline".to_owned()]).exec()
}

fn room(package: &Package) -> &str {
    package.name.trim_start_matches("trent-")
}

/// The names of what a package is built of.
fn used(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies.filter(|used| used.kind != DependencyKind::Development).map(|used| used.name.as_str())
}

#[test]
fn every_room_keeps_to_the_table() {
    let (table, workspace) = (allowed(), workspace().unwrap());
    let rooms = workspace.packages.iter().map(|package| room(package).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(table.keys().cloned().collect::<BTreeSet<_>>(), rooms, "the table lists the rooms there are");
    let mut faults = Vec::new();
    for package in &workspace.packages {
        let allowed = &table[room(package)];
        let rooms = used(package).filter_map(|name| name.strip_prefix("trent-"));
        let wrong = rooms.filter(|used| !allowed.contains(*used));
        faults.extend(wrong.map(|used| format!("`{}` may not use `{used}`", package.name)));
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_cryptography_library_is_named_where_the_page_says() {
    let packages = workspace().unwrap().packages;
    let naming = packages.iter().filter(|package| used(package).any(|used| used.starts_with("aws-lc")));
    assert_eq!(naming.map(room).collect::<BTreeSet<_>>(), BTreeSet::from(["crypto", "sigv4"]));
}

#[test]
fn the_table_is_read_as_it_is_meant() {
    let table = allowed();
    assert!(table["domain"].is_empty());
    assert_eq!(table["policy"], BTreeSet::from(["domain".to_owned()]));
    assert!(table["server"].contains("store") && !table["server"].contains("bench"));
}
