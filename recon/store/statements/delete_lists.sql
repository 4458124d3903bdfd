delete from work.membership_lists
where ("index", as_of, source) in (
    select ("index", as_of::date, source) from new_lists)
