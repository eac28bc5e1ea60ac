"""DuckDB's side of `cargo bench --bench queries`.

load DATABASE NDJSON         makes DuckDB's native table of the events, and views under our names
ask DATABASE                 times each question, a line of JSON on standard input, as it comes
append DATABASE NDJSON...    makes a table with a primary key of the same events, then adds each file
"""

import datetime
import hashlib
import json
import statistics
import sys
import time
import uuid

import duckdb

COLUMNS = """
    eventId as event_id, timestamp as time, eventType as event_type, action,
    authenticatedUser as actor, impersonatedUser as on_behalf_of, ipAddress as ip,
    LogDetails.packageId as package_id, LogDetails.packageType as package_type,
    LogDetails.packageOwner as package_owner, LogDetails.fileName as file_name,
    LogDetails.fileSize as file_size
"""

FORM = """columns = {eventId: 'UUID', timestamp: 'TIMESTAMP', eventType: 'VARCHAR',
    action: 'VARCHAR', ipAddress: 'VARCHAR', authenticatedUser: 'VARCHAR',
    impersonatedUser: 'VARCHAR', LogDetails: 'STRUCT(packageId VARCHAR, packageType VARCHAR,
    packageOwner VARCHAR, fileName VARCHAR, fileSize BIGINT)'}, format = 'newline_delimited'"""

VIEWS = """
create macro iif(condition, a, b) as if(condition, a, b);
create macro substr(a, first, length) as substring(a::varchar, first, length),
    (a, first) as substring(a::varchar, first);
create view sendsafely_events as
select 'acme' as source, 'file' as feed, event_id, time, event_type, action,
    actor as authenticated_user, on_behalf_of as impersonated_user, ip as ip_address,
    package_id, package_type, package_owner, file_name, file_size,
    null::varchar as target, 1 as batch, key
from event;
create view events as
select 'acme' as source, 'file' as feed, event_id, time, event_type, action, actor, on_behalf_of,
    ip, null::integer as port, null::varchar as target,
    nullif(json_merge_patch('{}', json_object('packageType', package_type, 'packageOwner',
        package_owner, 'fileName', file_name, 'fileSize', file_size))::varchar, '{}') as details,
    1 as batch, key
from event;
create table users as
select 'safe-us' as source, printf('%032d', n) as user_id, printf('person%04d@example.com', n) as email,
    'Person' as first_name, n::varchar as last_name, if(n % 100 = 0, 'Admin', 'Member') as role,
    'SSO' as authentication, null::timestamp as last_login, true as present
from range(5000) people(n);
create view user_history as
select *, timestamp '2024-01-01' as valid_from, null::timestamp as valid_to from users;
create view activity as
select e.*, u.email as actor_email, u.first_name || ' ' || u.last_name as actor_name,
    u.role as actor_role, u.user_id is not null as actor_known
from events e left join users u on lower(u.email) = lower(e.actor);
create view actors as
select source, actor, min(time) as first_seen, max(time) as last_seen, count(*) as events
from events group by all;
create view daily as
select strftime(time::date, '%Y-%m-%d') as day, source, event_type, action, actor,
    count(*) as events
from events group by time::date, source, event_type, action, actor;
"""


def load(path, events):
    with duckdb.connect(path) as database:
        database.execute(f"""create table event as
            select (epoch_ms(timestamp) << 20) | (row_number() over () % 1048576) as key, {COLUMNS}
            from read_json('{events}', {FORM})""")
        database.execute(VIEWS)


def ask(path):
    with duckdb.connect(path, read_only=True) as database:
        database.execute("set enable_progress_bar = false")
        for question in sys.stdin:
            print(json.dumps(answer(database, json.loads(question))), flush=True)


def answer(database, question):
    values = {name: value_of(value) for name, value in question["values"].items()}
    try:
        begun = time.perf_counter()
        while time.perf_counter() - begun < question["warm_up"]:
            once(database, question["sql"], values)
        rounds = [once(database, question["sql"], values) for _ in range(question["rounds"])]
    except duckdb.Error as error:
        return {"error": str(error)}
    rows = rounds[0][1]
    ms = statistics.median(took for took, _ in rounds)
    return {"ms": ms, "rows": len(rows), "hash": fingerprint(rows)}


def value_of(value):
    if isinstance(value, dict):
        return datetime.datetime.fromisoformat(value["time"].rstrip("Z"))
    return value


def once(database, sql, values):
    started = time.perf_counter()
    rows = database.execute(sql, values).fetchall()
    return (time.perf_counter() - started) * 1000, rows


def fingerprint(rows):
    """Of the rows in any order, as benches/queries/answer.rs has it."""
    lines = sorted("\x1f".join(map(written, row)).encode() for row in rows)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def written(value):
    if value is None:
        return "\0"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.3f}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, (int, str, uuid.UUID)):
        return str(value)
    return json.dumps(value, default=str)


def append(path, files):
    with duckdb.connect(path) as database:
        database.execute("""create table if not exists kept (key bigint, event_id uuid primary key,
            time timestamp, event_type varchar, action varchar, actor varchar,
            on_behalf_of varchar, ip varchar, package_id varchar, package_type varchar,
            package_owner varchar, file_name varchar, file_size bigint)""")
        database.execute("insert into kept select * from event")
        database.execute("checkpoint")
        processor, started = time.process_time(), time.perf_counter()
        for file in files:
            database.execute(f"""insert or ignore into kept
                select 0, {COLUMNS} from read_json('{file}', {FORM})""")
        seconds, processor = time.perf_counter() - started, time.process_time() - processor
        print(json.dumps({"seconds": seconds, "processor": processor}))


if __name__ == "__main__":
    command, path, *files = sys.argv[1:]
    if command == "load":
        load(path, *files)
    elif command == "ask":
        ask(path)
    else:
        append(path, files)
