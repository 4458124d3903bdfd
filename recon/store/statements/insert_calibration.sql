-- how good odds were
insert into work.calibrations (kept_at, program_version, data_fingerprint, content)
values ($kept_at, $program_version, $data_fingerprint, $content)
