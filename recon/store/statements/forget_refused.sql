-- refused rows of the origin for days that it offers again
delete from work.quarantine
where origin = $origin
  and snapshot_date in (select snapshot_date::date from new_days)
