-- Sign-ins for which a vendor tells of no second factor or no single sign-on, newest first
-- tags: soc2-cc6.1 soc2-cc6.6 iso27001-a.5.17 iso27001-a.8.5 hipaa-164.312d nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- SAFE tells of each user whether the account has a password of its own (`Native`) or single
-- sign-on; SendSafely only when a second factor was taken away; AWS says it with each sign-in.
with logins as materialized (
    select r.key from events r
    where r.time >= :since and r.time < coalesce(:until, '9')
        and (r.action like '%login%' or r.action like '%logged in%' or r.action like '%log in%'
            or r.action like '%logon%' or r.action like '%signed in%' or r.action like '%sign in%')
        and r.action not like '%fail%' and r.action not like '%denied%'
        and r.action not like '%invalid%' and r.action not like '%unsuccessful%'
),
native as materialized (
    select lower(h.user_id) as actor, h.source, h.valid_from, h.valid_to,
        (select min(f.valid_from) from user_history f
            where f.user_id = h.user_id and f.source = h.source) as first_known
    from user_history h
    where h.authentication like '%native%' or h.authentication like '%password%'
        or h.authentication like '%local%'
),
disabled as materialized (
    select lower(e.target) as actor, min(e.time) as since from events e
    where e.time < coalesce(:until, '9')
        and (e.action like '%2fa%' or e.action like '%mfa%' or e.action like '%two%factor%')
        and (e.action like '%disable%' or e.action like '%remove%' or e.action like '%deactivat%'
            or e.action like '%reset%')
    group by 1
),
told as (
    select l.key, iif(e.details ->> '$.additionalEventData.MFAUsed' = 'No', 'no MFA', null) as why
    from logins l
    join events e on e.key = l.key
    where e.details like '%MFAUsed%'
    union all
    select l.key, 'own password'
    from logins l
    join events e on e.key = l.key
    join native n on n.actor = lower(e.actor) and n.source = e.source
    where (e.time >= n.valid_from or n.valid_from = n.first_known)
        and (e.time < n.valid_to or n.valid_to is null)
    union all
    select l.key, 'second factor was disabled'
    from logins l
    join events e on e.key = l.key
    join disabled d on d.actor = lower(e.actor)
    where e.time > d.since
)
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.ip,
    a.action,
    t.why
from told t
join activity a on a.key = t.key
where t.why is not null
order by t.key desc, t.why
