-- What was checked, when and with what outcome, and which offending rows were told to whom.
--
-- Why: an auditor asks for proof that controls are looked at, and not only that they exist; so every
-- run of a check stays on record, with the very text of the query as a hash. And whoever is paged for
-- the same row at every run stops to read pages; so what was told must outlive the run.
--
-- How a row is known again: by the SHA-256 of its values, equal rows numbered, and not by when its
-- events were archived.
--
-- * Most checks worth having count or compare (failures by person, a download after leaving, nobody
--   who signed in for long): their rows have no `archived_at`, and some begin to offend only because
--   time passes, without any event. A hash serves all of them alike.
-- * It is as good for rows that are events: a late one was in no answer before, so it is new whatever
--   its time; one that was there before is not, whatever else was archived since. A clock that was
--   wrong loses nothing.
-- * A row that changes, as when a count grows, is another row and alarms again: the new event would
--   not be heard of otherwise. The price: a count over the last 30 days changes when its oldest event
--   is 30 days old, too. So a query may name the columns by which a row is known (`-- once: actor day`);
--   only its author can tell what is the same finding.
-- * Only rows of the last answer are kept. What left the answer and comes back has happened again.
-- * Each way of telling (the screen of `check --new`, a command, a URL) has rows of its own, as in
--   `alert`: one that does not work does not make the others tell everything again.
-- * Rows are kept by the check's name and what was given for its parameters, as it was written: `7d`
--   is the same question tomorrow, but asked of 30 days it is another one. The text of the query is
--   no part of it, lest a corrected comment repeat every alarm.
-- * They are on record once they were told, and not before: a run that is cut off between the two
--   repeats an alarm, and never loses one.

-- A check as it was asked. Runs are many and checks are few, so that a run takes some 30 bytes.
create table checked (
    id         integer primary key,
    name       text not null,               -- of the saved query
    parameters text not null,               -- what was given, as a JSON object in order of names
    expect     text not null,               -- in the header's words
    severity   text,
    version    text not null,               -- of the program
    sha256     blob not null,               -- of the query's text, as it stands in its file
    unique (name, parameters, sha256, version)
) strict;

create table check_run (
    id       integer primary key,
    checked  integer not null references checked,
    ran_at   integer not null,
    outcome  text not null,                 -- `pass`, `known`, `alarm` or `error`
    rows     integer,                       -- of the answer; null if it could not be had
    new_rows integer,                       -- how many of them were new, if that was asked
    complete integer,                       -- whether all of the time asked for was; null if it asks for none
    error    text
) strict;
create index check_run_checked on check_run (checked);

create table check_told (
    way        text not null,               -- `screen`, `command` or `url`
    name       text not null,
    parameters text not null,
    offence    blob not null,               -- SHA-256 of a row, or a mark that stands for the whole answer
    primary key (way, name, parameters, offence)
) strict, without rowid;

-- Every run of a check.
create view check_runs as
select
    c.name,
    strftime('%Y-%m-%dT%H:%M:%fZ', r.ran_at / 1000.0, 'unixepoch') as ran_at,
    r.outcome, r.rows, r.new_rows, r.complete, r.error,
    c.parameters, c.expect, c.severity, c.version,
    lower(hex(c.sha256)) as sha256
from check_run r
join checked c on c.id = r.checked;

-- The last run of each.
create view checks as
select
    c.name,
    strftime('%Y-%m-%dT%H:%M:%fZ', r.ran_at / 1000.0, 'unixepoch') as ran_at,
    r.outcome, r.rows, r.new_rows, r.complete, r.error,
    c.parameters, c.expect, c.severity, c.version,
    lower(hex(c.sha256)) as sha256
from checked c
join check_run r on r.id = (
    select max(l.id)
    from checked a
    join check_run l on l.id = (select max(id) from check_run where checked = a.id)
    where a.name = c.name and a.parameters = c.parameters
)
where r.checked = c.id;
