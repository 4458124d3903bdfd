-- one forecast, behind those on record
insert into work.forecasts (
    entry_id, frozen_at, as_of, rank_day, program_version, data_fingerprint, content,
    previous_hash, hash)
values (
    $entry_id, $frozen_at, $as_of, $rank_day, $program_version, $data_fingerprint,
    $content, $previous_hash, $hash)
