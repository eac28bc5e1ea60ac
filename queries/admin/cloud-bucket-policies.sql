-- Who may reach buckets of AWS: changes of policies, lists and public access, newest first
-- tags: soc2-cc6.1 soc2-cc6.6 soc2-cc7.1 iso27001-a.5.23 iso27001-a.8.3 iso27001-a.8.9 pci-dss-10.3 hipaa-164.312b nist-au-6 nist-au-9 nist-ac-3
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
    coalesce(c.request_parameters ->> '$.bucketName', c.resources ->> '$[0].ARN') as bucket,
    c.source_ip as ip,
    c.error_code,
    c.event_id
from cloudtrail_events c
where c.time >= :since and c.time < coalesce(:until, '9')
    and c.event_source in ('s3.amazonaws.com', 's3-control.amazonaws.com')
    and (c.event_name like 'Put%' or c.event_name like 'Delete%')
    and (c.event_name like '%Policy%' or c.event_name like '%Acl%'
        or c.event_name like '%PublicAccessBlock%' or c.event_name like '%Ownership%'
        or c.event_name like '%Replication%' or c.event_name like '%Encryption%'
        or c.event_name like '%Versioning%' or c.event_name like '%Lifecycle%'
        or c.event_name like '%ObjectLock%' or c.event_name = 'DeleteBucket')
order by c.key desc
