//! NIST's response files: lines `name = value`, in blocks that blank lines separate, under groups in
//! brackets. Files in the same style that others made read the same way.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The name of a group that is not `[name = value]`.
const GROUP: &str = "group";

type Fields = BTreeMap<String, String>;

/// One case: what its block says, and what the groups and blocks above it say about all cases.
#[derive(Default)]
pub(crate) struct Case {
    context: Fields,
    fields: Fields,
}

impl Case {
    /// The text of a field, if the case or its context has it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).or_else(|| self.context.get(name)).map(String::as_str)
    }

    /// The case's group, such as `P-256,SHA-256`.
    pub(crate) fn group(&self) -> &str {
        self.text(GROUP).unwrap_or_default()
    }

    /// The bytes of a field, which must be there.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let text = self.text(name).unwrap_or_else(|| panic!("no `{name}` in {:?}", self.fields));
        // Numbers may lack a leading zero.
        let even = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("0{text}") };
        hex::decode(even).unwrap_or_else(|error| panic!("`{name}`: {error}"))
    }

    /// A decimal number, which must be there.
    pub(crate) fn number(&self, name: &str) -> usize {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number `{name}`"))
    }

    /// What `Result = P` or `Result = F (reason)` says.
    pub(crate) fn passes(&self) -> bool {
        match self.text("Result").and_then(|text| text.get(..1)) {
            Some("P") => true,
            Some("F") => false,
            _ => panic!("no result in {:?}", self.fields),
        }
    }
}

/// The cases of a file. A case begins with the field `first` and ends with its block or before another
/// `first`. All other fields are about the cases below them.
pub(crate) fn cases(file: &Path, first: &str) -> Vec<Case> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let cases = parse(&text, first);
    assert!(!cases.is_empty(), "{} has no case with `{first}`", file.display());
    cases
}

fn parse(text: &str, first: &str) -> Vec<Case> {
    let (mut cases, mut context, mut block) = (Vec::new(), Fields::new(), Fields::new());
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')).chain([""]) {
        let group = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        let (name, value) = field(group.unwrap_or(line));
        let ends = line.is_empty() || group.is_some() || name == first;
        if ends && !block.is_empty() {
            let fields = std::mem::take(&mut block);
            if fields.contains_key(first) {
                cases.push(Case { context: context.clone(), fields });
            } else {
                context.extend(fields);
            }
        }
        match group {
            // A heading inside a group.
            Some(group) if value.is_empty() && group.contains(' ') => {}
            Some(group) if value.is_empty() => drop(context.insert(GROUP.to_owned(), group.to_owned())),
            Some(_) => drop(context.insert(name.to_owned(), value.to_owned())),
            None if line.is_empty() => {}
            None => drop(block.insert(name.to_owned(), value.to_owned())),
        }
    }
    cases
}

/// `name = value`, or a lone name such as `FAIL`.
fn field(line: &str) -> (&str, &str) {
    line.split_once('=').map_or((line, ""), |(name, value)| (name.trim(), value.trim()))
}

#[test]
fn blocks_groups_and_cases_are_told_apart() {
    let text = "# x\n[mod = 8]\nn = a1\n\np =02\n\ne = 03\nMsg = \nS = 01\nResult = F (1 - x)\n\n[K-1]\n[B.4 x]\nMsg = 1\nFAIL\nMsg = 2";
    let cases = parse(text, "Msg");
    assert_eq!(cases.len(), 3);
    assert_eq!((cases[0].number("mod"), cases[0].bytes("n"), cases[0].bytes("p")), (8, vec![0xa1], vec![2]));
    assert!(cases.iter().all(|case| case.bytes("e") == [3]));
    assert_eq!((cases[0].bytes("Msg"), cases[0].bytes("S"), cases[0].passes()), (vec![], vec![1], false));
    assert_eq!((cases[0].group(), cases[1].group()), ("", "K-1"));
    assert_eq!((cases[1].bytes("Msg"), cases[1].text("FAIL"), cases[1].text("S")), (vec![1], Some(""), None));
    assert_eq!(
        (cases[2].bytes("Msg"), cases[2].text("FAIL"), cases[2].text("n")),
        (vec![2], None, Some("a1"))
    );
}
