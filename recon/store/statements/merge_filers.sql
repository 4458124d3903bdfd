-- filers with new rows, all their rows in order: those that change something, what is
-- not stated as it was stated before
create or replace temp table merged_filers as
with every as (
    select cik, known_on, name, entity_type, sic, incorporated_in, based_in, accession
    from work.filers
    where cik in (select cik from new_filers)
    union
    select cik, known_on::date, name, entity_type, sic, incorporated_in, based_in,
           coalesce(accession, '')
    from new_filers
), carried as (
    select cik, known_on, accession,
           coalesce(name, last_value(name ignore nulls) over earlier) as name,
           coalesce(entity_type, last_value(entity_type ignore nulls) over earlier)
               as entity_type,
           coalesce(sic, last_value(sic ignore nulls) over earlier) as sic,
           coalesce(incorporated_in, last_value(incorporated_in ignore nulls)
               over earlier) as incorporated_in,
           coalesce(based_in, last_value(based_in ignore nulls) over earlier)
               as based_in
    from every
    window earlier as (
        partition by cik order by known_on, accession
        rows between unbounded preceding and 1 preceding)
)
select cik, known_on, name, entity_type, sic, incorporated_in, based_in, accession
from carried
window in_turn as (partition by cik order by known_on, accession)
qualify row_number() over in_turn = 1
    or row(name, entity_type, sic, incorporated_in, based_in)
       is distinct from lag(row(name, entity_type, sic, incorporated_in, based_in))
           over in_turn
