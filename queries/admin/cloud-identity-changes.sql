-- Users, roles, keys and policies of AWS that were created, changed or removed, newest first
-- tags: soc2-cc6.2 soc2-cc6.3 iso27001-a.5.18 iso27001-a.5.23 iso27001-a.8.2 pci-dss-10.2 hipaa-164.312a nist-au-6 nist-ac-2 nist-ac-6
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
select
    c.time,
    c.source,
    c.account_id,
    c.aws_region,
    c.user_type,
    c.user_arn,
    c.event_name,
    coalesce(c.request_parameters ->> '$.userName', c.request_parameters ->> '$.roleName',
        c.request_parameters ->> '$.groupName', c.resources ->> '$[0].ARN') as whose,
    c.request_parameters ->> '$.policyArn' as policy,
    c.source_ip as ip,
    c.error_code,
    c.event_id
from cloudtrail_events c
where c.time >= :since and c.time < coalesce(:until, '9')
    and c.event_source in ('iam.amazonaws.com', 'sso.amazonaws.com', 'organizations.amazonaws.com')
    and (c.event_name like 'Create%' or c.event_name like 'Delete%' or c.event_name like 'Update%'
        or c.event_name like 'Put%' or c.event_name like 'Attach%' or c.event_name like 'Detach%'
        or c.event_name like 'Add%' or c.event_name like 'Remove%' or c.event_name like 'Enable%'
        or c.event_name like 'Deactivate%' or c.event_name like 'ChangePassword')
order by c.key desc
