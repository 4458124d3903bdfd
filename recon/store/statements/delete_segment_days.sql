delete from work.segment_days where snapshot_date between $since and $until
