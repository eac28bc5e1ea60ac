-- The views of events once more, for `query::rewrite`: each with the columns of the view, and beside
-- them the numbers that stand for its texts, under names that begin with `#`. They live with the
-- handle that reads, and not in the archive. `time` is written by a function of ours, which takes a
-- tenth of the time that SQLite's own takes; an id and details, too, for what they take in SQL is
-- compiled with every query that reads the view. What recurs is given by one that keeps it, where a
-- look into a table takes three times as long, and is cast so that it compares as a column does. Every
-- column is the view's, or a test fails. Those of one kind have the events of all: of which kind they
-- are to be is asked last, by whoever reads them.

create temp view coded_events as
select
    cast(source_name(page_source(e.page)) as text) as source,
    cast(page_feed(e.page) as text) as feed,
    id_text(e.id) as event_id,
    key_time(e.key) as time,
    cast(word_text(e.event_type) as text) as event_type,
    cast(word_text(e.action) as text) as action,
    cast(word_text(e.actor) as text) as actor,
    cast(word_text(e.on_behalf_of) as text) as on_behalf_of,
    cast(word_text(e.ip) as text) as ip,
    e.port as port,
    (select text from main.word where id = e.target) as target,
    details_text(e.details, word_text(e.package_type), word_text(e.package_owner),
        (select text from main.word where id = e.file_name), e.file_size) as details,
    cast(page_batch(e.page) as integer) as batch,
    page_time(e.page) as archived_at,
    e.key as key,
    page_source(e.page) as "#source",
    e.page as "#page", e.event_type as "#event_type", e.action as "#action", e.actor as "#actor",
    e.on_behalf_of as "#on_behalf_of", e.ip as "#ip", e.target as "#target",
    e.package as "#package", e.package_type as "#package_type",
    e.package_owner as "#package_owner", e.file_name as "#file_name",
    iif(e.file_size is not null, e.file_size, e.details ->> '$.fileSize') as "#fileSize",
    e.file_size as "#file_size"
from main.event e;

create temp view coded_activity as
select
    v.source, v.feed, v.event_id, v.time, v.event_type, v.action, v.actor,
    u.email as actor_email,
    nullif(trim(coalesce(u.first_name, '') || ' ' || coalesce(u.last_name, '')), '') as actor_name,
    u.role as actor_role,
    u.id is not null as actor_known,
    v.on_behalf_of, v.ip, v.port, v.target, v.details, v.batch, v.archived_at, v.key,
    v."#source", v."#page", v."#event_type", v."#action", v."#actor", v."#on_behalf_of", v."#ip",
    v."#target", v."#fileSize"
from (
    select v.*, coalesce(
        (select id from (
            select h.id, min(iif((v.key >> 20) >= h.valid_from,
                (v.key >> 20) - h.valid_from, 1e15 + h.valid_from - (v.key >> 20)))
            from main.user h
            where h.user_id = v.actor and h.source = v."#source")),
        (select id from (
            select h.id, min(iif((v.key >> 20) >= h.valid_from,
                (v.key >> 20) - h.valid_from, 1e15 + h.valid_from - (v.key >> 20)))
            from main.user h
            where lower(h.email) = lower(v.actor)))) as version
    from temp.coded_events v
) v
left join main.user u on u.id = v.version;

create temp view coded_safe_events as
select
    v.source, v.feed, v.time, v.action,
    iif(v.actor like '________-____-____-____-____________', v.actor, null) as user_id,
    coalesce(v.details ->> '$.Username',
        iif(v.actor like '________-____-____-____-____________', null, v.actor)) as username,
    v.ip as source_ip, v.port as source_port, v.details, v.batch, v.archived_at, v.key,
    v."#source", v."#page", v."#action", v."#ip", v."#fileSize"
from temp.coded_events v;

create temp view coded_cloudtrail_events as
select
    v.source, v.event_id, v.time,
    v.action as event_name,
    v.details ->> '$.eventSource' as event_source,
    v.details ->> '$.awsRegion' as aws_region,
    v.details ->> '$.recipientAccountId' as account_id,
    v.details ->> '$.userIdentity.type' as user_type,
    v.details ->> '$.userIdentity.arn' as user_arn,
    coalesce(v.ip, v.details ->> '$.sourceIPAddress') as source_ip,
    v.details ->> '$.userAgent' as user_agent,
    v.details ->> '$.errorCode' as error_code,
    v.details ->> '$.errorMessage' as error_message,
    v.details ->> '$.readOnly' as read_only,
    v.details ->> '$.requestID' as request_id,
    nullif(v.details -> '$.resources', 'null') as resources,
    nullif(v.details -> '$.requestParameters', 'null') as request_parameters,
    nullif(v.details -> '$.responseElements', 'null') as response_elements,
    v.details, v.batch, v.archived_at, v.key,
    v."#source", v."#page", v."#action", v."#fileSize"
