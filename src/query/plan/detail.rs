//! A row of `explain query plan`, read: what SQLite says there is for people, and stable enough.

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Detail<'d> {
    /// Rows are read from something.
    Access(Access<'d>),
    /// Rows are put in order.
    Sorts(Sort),
    /// What its parts do, once.
    Around,
    /// What its parts do, as rows of this name are asked for.
    Made(&'d str),
    /// What its parts do, once for each row of what stands before it.
    ForEachRow,
    /// What its parts do, first of all; the rows are kept under this name.
    Kept(&'d str),
    /// What its parts do, as long as there are new rows.
    Again,
    /// Nothing that anybody need know.
    Unseen,
    /// Something that is not known here.
    Other(&'d str),
}

/// Rows being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Access<'d> {
    /// The name of what is read in the query: an alias, where it has one.
    pub(super) name: &'d str,
    /// The index it goes by.
    pub(super) index: Option<&'d str>,
    pub(super) by: By<'d>,
}

/// How rows are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By<'d> {
    /// All are read.
    All,
    /// By their own number.
    Number,
    /// Those between two of their own numbers.
    Range,
    /// By these columns of an index.
    Index(Vec<&'d str>),
    /// By these columns of an index that is made for the query.
    OwnIndex(Vec<&'d str>),
    /// As a virtual table has it.
    Virtual,
    /// For the least or the greatest of something: from one end, if rows lie in its order, else all
    /// of them. SQLite does not say which.
    End,
}

/// What rows are put in order for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Order,
    PartOfOrder,
    Group,
    Distinct,
    Other,
}

impl<'d> Detail<'d> {
    pub(super) fn read(detail: &'d str) -> Detail<'d> {
        let after = |start| detail.strip_prefix(start);
        let is_any = |starts: &[&str]| starts.iter().any(|start| detail.starts_with(start));
        if is_any(UNSEEN) {
            Detail::Unseen
        } else if let Some(rest) = after("SCAN ") {
            Detail::Access(scan(rest))
        } else if let Some(access) = after("SEARCH ").and_then(search) {
            Detail::Access(access)
        } else if let Some(what) = after("USE TEMP B-TREE FOR ") {
            Detail::Sorts(Sort::read(what))
        } else if let Some(name) = after("CO-ROUTINE ") {
            Detail::Made(name)
        } else if let Some(name) = after("MATERIALIZE ") {
            Detail::Kept(name)
        } else if is_any(&["CORRELATED "]) {
            Detail::ForEachRow
        } else if is_any(&["RECURSIVE STEP"]) {
            Detail::Again
        } else if is_any(AROUND) {
            Detail::Around
        } else {
            Detail::Other(detail)
        }
    }
}

const UNSEEN: &[&str] = &[
    "SCAN CONSTANT ROW",
    "BLOOM FILTER",
    "CREATE BLOOM FILTER",
    "REUSE ",
];

const AROUND: &[&str] = &[
    "SCALAR SUBQUERY",
    "LIST SUBQUERY",
    "COMPOUND QUERY",
    "LEFT-MOST SUBQUERY",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "MERGE (",
    "LEFT",
    "RIGHT",
    "MULTI-INDEX OR",
    "INDEX ",
    "SETUP",
];

impl Sort {
    fn read(what: &str) -> Sort {
        match what {
            "ORDER BY" => Sort::Order,
            "GROUP BY" => Sort::Group,
            _ if what.ends_with(" ORDER BY") => Sort::PartOfOrder,
            _ if what.to_ascii_uppercase().contains("DISTINCT") => Sort::Distinct,
            _ => Sort::Other,
        }
    }
}

/// `e`, `s USING COVERING INDEX x`, `json_each VIRTUAL TABLE INDEX 1:`
fn scan(rest: &str) -> Access<'_> {
    let (name, how) = named(rest);
    let index = how.rsplit_once("INDEX ").map(|(_, index)| index);
    if how.starts_with("VIRTUAL TABLE") {
        let by = By::Virtual;
        return Access {
            name,
            index: None,
            by,
        };
    }
    Access {
        name,
        index: index.and_then(|index| index.split(' ').next()),
        by: By::All,
    }
}

/// `h USING COVERING INDEX x (user_id=? AND source=?)`
fn search(rest: &str) -> Option<Access<'_>> {
    let (name, how) = named(rest);
    let how = match how {
        "" => how,
        how => how.strip_prefix("USING ")?,
    };
    let (how, constraint) = how.split_once('(').unwrap_or((how, ""));
    let how = how.trim_end();
    let by = match how {
        _ if constraint.is_empty() => By::End,
        "INTEGER PRIMARY KEY" if constraint.contains(['<', '>']) => By::Range,
        "INTEGER PRIMARY KEY" => By::Number,
        _ if how.starts_with("AUTOMATIC") => By::OwnIndex(columns(constraint)),
        _ => By::Index(columns(constraint)),
    };
    let index = how.rsplit_once("INDEX ").map(|(_, index)| index);
    Some(Access { name, index, by })
}

/// What is read, whichever schema it is named with, and how.
fn named(rest: &str) -> (&str, &str) {
    let marks = [" USING ", " VIRTUAL TABLE", " LEFT-JOIN"];
    let ends = marks.iter().filter_map(|mark| rest.find(mark));
    let (name, how) = rest.split_at(ends.min().unwrap_or(rest.len()));
    let schemas = ["main.", "temp."];
    let bare = schemas.iter().find_map(|schema| name.strip_prefix(schema));
    (bare.unwrap_or(name), how.trim_start())
}

/// The columns of `user_id=? AND source>?) LEFT-JOIN`; an expression has no name.
fn columns(constraint: &str) -> Vec<&str> {
    let terms = constraint.split(" AND ");
    let names = terms.map(|term| {
        let term = term.strip_prefix("ANY(").unwrap_or(term);
        let end = term.find(['=', '<', '>', ')', ' ']);
        term.split_at(end.unwrap_or(term.len())).0
    });
    let is_name = |name: &&str| !name.is_empty() && !name.starts_with('<');
    let mut names: Vec<&str> = names.filter(is_name).collect();
    names.dedup();
    names
}
