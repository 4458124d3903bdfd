-- the first new day between $first and $last, null where there is none
select min(snapshot_date) from new_snapshots where snapshot_date between $first and $last
