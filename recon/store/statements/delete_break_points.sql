delete from work.break_points where snapshot_date between $since and $until
