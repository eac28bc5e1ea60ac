//! The archive and DuckDB's file, made once and kept for the next run.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::Connection;
use trailkeep::archive::schema;

use crate::append::FRESH;
use crate::cost::Outcome;
use crate::data;

pub(crate) struct Files {
    folder: PathBuf,
    events: usize,
}

impl Files {
    /// Makes what is not there yet.
    pub(crate) fn prepare(events: usize) -> Outcome<Files> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join(format!("target/bench/{events}-events"));
        fs::create_dir_all(&folder)?;
        let files = Files { folder, events };
        let (archive, duckdb) = (files.archive(), files.duckdb());
        if archive.exists() && duckdb.exists() && files.fresh().exists() {
            return Ok(files);
        }
        let log = files.folder.join("events.ndjson");
        let mut fresh = BufWriter::new(File::create(files.fresh())?);
        data::write(
            events,
            FRESH,
            &mut BufWriter::new(File::create(&log)?),
            &mut fresh,
        )?;
        // Each file gets its name when it is whole.
        if !archive.exists() {
            let part = archive.with_extension("part");
            run(&mut import(&part, std::slice::from_ref(&log)))?;
            add_people(&part)?;
            fs::rename(part, archive)?;
        }
        if !duckdb.exists() {
            let part = duckdb.with_extension("part");
            let _ = fs::remove_file(&part);
            run(python().arg("load").arg(&part).arg(&log))?;
            fs::rename(part, duckdb)?;
        }
        fs::remove_file(log)?;
        Ok(files)
    }

    /// The archive as this schema has it.
    pub(crate) fn archive(&self) -> PathBuf {
        self.folder.join(format!("schema-{}.db", schema::VERSION))
    }

    pub(crate) fn duckdb(&self) -> PathBuf {
        self.folder.join("events.duckdb")
    }

    /// Events that neither has yet.
    pub(crate) fn fresh(&self) -> PathBuf {
        self.folder.join("fresh.ndjson")
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of a file are far below 2^52"
    )]
    pub(crate) fn bytes_per_event(&self) -> Outcome<f64> {
        Ok(fs::metadata(self.archive())?.len() as f64 / self.events as f64)
    }
}

/// The peer's side, to be told what to do.
pub(crate) fn python() -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("target/counterparts/bin/python"));
    command.arg(root.join("benches/queries/peer.py"));
    command
}

/// Our own program, to import files.
pub(crate) fn import(archive: &Path, events: &[PathBuf]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailkeep"));
    command
        .env_clear()
        .current_dir(archive.parent().unwrap_or(archive))
        .stdout(Stdio::null())
        .arg("--archive")
        .arg(archive)
        .args([
            "import",
            "--source",
            "acme",
            "--kind",
            "sendsafely",
            "--quiet",
        ])
        .args(events);
    command
}

fn run(command: &mut Command) -> Outcome<()> {
    let status = command.status()?;
    if !status.success() {
        return Err(format!("{}: {status}", command.get_program().display()).into());
    }
    Ok(())
}

/// The people of the log, as the user list of another source has them.
fn add_people(archive: &Path) -> Outcome<()> {
    let mut db = Connection::open(archive)?;
    let transaction = db.transaction()?;
    transaction.execute(
        "insert into source (name, kind) values ('safe-us', 'safe')",
        [],
    )?;
    let source = transaction.last_insert_rowid();
    for rank in 0..data::PEOPLE {
        let role = if rank % 100 == 0 { "Admin" } else { "Member" };
        transaction.execute(
            "insert into user (source, user_id, email, first_name, last_name, role, authentication,
                 valid_from)
             values (?1, printf('%032d', ?2), ?3, 'Person', ?2, ?4, 'SSO', 1704067200000)",
            rusqlite::params![source, rank.to_string(), data::email(rank), role],
        )?;
    }
    transaction.commit()?;
    db.pragma_update(None, "wal_checkpoint", "truncate")?;
    Ok(())
}
