//! The line in which the user writes: keys, history, completion and colours, by rustyline.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustyline::completion::Completer;
use rustyline::config::{Behavior, BellStyle, ColorMode, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use super::completion::Words;
use super::console::Console;
use super::entry::is_whole;
use super::highlight::highlighted;
use super::history::{ENTRIES_MAX, Secrets};
use crate::cli::failure::Failure;
use crate::query::saved::{self, Saved};

/// A line editor with what it remembers.
pub(super) struct Editor {
    line: rustyline::Editor<Help, FileHistory>,
    /// Where what was typed is kept, if it is.
    history: Option<PathBuf>,
    secrets: Secrets,
}

/// What came of a line.
pub(super) enum Line {
    /// The user wants this done.
    Typed(String),
    /// Ctrl-C: it is not to be done after all.
    Dropped,
    /// Ctrl-D: there is no more to come.
    Over,
}

const PROMPT: &str = "trailkeep> ";

impl Editor {
    /// An editor that remembers what is kept in a file, if in any.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub(super) fn new(console: &Console<'_>, history: Option<PathBuf>) -> Result<Editor, Failure> {
        let colours = console.session.screen.data_colours();
        let config = Config::builder()
            .max_history_size(ENTRIES_MAX)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(|error| failure(&error))?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .bell_style(BellStyle::None)
            .behavior(Behavior::Stdio)
            .color_mode(if colours {
                ColorMode::Enabled
            } else {
                ColorMode::Disabled
            })
            .build();
        let mut line = rustyline::Editor::with_config(config).map_err(|error| failure(&error))?;
        let history = history.filter(|file| {
            let usable = load(&mut line, file);
            if let Err(error) = &usable {
                let file = file.display();
                let what =
                    format_args!("{file} cannot be used, and what is typed is not kept: {error}");
                console.session.screen.warning(what);
            }
            usable.is_ok()
        });
        line.set_helper(Some(Help {
            words: Words::default(),
            colours,
        }));
        let mut editor = Editor {
            line,
            history,
            secrets: Secrets::of(console.environment()),
        };
        editor.follow(console);
        Ok(editor)
    }

    /// Lets the user write.
    ///
    /// # Errors
    /// The terminal cannot be read.
    pub(super) fn read(&mut self) -> Result<Line, Failure> {
        match self.line.readline(PROMPT) {
            Ok(text) => {
                self.remember(&text);
                Ok(Line::Typed(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Line::Dropped),
            Err(ReadlineError::Eof) => Ok(Line::Over),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Knows what there is to complete now: files of saved queries come and go.
    pub(super) fn follow(&mut self, console: &Console<'_>) {
        let Some(help) = self.line.helper_mut() else {
            return;
        };
        let saved = saved::list(Some(console.folder())).unwrap_or_default();
        let named = |one: Saved| {
            let parameters = one.query.into_iter().flat_map(|query| query.parameters);
            (one.name, parameters.map(|one| one.name).collect())
        };
        help.words = Words {
            vocabulary: console.vocabulary.clone(),
            saved: saved.into_iter().map(named).collect(),
        };
    }

    /// At once, so that a shell that is killed has kept it. Where that fails now, having been
    /// possible before, the next shell says so.
    fn remember(&mut self, text: &str) {
        if text.trim().is_empty() || self.secrets.are_in(text) {
            return;
        }
        let added = self.line.add_history_entry(text.trim_end());
        if let (Ok(true), Some(file)) = (added, &self.history) {
            let _ = self.line.append_history(file);
        }
    }
}

/// Reads what was kept, if anything was, and makes sure that there is room for more.
fn load(line: &mut rustyline::Editor<Help, FileHistory>, file: &Path) -> rustyline::Result<()> {
    private_folder(file)?;
    match line.load_history(file) {
        Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        loaded => loaded,
    }
}

/// Makes the folder of a file, for nobody else to look into.
fn private_folder(file: &Path) -> io::Result<()> {
    let Some(folder) = file.parent().filter(|folder| !folder.exists()) else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn failure(error: &ReadlineError) -> Failure {
    Failure::from(io::Error::other(format!(
        "the terminal cannot be used: {error}"
    )))
}

/// What helps to write a line.
struct Help {
    words: Words,
    colours: bool,
}

impl Helper for Help {}

impl Completer for Help {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.words.complete(line, at))
    }
}

impl Highlighter for Help {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.colours {
            highlighted(line)
        } else {
            Cow::Borrowed(line)
        }
    }

    /// A character more may change the colour of all that stands before it.
    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colours && kind != CmdKind::MoveCursor
    }
}

impl Hinter for Help {
    type Hint = String;
}

impl Validator for Help {
    /// An empty line ends what would else go on: nobody is held in a quotation they did not mean.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let last = text.rsplit('\n').next().unwrap_or_default();
        if is_whole(text) || last.trim().is_empty() {
            Ok(ValidationResult::Valid(None))
        } else {
            Ok(ValidationResult::Incomplete)
        }
    }
}
