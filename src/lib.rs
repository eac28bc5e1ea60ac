//! trailkeep keeps SaaS audit logs for good: it pulls them, a little more at every run, into one
//! SQLite file that the user owns, and answers SQL about who did what.
//!
//! This page is the architecture: what there is, what there is not, and two walks through it.
//! What the tool promises its users stands in the README.
//!
//! # The map
//!
//! A **feed** turns a checkpoint into requests, and responses into pages. **Fetch** performs a
//! request until it is answered or given up. The **archive** keeps a page, whole or not at all.
//! **Sync** is the one loop that joins them. A **query** is SQL over the archive; its rows go to
//! a **format**. The **command line** is the only part that speaks.
//!
//! - [`event`]: what feeds yield and the archive keeps: [`event::Page`], [`event::Event`],
//!   [`event::Checkpoint`]. A page owns the bytes it was read from, and its events point into them.
//! - [`secret`], [`time`]: a value that cannot be printed; times as users write them.
//! - [`feed`]: the seam between vendors and the rest: [`feed::Feed`], [`feed::Request`],
//!   [`feed::Response`], as plain values.
//! - [`record`]: bytes to records, pure: gzip, zip and encodings, CSV, JSON, timestamps, the many
//!   names of a column.
//! - [`coverage`]: which stretches of a feed's time are complete, open or lost, and what the next
//!   pass reads ([`coverage::plan`]).
//! - [`kind`]: the vendors. One folder each, one file a feed, one line in [`kind::KINDS`]. What
//!   several feeds share that lie in the user's own AWS account stands beside them: `kind::bucket`
//!   is the walk over a bucket of S3, whoever filled it, and `kind::aws` the settings that say who
//!   asks.
//! - [`fetch`]: the only code on the network: credentials, retries, limits, once for all feeds.
//!   `fetch::aws` finds keys and signs, by AWS's own libraries.
//! - [`archive`]: the only writer of the SQLite file; [`archive::reader`] opens it to read. Beside
//!   the events it keeps which objects of buckets were read (`archive::objects`), and by which
//!   other feeds an event came, too (`archive::sighting`), and which texts its events may hold
//!   (`archive::search`).
//! - [`health`]: what is not well with a feed, for `status` and for who is to be notified.
//! - [`notify`]: what is to be told, once each: decided from what was told before.
//! - [`sync`](mod@sync): a task a feed, one writer, and what came of each; [`sync::daemon`] runs
//!   feeds again and again.
//! - [`query`]: parameters, saved queries, the guard, plans in plain words, and errors that point at
//!   the word.
//! - [`check`]: saved queries that say what their answer should be: which rows offend, and which of
//!   them are news. The archive has on record what was told ([`archive::checks`]).
//! - [`format`](mod@format): rows to bytes, a file a format, one line in [`format::FORMATS`].
//! - [`report`]: answers to several queries over a period as one document, a form a file, one line in
//!   [`report::FORMS`], with what somebody else needs to check them.
//! - [`siem`]: an archived event as a line for other systems, a dialect a file, what actions mean
//!   in data files beside them.
//! - [`config`]: the config file, each value with where it came from.
//! - [`demo`]: both vendors and what they leave in AWS, simulated on loopback, for
//!   `trailkeep demo` and for the tests.
//! - [`cli`]: a file a command; [`cli::failure`] alone words errors.
//!
//! `migrations/` is the schema, each file opening with why; `queries/` the saved queries, a file
//! each, in a folder by question; `tests/` the laws, the commands and the house's own rules; `benches/` the figures in the
//! README.
//!
//! # Invariants
//!
//! What is *not* there is what keeps the rest simple:
//!
//! - **No I/O in a feed.** It has no clock, no socket, no file and no secret, so every vendor's
//!   quirk is tested with values.
//! - **No retry, no token and no status check outside [`fetch`].**
//! - **No second write.** A page's events, quarantined records, users, objects, checkpoint, coverage
//!   and counts are one transaction; there is nothing for a crash to fall between.
//! - **No object read twice and none missed:** the list of what was read of a bucket is archived
//!   with its events. Which keys are listed at all is left to their dates only between two checks
//!   of all of them.
//! - **No update or delete of an event.** The same id with other content goes on record as a
//!   conflict; the first copy stays.
//! - **No cursor by time.** What is new is decided by identity: a vendor's id once per source, and
//!   records without an id as a multiset, counted within the window they were fetched in.
//! - **No claim before the last page.** A stretch of time is covered when all of it was read; it is
//!   complete when that was so long after it happened that events had had the time to come.
//! - **No progress kept beside the data.** What a pass reads follows from the coverage ledger; a
//!   checkpoint holds only what a feed has under way.
//! - **No claim by a wrong clock.** A run ends where the vendor's `Date` contradicts ours.
//! - **No order sent twice.** What a vendor may have taken is not asked for again before its time;
//!   that an order goes out is archived before it does.
//! - **No vendor of logs in the archive, in sync or in fetch.** How a request proves who asks is a
//!   value that a feed's kind gives to fetch ([`feed::Credentials`]); one of them is AWS's signature,
//!   which no feed sees. No format in a query, no archive in a format.
//! - **No write through a query:** the handle is read-only, an authorizer allows nothing but
//!   reading, no other file can be attached, and time is limited.
//! - **No secret in a value that can be printed.** A pre-signed URL is a secret too.
//! - **No print, exit or environment outside [`cli`]** (but that AWS's libraries look for
//!   credentials where AWS's tools keep them, and that zone data lie where `TZDIR` says); no
//!   `unsafe`.
//! - **No list, file or export held whole in memory** but a vendor's user list.
//!
//! # A sync, from top to bottom
//!
//! 1. `main` hands the arguments to [`cli::run`], which reads the environment, the config file
//!    ([`config`]) and, for the sources that were named, their secrets.
//! 2. For each feed of each source the command makes a [`sync::Job`]: how to open the feed, and a
//!    [`fetch::Fetch`] with the source's credentials and the host's rate limit.
//! 3. [`sync::sync`] decides for each job whether it is due and what it reads
//!    ([`sync::decision`]): gaps first, then what is open, then what is new. It opens a batch in the
//!    archive, with what is found lost on record, and starts a task.
//! 4. A task asks its feed what to do next ([`feed::Feed::next`]). *Ask*: once every page so far
//!    is in the archive, fetch performs the request, and the feed reads the answer. *AskAll*: the
//!    same with many side by side, as many as the vendor bears, their answers in order. *Sift*: the
//!    writer says which objects of a bucket are not archived yet. *Wait*: the clock sleeps. *Keep*:
//!    the page becomes an [`archive::Draft`], hashed and sorted beside the writer, and goes through
//!    a bounded channel.
//! 5. The one writer keeps it ([`archive::Archive::ingest`]): which events are new, and which have
//!    come by another feed already; their rows, their records as received, what was not
//!    understood, objects, then checkpoint, coverage and counts; commit.
//! 6. What came of each feed goes back as a [`sync::Outcome`]; the command prints it, and the
//!    worst of them is the exit code.
//! 7. Where the config says so, [`notify`] decides what is to be told of the feeds from how they
//!    are and what was told before; the command tells it, and the archive has on record that it did.
//!
//! `import` is the same walk with a file in the place of the network; `watch` walks 3 to 7 again and
//! again, each feed on its own time ([`sync::daemon`]), the archive open only while a run is under
//! way.
//!
//! # A query, from top to bottom
//!
//! 1. The command finds the SQL: a saved query's name, a file, or the text itself.
//! 2. [`archive::reader`] opens the archive read-only.
//! 3. [`query::Query`] reads the parameters declared in comments, and binds what was given.
//! 4. A `search('…')` becomes the query that it stands for. SQLite prepares the statement under the
//!    guard: what does more than read is refused here, and a mistake is shown at its word with the
//!    nearest name. Functions of ours ([`archive::reader::FUNCTIONS`]) are known by then.
//! 5. Where the SQL compares a view's time, id or package with a constant, the events' key is
//!    compared instead, so that SQLite can seek, or its list is looked up (`query::narrow`). What is
//!    only about days, actions, people or addresses is answered from roll-ups that are kept with the
//!    events; what is seldom is found by lists of who did it and of what was done; texts are compared
//!    and grouped as the numbers that stand for them (`query::rewrite`). Answers are the same with and
//!    without.
//! 6. Rows stream one by one into a [`format::Format`], which writes them to where the command
//!    says, and after them what is known of the time asked for ([`coverage`]).
//!
//! The shell walks 3 to 6 again and again over one reader; Ctrl-C stops the reader, and not the shell.
//! `--explain` ends with 5, and asks SQLite how it would go on ([`query::plan`]).
//!
//! # A check, from top to bottom
//!
//! 1. `check` chooses saved queries that say what to expect, by name or tag, and takes from the
//!    archive what was told of each, to whom ([`archive::checks`]).
//! 2. [`check::ask`] runs each as a query, knows every row by a hash, and finds out which of them
//!    offend and to whom they are news; [`coverage`] says whether the time asked for is complete.
//! 3. The screen shows it, whom `[notify]` names is told, and only then it is on record: whatever
//!    ends the program, an alarm is told again, and none is lost.
//!
//! # A hand-off, from top to bottom
//!
//! 1. `tail` takes its cursor from the archive ([`archive::cursor`]): a place in the order of
//!    archiving, after which everything comes that is archived later, however late it happened.
//! 2. [`archive::reader`] reads a stretch of events from there; [`siem`] makes each a line.
//! 3. The lines are written and flushed, and only then the cursor is moved, in a transaction beside
//!    the writer's: whatever ends the program, nothing is left out, and what was under way comes
//!    again.
//!
//! # Adding a vendor
//!
//! 1. A folder under `kind/`, a file a feed, each a type with `next` and `read`; or, where a vendor
//!    fills a bucket, a `bucket::Contents`: which keys are wanted, and how an object is read.
//! 2. A `const KIND` that names its settings, its credentials and its feeds: `init`, `config`,
//!    `sources` and the config file's checks come from it.
//! 3. A line in [`kind::KINDS`].
//! 4. A simulated vendor in [`demo`], and its line in the laws' table: every law runs over it.
//!
//! # Adding a saved query
//!
//! 1. A file in `queries/`, in the folder of its question: the description, which controls it
//!    serves (`queries/controls.csv`), what a check expects of it, how it is drawn, its parameters;
//!    then SQL over the views, such as runs in `sqlite3` too.
//! 2. A line in `query::saved`'s library.
//! 3. A file of its name in `tests/queries/`: what happened, and the rows that must be found.
//!
//! # Who may use whom
//!
//! `tests/tidy.rs` reads this table and holds every file of `src/` to it.
//!
//! | module | may use |
//! |--------|---------|
//! | event | |
//! | secret | |
//! | time | event |
//! | feed | event, secret |
//! | record | event, feed, time |
//! | kind | event, coverage, feed, record, secret, time |
//! | fetch | event, feed, secret, time |
//! | coverage | event |
//! | archive | coverage, event, time |
//! | health | archive, coverage, event |
//! | notify | archive, coverage, event, health, time |
//! | sync | event, coverage, feed, kind, fetch, archive, time |
//! | query | archive, event, time |
//! | check | archive, query |
//! | format | event, query, time |
//! | report | archive, coverage, event, format, query, time |
//! | siem | event |
//! | config | kind, notify, secret, time, event |
//! | demo | event, time |
//! | cli | everything |

// In the order in which they are best read.
/// SQLite takes a query apart into thousands of small pieces, and frees them with the statement: with the
/// C library's allocator that is half the time of a look-up. It is SQLite's, too, by the feature
/// `override`, which does so on Linux.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod event;
pub mod secret;
pub mod time;

pub mod feed;
pub mod record;

pub mod coverage;

pub mod kind;

pub mod fetch;

pub mod archive;

pub mod health;

pub mod notify;

pub mod sync;

pub mod query;

pub mod check;

pub mod format;

pub mod report;

pub mod siem;

pub mod config;

pub mod demo;

pub mod cli;
