//! Every version of every user. A list from the vendor opens versions for what is new or changed
//! and closes those of users who are gone; nothing is deleted.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::event::{Timestamp, User};

/// Takes in a vendor's whole user list as of `now`.
pub(super) fn take_in(
    db: &Connection,
    source: i64,
    users: &[User],
    now: Timestamp,
) -> rusqlite::Result<()> {
    let mut present = HashSet::new();
    for user in users {
        if present.insert(user.user_id.as_str()) {
            take_in_one(db, source, user, now)?;
        }
    }
    close_vanished(db, source, &present, now)
}

/// The newest version of a user in the archive.
struct Version {
    row: i64,
    user: User,
    valid_from: i64,
    is_open: bool,
}

fn take_in_one(db: &Connection, source: i64, user: &User, now: Timestamp) -> rusqlite::Result<()> {
    let Some(newest) = newest(db, source, &user.user_id)? else {
        return open(db, source, user, now.millis());
    };
    let is_same = User {
        last_login: user.last_login,
        ..newest.user
    } == *user;
    if is_same && newest.is_open {
        // A sign-in changes nothing about who the user is.
        return db
            .prepare_cached("update user set last_login = coalesce(?2, last_login) where id = ?1")?
            .execute(params![newest.row, user.last_login.map(Timestamp::millis)])
            .map(drop);
    }
    let from = now.millis().max(newest.valid_from + 1);
    close(db, newest.row, from)?;
    open(db, source, user, from)
}

fn newest(db: &Connection, source: i64, user_id: &str) -> rusqlite::Result<Option<Version>> {
    let mut find = db.prepare_cached(
        "select id, email, first_name, last_name, role, authentication, last_login, active,
             valid_from, valid_to is null
         from user where user_id = ?1 and source = ?2 order by valid_from desc limit 1",
    )?;
    find.query_row(params![user_id, source], |row| {
        Ok(Version {
            row: row.get(0)?,
            user: User {
                user_id: user_id.to_owned(),
                email: row.get(1)?,
                first_name: row.get(2)?,
                last_name: row.get(3)?,
                role: row.get(4)?,
                authentication: row.get(5)?,
                last_login: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_millis),
                active: row.get(7)?,
            },
            valid_from: row.get(8)?,
            is_open: row.get(9)?,
        })
    })
    .optional()
}

fn open(db: &Connection, source: i64, user: &User, from: i64) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "insert into user (source, user_id, email, first_name, last_name, role, authentication,
             last_login, active, valid_from)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    insert
        .execute(params![
            source,
            user.user_id,
            user.email,
            user.first_name,
            user.last_name,
            user.role,
            user.authentication,
            user.last_login.map(Timestamp::millis),
            user.active,
            from
        ])
        .map(drop)
}

/// Closes a version; one that is closed keeps the moment at which it was.
fn close(db: &Connection, row: i64, at: i64) -> rusqlite::Result<()> {
    db.prepare_cached("update user set valid_to = coalesce(valid_to, ?2) where id = ?1")?
        .execute([row, at])
        .map(drop)
}

fn close_vanished(
    db: &Connection,
    source: i64,
    present: &HashSet<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let mut find =
        db.prepare_cached("select id, user_id from user where source = ?1 and valid_to is null")?;
    let mut open = find.query([source])?;
    let mut vanished = Vec::new();
    while let Some(row) = open.next()? {
        if !present.contains(row.get_ref(1)?.as_str()?) {
            vanished.push(row.get(0)?);
        }
    }
    vanished
        .into_iter()
        .try_for_each(|row| close(db, row, now.millis()))
}
