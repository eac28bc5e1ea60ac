-- Users whose role, way to sign in or state changed, from what to what, newest first
-- tags: soc2-cc6.3 iso27001-a.5.18 iso27001-a.8.2 pci-dss-10.2 hipaa-164.312a nist-ac-2 nist-ac-6
-- param since time = 90d  how far back to look
-- param until time = null  up to when; null for no end
with versions as (
    select
        h.*,
        lag(h.valid_to) over versions_of_user as was_valid_to,
        lag(h.role) over versions_of_user as role_before,
        lag(h.authentication) over versions_of_user as authentication_before,
        lag(h.active) over versions_of_user as active_before
    from user_history h
    window versions_of_user as (partition by h.source, h.user_id order by h.valid_from)
)
select
    v.valid_from as time,
    v.source,
    v.email,
    trim(coalesce(v.first_name, '') || ' ' || coalesce(v.last_name, '')) as name,
    v.role_before,
    v.role,
    v.authentication_before,
    v.authentication,
    v.active_before,
    v.active,
    v.user_id
from versions v
where v.was_valid_to = v.valid_from
    and (v.role is not v.role_before or v.authentication is not v.authentication_before
        or v.active is not v.active_before)
    and v.valid_from >= :since and v.valid_from < coalesce(:until, '9')
order by v.valid_from desc, v.source, v.email
