//! Where the program speaks: data to standard output, all else to standard error. The only code
//! that prints.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use serde::Serialize;

use super::failure::{Exit, Failure};
use crate::config::Environment;
use crate::format::visible;

/// Width where there is no terminal to ask.
const COLUMNS_DEFAULT: usize = 80;
/// Height where there is no terminal to ask.
const LINES_DEFAULT: usize = 24;

/// Standard output and standard error, and how much to say there.
pub struct Screen {
    verbosity: Verbosity,
    /// As `COLUMNS` says; else the terminal is asked.
    columns_told: Option<usize>,
    /// The program that shows what is long, and its arguments; none where nothing is to.
    pager: Option<Vec<String>>,
    less_options: bool,
    colours: bool,
    data_colours: bool,
    unicode: bool,
    progress: bool,
    /// Whoever read the data has gone.
    reader_gone: Cell<bool>,
}

/// How much to say.
#[derive(Debug, Clone, Copy)]
pub struct Verbosity {
    /// Nothing but errors.
    pub quiet: bool,
    /// More than usual.
    pub verbose: bool,
    /// Progress, where there is a terminal to show it on.
    pub progress: bool,
}

/// Standard output, buffered. Flush it at the end: what is lost on drop is lost silently.
pub struct Data<'a> {
    stdout: BufWriter<io::StdoutLock<'static>>,
    reader_gone: &'a Cell<bool>,
}

impl Screen {
    /// The process's own.
    pub fn new(verbosity: Verbosity, environment: &Environment) -> Screen {
        let is_set = |name| {
            environment
                .variable(name)
                .is_some_and(|value| !value.is_empty())
        };
        let on_terminal = io::stderr().is_terminal();
        Screen {
            verbosity,
            columns_told: columns_told(environment),
            pager: pager(environment),
            less_options: is_set("LESS"),
            colours: on_terminal && !is_set("NO_COLOR"),
            data_colours: io::stdout().is_terminal() && !is_set("NO_COLOR"),
            unicode: is_unicode(environment),
            progress: on_terminal && verbosity.progress && !verbosity.quiet,
            reader_gone: Cell::new(false),
        }
    }

