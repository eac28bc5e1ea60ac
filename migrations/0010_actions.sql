-- The events of each action.
--
-- Why: most of what auditors ask is about what happens seldom: sign-ins that failed, settings that were
-- changed, people who were deleted. Of the month or the years that are asked about, that is a few events
-- in a thousand.
--
-- * A table of its own, as `package_event`, so that a page's entries are added in its order: beside each
--   action's last.
-- * It costs 17.8 bytes an event, of ten million.
-- * It is read only where few of the events that are asked about have one of the actions, which
--   `day_action` says: events in their own order are read eight times as fast.

create table action_event (
    action integer not null,
    key    integer not null,
    primary key (action, key)
) strict, without rowid;

insert into action_event select action, key from event order by 1, 2;
