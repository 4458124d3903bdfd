-- one row per forecast on record, in the order in which they were frozen
select entry_id, frozen_at, as_of, rank_day, program_version, data_fingerprint, content,
       previous_hash, hash
from forecasts
order by entry_id