    /// Standard output, for data.
    pub fn data(&self) -> Data<'_> {
        let stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        Data {
            stdout,
            reader_gone: &self.reader_gone,
        }
    }

    /// Whether standard output is a terminal.
    pub fn data_on_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether data may be coloured.
    pub fn data_colours(&self) -> bool {
        self.data_colours
    }

    /// Whether more than ASCII can be shown, as far as the locale says.
    pub fn unicode(&self) -> bool {
        self.unicode
    }

    /// How many characters fit on a line.
    pub fn columns(&self) -> usize {
        let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let columns = self.columns_told.or_else(measured);
        columns.unwrap_or(COLUMNS_DEFAULT)
    }

    /// How many lines fit on the screen.
    pub fn lines(&self) -> usize {
        let measured = terminal_size::terminal_size().map(|(_, height)| usize::from(height.0));
        measured.unwrap_or(LINES_DEFAULT)
    }

    /// The program that shows what is longer than the screen, and its arguments: `$PAGER`, else
    /// `less`; none where `$PAGER` is set to nothing.
    pub fn pager(&self) -> Option<&[String]> {
        self.pager.as_deref()
    }

    /// Whether nobody says how `less` is to behave.
    pub fn has_no_less_options(&self) -> bool {
        !self.less_options
    }

    /// Nobody reads the data any longer.
    pub fn has_no_reader(&self) {
        self.reader_gone.set(true);
    }

    /// Whether to say nothing but errors.
    pub fn quiet(&self) -> bool {
        self.verbosity.quiet
    }

    /// Whether to show progress.
    pub fn progress(&self) -> bool {
        self.progress
    }

    /// Writes a value as data: JSON, over several lines.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let mut data = self.data();
        serde_json::to_writer_pretty(&mut data, value)?;
        writeln!(data)?;
        data.flush()
    }

    /// Writes rows as data, their cells aligned in columns, two spaces apart.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn table<R: AsRef<[String]>>(&self, rows: &[R]) -> io::Result<()> {
        let widths = column_widths(rows);
        let mut data = self.data();
        for row in rows {
            let cells = row
                .as_ref()
                .iter()
                .zip(&widths)
                .map(|(cell, &width)| format!("{:width$}", visible(cell)));
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(data, "{}", line.trim_end())?;
        }
        data.flush()
    }

    /// Says something in passing, unless asked to be quiet.
    pub fn note(&self, text: impl Display) {
        if !self.verbosity.quiet {
            self.say("", &text);
        }
    }

    /// Says that something went wrong that ends nothing, always.
    pub fn alarm(&self, text: impl Display) {
        self.say("", &text);
    }

    /// Says something that only `-v` asks for.
    pub fn detail(&self, text: impl Display) {
        if self.verbosity.verbose {
            self.say("", &text);
        }
    }

    /// Says that something is odd, always.
    pub fn warning(&self, text: impl Display) {
        self.say(&self.marked("warning: ", "33"), &text);
    }

    /// Says why a command failed, and what exit code that is. Where nobody reads the data any
    /// longer (`… | head`), failing to write more of it is no failure.
    pub fn failure(&self, failure: &Failure) -> Exit {
        if self.reader_gone.get() && failure.is_broken_pipe() {
            return Exit::Ok;
        }
        self.say(&self.marked("error: ", "1;31"), &failure.error);
        for cause in failure.reasons() {
            self.say("  caused by: ", &cause);
        }
        for hint in &failure.hints {
            self.say(&format!("  {}", self.marked("hint: ", "36")), hint);
        }
        failure.exit
    }

    fn marked(&self, word: &str, colour: &str) -> String {
        if self.colours {
            format!("\x1b[{colour}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }

    /// The mark is ours; the text may hold words of a vendor, a file or a query.
    fn say(&self, mark: &str, text: &dyn Display) {
        // That standard error is closed can be told to nobody.
        writeln!(io::stderr(), "{mark}{}", visible_lines(&text.to_string())).ok();
    }
}

/// The text with everything made visible that a terminal would obey, but for the ends of lines.
pub fn visible_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

/// How many characters the widest cell of each column has.
pub fn column_widths<R: AsRef<[String]>>(rows: &[R]) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        let row = row.as_ref();
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

fn columns_told(environment: &Environment) -> Option<usize> {
    let told = environment.variable("COLUMNS")?.to_str()?.parse().ok();
    told.filter(|columns| *columns > 0)
}

fn pager(environment: &Environment) -> Option<Vec<String>> {
    let named = environment
        .variable("PAGER")
        .map(|pager| pager.to_string_lossy());
    let named = named.unwrap_or(Cow::Borrowed("less"));
    let words: Vec<String> = named.split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

/// Where nobody says otherwise it can; `C` and `POSIX` say otherwise.
fn is_unicode(environment: &Environment) -> bool {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let mut locale = variables.filter_map(|name| environment.variable(name)?.to_str());
    let locale = locale.find(|locale| !locale.is_empty());
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

impl Data<'_> {
    fn named<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            if error.kind() == ErrorKind::BrokenPipe {
                self.reader_gone.set(true);
            }
            let text = format!("standard output cannot be written: {error}");
            io::Error::new(error.kind(), text)
        })
    }
}

impl Write for Data<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.stdout.write(bytes);
        self.named(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.stdout.flush();
        self.named(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_says_whether_there_is_more_than_ascii() {
        for (set, unicode) in [
            (&[][..], true),
            (&[("LANG", "en_GB.UTF-8")], true),
            (&[("LANG", "C")], false),
            (&[("LANG", "C.utf8"), ("LC_ALL", "")], true),
            (&[("LANG", "C.utf8"), ("LC_CTYPE", "POSIX")], false),
            (&[("LC_CTYPE", "C"), ("LC_ALL", "de_DE.UTF-8")], true),
        ] {
            let variables = set.iter().map(|(name, value)| (name.into(), value.into()));
            let environment = Environment {
                variables: variables.collect(),
                config_folder: None,
            };
            assert_eq!(is_unicode(&environment), unicode, "{set:?}");
        }
    }

    #[test]
    fn a_terminal_obeys_nothing_that_is_said() {
        for (text, shown) in [
            ("two\nlines", "two\nlines"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}", "␛[2J␛]0;title␇"),
            ("over\rwritten", "over␍written"),
            ("\u{9b}31m \u{202e}txt.exe", "\u{fffd}31m \u{fffd}txt.exe"),
        ] {
            assert_eq!(visible_lines(text), shown, "{text:?}");
        }
    }
}
