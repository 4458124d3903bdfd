-- one row per calibration that is kept, one at most: how good odds were
select kept_at, program_version, data_fingerprint, content
from calibrations
