-- What was told of feeds that are not well.
--
-- Why: whoever is paged for the same gap at every run stops to read pages. So that each thing is
-- told once when it begins and once when it is over, what was told must outlive the run; and it
-- counts as told only when it was delivered, so it stands here and not in the hook's own log.
--
-- * Each way of telling (a command, a URL) has rows of its own: one that does not work does not
--   make the other one tell everything again.
-- * Source and feed are names: a feed whose secret cannot be had fails before anything of it is
--   archived.

create table alert (
    way      text not null,                 -- how it is told: `command` or `url`
    source   text not null,
    feed     text not null,
    what     text not null,                 -- `failure`, `gap`, `loss`, `lost` or `stale`
    since    integer not null,              -- when it was first found
    told_at  integer,                       -- when it was delivered; null while it is not
    ended_at integer,                       -- when it was told to be over; null while it is not
    lost_to  integer,                       -- of what is lost: up to where it was told
    primary key (way, source, feed, what)
) strict, without rowid;
