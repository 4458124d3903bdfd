-- one row at most: how good odds were, as last worked out
select kept_at, program_version, data_fingerprint, content
from calibrations
