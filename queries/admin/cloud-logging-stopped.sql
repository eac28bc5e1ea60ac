-- Logs, trails and keys of AWS that were stopped, disabled or deleted, newest first
-- tags: soc2-cc7.1 soc2-cc7.2 iso27001-a.5.23 iso27001-a.8.15 iso27001-a.8.24 pci-dss-10.2 pci-dss-10.3 pci-dss-10.7 hipaa-164.312b nist-au-5 nist-au-9 nist-au-12
-- expect: no rows
-- severity: critical
-- param since time = 30d  how far back to look
-- param until time = null  up to when; null for no end
-- What was refused is listed too: that somebody tried is worth knowing.
select
    c.time,
    c.source,
    c.account_id,
    c.aws_region,
    c.user_type,
    c.user_arn,
    c.event_source,
    c.event_name,
    c.request_parameters,
    c.source_ip as ip,
    c.error_code,
    c.event_id
from cloudtrail_events c
where c.time >= :since and c.time < coalesce(:until, '9')
    and (c.event_name in (
            'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors',
            'DeleteEventDataStore', 'StopEventDataStoreIngestion',
            'DeleteLogGroup', 'DeleteLogStream', 'DeleteRetentionPolicy', 'PutRetentionPolicy',
            'DeleteSubscriptionFilter', 'DeleteFlowLogs', 'DeleteBucketLogging',
            'DisableKey', 'ScheduleKeyDeletion', 'DisableKeyRotation', 'DeleteImportedKeyMaterial',
            'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel',
            'DeleteDetector', 'UpdateDetector', 'DisableSecurityHub'))
order by c.key desc
