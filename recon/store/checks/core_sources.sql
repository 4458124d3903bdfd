-- sources of everything that was loaded
select distinct source from work.ledger
