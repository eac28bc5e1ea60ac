-- What was configured: settings, groups, integrations, users and rights, newest first
-- tags: soc2-cc7.1 iso27001-a.8.9 iso27001-a.8.15 iso27001-a.8.32 pci-dss-10.2 hipaa-164.312b nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- Packages are what the tools are for and no settings of theirs, and so are risk scenarios and
-- questionnaires.
select
    a.time,
    a.source,
    a.actor,
    a.actor_name as name,
    a.actor_email as email,
    a.actor_role as role,
    a.action,
    a.target,
    a.ip
from activity a
where a.time >= :since and a.time < coalesce(:until, '9')
    and (a.action like '%creat%' or a.action like '%add%' or a.action like '%set up%'
        or a.action like '%updat%' or a.action like '%chang%' or a.action like '%modif%'
        or a.action like '%edit%' or a.action like '%delet%' or a.action like '%remov%'
        or a.action like '%enable%' or a.action like '%disable%' or a.action like '%activat%'
        or a.action like '%start%' or a.action like '%stop%' or a.action like '%grant%'
        or a.action like '%revok%' or a.action like '%put%' or a.action like '%attach%'
        or a.action like '%authorize%')
    and a.action not like '%package%' and a.action not like '%workspace%'
    and a.action not like '%input%' and a.action not like '%risk scenario%'
    and a.action not like '%questionnaire%'
    and not coalesce(a.details ->> '$.readOnly', 0)
order by a.key desc
