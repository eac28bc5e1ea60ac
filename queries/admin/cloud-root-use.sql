-- What was done with the root account of AWS, newest first
-- tags: soc2-cc6.1 soc2-cc6.3 iso27001-a.5.23 iso27001-a.8.2 pci-dss-10.2 hipaa-164.312a nist-au-6 nist-ac-6
-- expect: no rows
-- severity: critical
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- What a service of AWS does in the root account's name is no use of it.
select
    c.time,
    c.source,
    c.account_id,
    c.aws_region,
    c.user_type,
    c.user_arn,
    c.event_source,
    c.event_name,
    c.source_ip as ip,
    c.error_code,
    c.event_id
from cloudtrail_events c
where c.time >= :since and c.time < coalesce(:until, '9')
    and (c.user_type = 'Root' or c.user_arn like '%:root')
    and coalesce(c.details ->> '$.userIdentity.invokedBy', '') not like '%.amazonaws.com'
order by c.key desc