from temp.coded_events v;

create temp view coded_sendsafely_events as
select
    v.source, v.feed, v.event_id, v.time, v.event_type, v.action,
    v.actor as authenticated_user, v.on_behalf_of as impersonated_user, v.ip as ip_address,
    (select text from main.word where id = v."#package") as package_id,
    cast(word_text(v."#package_type") as text) as package_type,
    cast(word_text(v."#package_owner") as text) as package_owner,
    (select text from main.word where id = v."#file_name") as file_name,
    v."#file_size" as file_size,
    v.target, v.details, v.batch, v.archived_at, v.key,
    v."#source", v."#page", v."#event_type", v."#action", v."#actor", v."#on_behalf_of", v."#ip",
    v."#target", v."#package", v."#package_type", v."#package_owner", v."#file_name",
    v."#fileSize"
from temp.coded_events v;

-- Roll-ups under the names of the events they stand for: `#events` of them, of which `key` is the
-- first and `#last_key` the last, and `time` begins as theirs does.

create temp view coded_day_action as
select
    cast(source_name(d.source) as text) as source,
    key_time(d.first_key) as time,
    cast(word_text(d.event_type) as text) as event_type,
    cast(word_text(d.action) as text) as action,
    d.first_key as key, d.last_key as "#last_key", d.day as "#day", d.events as "#events",
    d.bytes as "#bytes", d.source as "#source", d.event_type as "#event_type",
    d.action as "#action"
from main.day_action d;

create temp view coded_day_actor as
select
    cast(source_name(d.source) as text) as source,
    key_time((d.day * 86400000) << 20) as time,
    cast(word_text(d.event_type) as text) as event_type,
    cast(word_text(d.action) as text) as action,
    cast(word_text(d.actor) as text) as actor,
    cast(word_text(d.actor) as text) as authenticated_user,
    (d.day * 86400000) << 20 as key, d.day as "#day", d.events as "#events", d.bytes as "#bytes",
    d.source as "#source", d.event_type as "#event_type", d.action as "#action",
    d.actor as "#actor"
from main.day_actor d;

create temp view coded_hour_actor as
select
    cast(source_name(h.source) as text) as source,
    key_time((h.hour * 3600000) << 20) as time,
    cast(word_text(h.actor) as text) as actor,
    cast(word_text(h.actor) as text) as authenticated_user,
    (h.hour * 3600000) << 20 as key, h.events as "#events", h.source as "#source",
    h.actor as "#actor"
from main.hour_actor h;

create temp view coded_actor_span as
select
    cast(source_name(a.source) as text) as source,
    cast(word_text(a.actor) as text) as actor,
    cast(word_text(a.actor) as text) as authenticated_user,
    a.first_key as key, a.last_key as "#last_key", a.events as "#events", a.source as "#source",
    a.actor as "#actor"
from main.actor_span a;

create temp view coded_address as
select
    cast(source_name(a.source) as text) as source,
    cast(word_text(a.actor) as text) as actor,
    cast(word_text(a.actor) as text) as authenticated_user,
    cast(word_text(a.ip) as text) as ip,
    cast(word_text(a.ip) as text) as ip_address,
    a.first_key as key, a.last_key as "#last_key", a.events as "#events", a.source as "#source",
    a.actor as "#actor", a.ip as "#ip"
from main.address a;

-- For what is said of some time up to now, however often: someone who came from somewhere after a
-- moment came from there last after that moment.
create temp view coded_last_address as
select
    cast(source_name(a.source) as text) as source,
    key_time(a.last_key) as time,
    cast(word_text(a.actor) as text) as actor,
    cast(word_text(a.actor) as text) as authenticated_user,
    cast(word_text(a.ip) as text) as ip,
    cast(word_text(a.ip) as text) as ip_address,
    a.last_key as key, a.source as "#source", a.actor as "#actor", a.ip as "#ip"
from main.address a;

create temp view coded_daily as
select
    day_text(d.day) as day,
    cast(source_name(d.source) as text) as source,
    cast(word_text(d.event_type) as text) as event_type,
    cast(word_text(d.action) as text) as action,
    cast(word_text(d.actor) as text) as actor,
    d.events,
    d.day as "#day", d.source as "#source", d.event_type as "#event_type", d.action as "#action",
    d.actor as "#actor"
from main.day_actor d;
