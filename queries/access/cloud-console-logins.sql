-- Sign-ins to the AWS console, with second factor and result, newest first
-- tags: soc2-cc6.1 iso27001-a.5.23 iso27001-a.8.5 pci-dss-10.2 hipaa-164.312b hipaa-164.312d nist-au-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    c.time,
    c.source,
    c.account_id,
    c.user_type,
    c.user_arn,
    c.source_ip as ip,
    coalesce(c.response_elements ->> '$.ConsoleLogin', iif(c.error_code is null, 'Success', 'Failure'))
        as result,
    c.details ->> '$.additionalEventData.MFAUsed' as mfa_used,
    c.error_message,
    c.event_id
from cloudtrail_events c
where c.time >= :since and c.time < coalesce(:until, '9')
    and c.event_name = 'ConsoleLogin'
order by c.key desc
