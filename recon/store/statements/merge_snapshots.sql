-- stored snapshots as they were revised, but for replaced days, together with new ones
insert into work.snapshots by name
select * from (
    select o.* replace (
               case when r.security_id is null then o.total_market_cap_usd
                    else r.total_market_cap_usd end as total_market_cap_usd,
               coalesce(r.carried_sessions, o.carried_sessions) as carried_sessions)
    from old.snapshots o
    left join revised_rows r using (snapshot_date, security_id)
    where o.snapshot_date not in (select snapshot_date from new_snapshots)
    union all by name
    select snapshot_date, security_id, close_usd, total_market_cap_usd, volume_shares,
           shares_outstanding, available_shares, close_change_frac, carried_sessions,
           source
    from new_snapshots
    where snapshot_date between $first and $last)
order by snapshot_date, total_market_cap_usd desc nulls last, security_id
