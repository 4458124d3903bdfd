-- what was made of the filings of these symbols' filers before
delete from work.fundamentals
where source = $source
    and symbol in (
        select symbol
        from work.filer_symbols
        where cik in (
            select cik from new_filers
            union
            select cik from new_symbols
            union
            select cik from new_facts))
