//! What a cell means: nothing, a spreadsheet's guard around a value, or the value.

/// Whether the text is one of the ways to say that there is no value.
pub fn is_empty(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || EMPTY_MARKERS
            .iter()
            .any(|marker| text.eq_ignore_ascii_case(marker))
}

/// The value of a cell, without blanks around it and without a spreadsheet's guard: `="007"`
/// keeps a number as text, `'=1+1` keeps a formula from running.
pub fn value(text: &str) -> &str {
    let text = text.trim();
    if let Some(inner) = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
    {
        return inner;
    }
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    }
}

const EMPTY_MARKERS: [&str; 6] = ["-", "n/a", "null", "undefined", "nan", "none"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_markers_are_no_value() {
        for text in [
            "",
            "  ",
            "-",
            "N/A",
            "null",
            "NULL",
            "undefined",
            "NaN",
            "None",
            " - ",
        ] {
            assert!(is_empty(text), "{text:?}");
        }
        for text in ["0", "no", "--", "nullable", "false"] {
            assert!(!is_empty(text), "{text:?}");
        }
    }

    #[test]
    fn guards_come_off() {
        for (text, bare) in [
            ("=\"00123\"", "00123"),
            ("'=cmd", "=cmd"),
            ("'@sum", "@sum"),
            ("'quoted'", "'quoted'"),
            ("  plain ", "plain"),
            ("=1+1", "=1+1"),
            ("=\"", "=\""),
        ] {
            assert_eq!(value(text), bare);
        }
    }
}
