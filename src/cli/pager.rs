//! What is longer than the screen is shown by a pager: `$PAGER`, else `less`.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::screen::{Data, Screen};

/// Standard output, if that is a terminal, by way of a pager as soon as it holds no more.
pub(super) struct Paged<'s> {
    screen: &'s Screen,
    /// What has been written while it may still fit.
    held: Vec<u8>,
    /// Lines of the terminal that it takes, and columns of the last of them.
    lines: usize,
    column: usize,
    to: To<'s>,
}

/// Where it goes.
enum To<'s> {
    /// That is not known yet.
    Undecided,
    Screen(Data<'s>),
    Pager(Child, ChildStdin),
}

impl<'s> Paged<'s> {
    /// Standard output, by way of a pager if that is wanted, there is one, and it is a terminal.
    pub(super) fn new(screen: &'s Screen, wanted: bool) -> Paged<'s> {
        let may = wanted && screen.data_on_terminal() && screen.pager().is_some();
        Paged {
            screen,
            held: Vec::new(),
            lines: 0,
            column: 0,
            to: if may {
                To::Undecided
            } else {
                To::Screen(screen.data())
            },
        }
    }

    /// Shows all that was written, and waits until the user has seen enough of it.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub(super) fn end(mut self) -> io::Result<()> {
        if matches!(self.to, To::Undecided) {
            self.show(To::Screen(self.screen.data()))?;
        }
        self.flush()
    }

    /// Counts what the terminal will do with the bytes.
    fn measure(&mut self, bytes: &[u8]) {
        let columns = self.screen.columns().max(1);
        for byte in bytes {
            match byte {
                b'\n' => (self.lines, self.column) = (self.lines + 1, 0),
                // The rest of a character takes no room.
                0x80..=0xbf => {}
                _ if self.column >= columns => (self.lines, self.column) = (self.lines + 1, 1),
                _ => self.column += 1,
            }
        }
    }

    /// Room is left for what is said after it, and for the line one types in.
    fn fits(&self) -> bool {
        self.lines + 2 < self.screen.lines()
    }

    fn show(&mut self, to: To<'s>) -> io::Result<()> {
        self.to = to;
        let held = std::mem::take(&mut self.held);
        self.write_all(&held)
    }

    fn pager(&self) -> To<'s> {
        let words = self.screen.pager().unwrap_or_default();
        let (program, arguments) = words
            .split_first()
            .map_or(("less", &[][..]), |(first, rest)| (first.as_str(), rest));
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        if self.screen.has_no_less_options() {
            command.env("LESS", LESS_OPTIONS);
        }
        let mut begun = command.spawn().ok();
        match begun
            .as_mut()
            .and_then(|child| child.stdin.take())
            .zip(begun)
        {
            Some((stdin, child)) => To::Pager(child, stdin),
            // One that is named and not there costs nobody the answer.
            None => To::Screen(self.screen.data()),
        }
    }
}

/// It ends where all fits after all, shows colours, cuts long lines (arrow keys go there), and
/// leaves the answer on the screen.
const LESS_OPTIONS: &str = "FRSX";

impl Write for Paged<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Undecided => {
                self.measure(bytes);
                self.held.extend_from_slice(bytes);
                if !self.fits() {
                    let pager = self.pager();
                    self.show(pager)?;
                }
                Ok(bytes.len())
            }
            To::Screen(data) => data.write(bytes),
            To::Pager(_, stdin) => {
                let written = stdin.write(bytes);
                if written
                    .as_ref()
                    .is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
                {
                    self.screen.has_no_reader();
                }
                written
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Undecided => Ok(()),
            To::Screen(data) => data.flush(),
            To::Pager(_, stdin) => stdin.flush(),
        }
    }
}

/// However it ends, the terminal is the pager's until the user leaves it.
impl Drop for Paged<'_> {
    fn drop(&mut self) {
        if let To::Pager(mut child, stdin) = std::mem::replace(&mut self.to, To::Undecided) {
            drop(stdin);
            let _ = child.wait();
        }
    }
}
