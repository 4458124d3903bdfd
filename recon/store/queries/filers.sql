-- one row per filer and change of what it is, stated on or before $as_of, oldest first
select cik, known_on, name, entity_type, sic, incorporated_in, based_in, accession
from filers
where known_on <= $as_of
order by cik, known_on, accession
