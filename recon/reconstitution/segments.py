"""Segments of the market on each session: members point in time, and what they made.

Members at a close: by the lists known that day, or as the last event decided where the
lists are of before it; sizes by its rank day. Decision 0057.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from recon import places, record, schedule, tables
from recon.indexes import BROAD, LARGE, MICRO, SMALL
from recon.reconstitution.applying import current_index
from recon.reconstitution.companies import FOR_LINES, arrange, listed_on, quotes_of
from recon.reconstitution.eras import Era, era_of
from recon.reconstitution.evidence import rows_of
from recon.reconstitution.facts import Facts
from recon.reconstitution.gathered import Gathered
from recon.reconstitution.gathering import History, gather
from recon.rulebook import HEURISTICS, Rulebook, rulebook
from recon.rules import membership, segments
from recon.vocabulary import NOT_KNOWN

WEIGHED = (LARGE, SMALL, BROAD, MICRO)  # indexes whose lists give weights
# what `segments.summaries` asks for
FIGURES = ("snapshot_date", "sector", "weight_usd", "return_frac", *segments.BREADTH)


class Walk:
    """Sessions in order, a part at a time; `add` takes what `gather` collected."""

    def __init__(self, facts: Facts, history: History, since: date) -> None:
        self._facts, self._history, self._since = facts, history, since
        self._eras: dict[tuple[date | None, date], Era] = {}
        self._lists = _weighed_lists(facts)
        self._by_hand = kept_by_hand(facts)
        self._floats: dict[int, dict[str, float]] = {}
        self._sized: dict[date, Sized | None] = {}
        self._last = pd.DataFrame()
        self._found: list[pd.DataFrame] = []

    def add(self, part: Gathered) -> None:
        """Add the sessions of a part: what each segment made since the one before."""
        members = self.members(part)
        rows = pd.concat([self._last, members], ignore_index=True)
        if rows.empty:
            return
        days = rows["snapshot_date"]
        self._last = rows[days == days.iloc[-1]]
        moved = self._moved(rows, part)
        figures = moved[list(FIGURES)]
        every = [*segments.SIZES, *segments.BEFORE.values(), *self._by_hand["segment"]]
        for segment in (code for code in dict.fromkeys(every) if code in moved):
            own = figures[moved[segment].to_numpy(bool)]
            if own.empty:
                continue
            found = [segments.summaries(own)]
            if segment in segments.BY_SECTOR:
                found.append(segments.summaries(own, by_sector=True))
            self._found += [each.assign(segment=segment) for each in found]

    def table(self) -> pd.DataFrame:
        """Return table `SegmentDays` of every session added, from `since`."""
        columns = list(tables.SegmentDays.to_schema().columns)
        if not self._found:
            return pd.DataFrame(columns=columns)
        table = pd.concat(self._found, ignore_index=True)[columns]
        table = table[table["snapshot_date"] >= pd.Timestamp(self._since)]
        table = table.sort_values(
            ["snapshot_date", "segment", "sector"], ignore_index=True
        )
        return tables.SegmentDays.validate(table)

    def members(self, part: Gathered) -> pd.DataFrame:
        """Return the companies of each session that are in a segment, and in which.

        One row a session and company, by the symbol_id of its pricing vehicle:
        weight_usd, sector, and a column a segment.
        """
        companies, table = part.companies, part.securities
        if companies.empty:
            return pd.DataFrame()
        at, days = companies["at"].to_numpy(), companies["snapshot_date"].to_numpy()
        last = companies["snapshot_date"].iloc[-1].date()
        companies = companies.assign(company_id=table["company_id"].to_numpy()[at])
        listed = current_index(part, companies).codes
        key = table["key"].to_numpy(object)
        exchange = places.exchange_codes(table["exchange"]).to_numpy(object)[at]
        found, factor = [], np.ones(len(at))
        for spell, rows in zip(part.spells, rows_of(part.spells, days), strict=True):
            own, era = at[rows], self._era(spell.first, last)
            held = listed[rows]
            if spell.known.as_of is None or spell.known.is_stale:
                held = _codes(key, era.index_by_key)[own]
            found.append(_sizes(held, key, own, era))
            factor[rows] = _values(key, self._free_floats(spell.first))[own]
        flags = {
            name: np.concatenate([own[name] for own in found]) for name in found[0]
        }
        flags[segments.NASDAQ] = flags[BROAD] & (exchange == "NASDAQ")
        flags[segments.NYSE] = flags[BROAD] & (exchange == "NYSE")
        sector, industry = _classified(table, self._facts.sectors(last))
        flags |= _listed(self._by_hand, key, industry, at, days, flags[BROAD])
        known = companies["free_float_frac"].fillna(1.0).to_numpy(float)
        cap = companies["total_market_cap_usd"].to_numpy(float)
        weight = cap * np.where(np.isnan(factor), known, factor)
        kept = np.flatnonzero(np.logical_or.reduce(list(flags.values())) & (weight > 0))
        return pd.DataFrame(
            {
                "snapshot_date": days[kept],
                "symbol_id": table["symbol_id"].to_numpy()[at[kept]],
                "weight_usd": weight[kept],
                "sector": sector[at[kept]],
                **{name: flag[kept] for name, flag in flags.items()},
            }
        ).drop_duplicates(["snapshot_date", "symbol_id"])

    def _moved(self, rows: pd.DataFrame, part: Gathered) -> pd.DataFrame:
        """Return members quoted on two sessions running, by the later one.

        Columns as `segments.summaries` asks for, and one a segment.
        """
        days = self._facts.published_days()
        first, last = rows["snapshot_date"].iloc[0], rows["snapshot_date"].iloc[-1]
        place = max(days.searchsorted(first) - segments.YEAR, 0)
        renamed, new_ids = self._renamed(part, last.date())
        ids = np.union1d(rows["symbol_id"].unique(), new_ids)
        trail = self._facts.price_changes(days[place].date(), last.date(), ids)
        trail = trail.sort_values(["snapshot_date", "symbol_id"], ignore_index=True)
        trail["close_usd"] = trail.groupby("symbol_id")["close_usd"].ffill()
        linked = segments.pairs(trail, renamed)
        linked["return_frac"] = segments.returns(trail, linked, part.rules)
        symbol = trail["symbol_id"].to_numpy()
        same = linked[symbol[linked["before"]] == symbol[linked["after"]]]
        levels, chain = segments.chained(trail, same, same["return_frac"].to_numpy())
        _, session = np.unique(trail["snapshot_date"].to_numpy(), return_inverse=True)
        after = linked["after"].to_numpy()
        for name, flags in segments.breadth(levels).items():
            linked[name] = flags[session[after], chain[after]]
        before = linked["before"].to_numpy()
        linked = linked.assign(
            snapshot_date=trail["snapshot_date"].to_numpy()[after],
            held_on=trail["snapshot_date"].to_numpy()[before],
            symbol_id=symbol[before],
        )
        members = rows.rename(columns={"snapshot_date": "held_on"})
        joined = linked[linked["held_on"] >= first].merge(
            members, on=["held_on", "symbol_id"], validate="one_to_one"
        )
        joined["sector"] = joined["sector"].astype("category")
        return joined[joined["return_frac"] > -1]

    def _renamed(
        self, part: Gathered, until: date
    ) -> tuple[segments.Renamed, np.ndarray]:
        """Return whose symbol changed when, by symbol_id, and the new symbols."""
        table = part.securities.dropna(subset="key").drop_duplicates("key", keep="last")
        number = dict(zip(table["key"], table["symbol_id"], strict=True))
        found: dict[np.datetime64, dict[int, int]] = {}
        for (start, _), era in self._eras.items():
            for day, old, new in era.changes:
                is_inside = (start or date.min) <= day <= until
                if is_inside and old in number and new in number:
                    on = found.setdefault(np.datetime64(day, "D"), {})
                    on[number[new]] = number[old]
        new_ids = [new for pairs in found.values() for new in pairs]
        return found, np.array(new_ids, dtype=int)

    def _era(self, day: date, until: date) -> Era:
        event, end = schedule.last_implemented(day), schedule.next_implemented(day)
        until = min(until, end.implementation_close - timedelta(days=1))
        name = (event.implementation_close if event else None, until)
        if name not in self._eras:
            self._eras[name] = era_of(self._facts, self._history, event, until)
        return self._eras[name]

    def _free_floats(self, day: date) -> dict[str, float]:
        """Return the free float by key that the newest list of each index implies."""
        newest: dict[str, tuple[date, int]] = {}
        for as_of, index, list_id in self._lists:
            if as_of <= day:
                newest[index] = (as_of, list_id)
        found: dict[str, float] = {}
        for as_of, list_id in sorted(newest.values()):
            if list_id not in self._floats:
                self._floats[list_id] = self._implied(as_of, list_id)
            found |= self._floats[list_id]
        return found

    def _implied(self, as_of: date, list_id: int) -> dict[str, float]:
        """Return the free float by key that the weights of a list imply on its day."""
        members = self._facts.members(as_of, as_of)
        members = members[members["list_id"] == list_id].dropna(subset="weight_frac")
        if members.empty:
            return {}
        if as_of not in self._sized:  # lists of several indexes share a day
            self._sized = {as_of: _sized_on(self._facts, as_of)}
        weights = dict(zip(members["symbol"], members["weight_frac"], strict=True))
        return _implied(weights, self._sized[as_of])


def members_on(facts: Facts, day: date, history: History) -> pd.DataFrame:
    """Return the companies that are in a segment at a session's close, and in which.

    One row a company: symbol of its pricing vehicle, keys of all its common shares,
    total_market_cap_usd, weight_usd (by the free float of lists), sector, and a column
    a segment.
    """
    part = gather(facts, day, history=history)
    found = Walk(facts, history, day).members(part)
    table, at = part.securities, part.companies["at"].to_numpy()
    common = table[table["is_common"] & table["key"].notna()]
    keys = common.groupby("company_id")["key"].agg(tuple)
    own = table[["symbol_id", "symbol", "company_id"]].iloc[at]
    own = own.assign(
        keys=own["company_id"].map(keys),
        total_market_cap_usd=part.companies["total_market_cap_usd"].to_numpy(float),
    )
    own = own.drop_duplicates("symbol_id").drop(columns="company_id")
    return found.merge(own, on="symbol_id", validate="one_to_one")


def _sizes(
    held: np.ndarray, key: np.ndarray, at: np.ndarray, era: Era
) -> dict[str, np.ndarray]:
    """Tell what rows are in; `held` is the place of their index in `indexes.HELD`."""
    is_large, is_small = held == membership.IN_LARGE, held == membership.IN_SMALL
    found = {LARGE: is_large, SMALL: is_small, BROAD: is_large | is_small}
    for code in (segments.TOP10, "TOP50", "TOP200"):
        found[code] = is_large & pd.Series(key).isin(era.sizes[code]).to_numpy()[at]
    found["MIDCAP"] = is_large & ~found["TOP200"]
    is_micro = pd.Series(key).isin(era.sizes[MICRO]).to_numpy()[at]
    found[MICRO] = is_micro & ~is_large
    before = _codes(key, era.before_by_key)[at]
    found[segments.LARGE_BEFORE] = before == membership.IN_LARGE
    found[segments.SMALL_BEFORE] = before == membership.IN_SMALL
    top10 = found[segments.TOP10] & found[segments.LARGE_BEFORE]
    found[segments.TOP10_BEFORE] = top10
    return found


def _codes(key: np.ndarray, index_by_key: Mapping[str, str]) -> np.ndarray:
    return membership.index_codes(pd.Series(key).map(index_by_key))


def _values(key: np.ndarray, by_key: Mapping[str, float]) -> np.ndarray:
    return pd.Series(key).map(by_key).to_numpy(float)


def _classified(
    table: pd.DataFrame, versions: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return sector and industry of each security, as known last where it lacks them.

    `versions` is `Store.sectors`. Sectors of the classification until 2022 read as
    those of today, see `record.sectors`.
    """
    told = versions.groupby("symbol_id")[["sector", "industry"]].ffill()
    told.index = pd.Index(versions["security_id"])
    told = told.reindex(table["security_id"])
    today = record.sectors()
    of_sector = today[today["industry"].isna()].set_index("was")["sector"]
    of_both = today.set_index(["was", "industry"])["sector"]
    both = pd.MultiIndex.from_frame(told[["sector", "industry"]])
    sector = told["sector"].astype(object)
    by_sector = sector.map(of_sector)
    by_both = pd.Series(of_both.reindex(both).to_numpy(object), sector.index)
    sector = by_both.fillna(by_sector).fillna(sector).fillna(NOT_KNOWN)
    return sector.to_numpy(object), told["industry"].to_numpy(object)


def kept_by_hand(facts: Facts) -> pd.DataFrame:
    """Return the segments kept by hand: those of the store, else those on record."""
    kept = facts.segment_lists()
    return kept if len(kept) else record.segment_lists()


def _listed(
    lists: pd.DataFrame,
    key: np.ndarray,
    industry: np.ndarray,
    at: np.ndarray,
    days: np.ndarray,
    is_broad: np.ndarray,
) -> dict[str, np.ndarray]:
    """Tell which rows of the Russell 3000 are in each segment kept by hand that day."""
    found = {}
    for segment, entries in lists.groupby("segment", sort=False):
        is_in, is_out = np.zeros((2, len(at)), dtype=bool)
        for (since, until, by), of_span in entries.groupby(["since", "until", "by"]):
            names = industry if by == "industry" else key
            rows = pd.Series(names).isin(of_span["value"]).to_numpy()[at]
            rows &= (days >= np.datetime64(since)) & (days <= np.datetime64(until))
            if by == "not symbol":
                is_out |= rows
            else:
                is_in |= rows
        found[str(segment)] = is_in & ~is_out & is_broad
    return found


def _weighed_lists(facts: Facts) -> list[tuple[date, str, int]]:
    """Return day, index and list_id of every usable list that may give weights."""
    heads = facts.membership_lists()
    heads = heads[heads["usable"].astype(bool) & heads["index"].isin(WEIGHED)]
    days = pd.to_datetime(heads["as_of"]).dt.date
    return sorted(zip(days, heads["index"], heads["list_id"], strict=True))


# a session's rulebook, common shares with a key, and owner and size of its companies
Sized = tuple[Rulebook, pd.DataFrame, np.ndarray, np.ndarray]


def _sized_on(facts: Facts, as_of: date) -> Sized | None:
    """Return the companies of the session of a list's day; None where none is near."""
    days = facts.published_days()
    if not len(days):
        return None
    place = max(days.searchsorted(pd.Timestamp(as_of), side="right") - 1, 0)
    if abs(days[place] - pd.Timestamp(as_of)).days > HEURISTICS.sighting_days:
        return None
    session = days[place].date()
    rules, table = rulebook(session), listed_on(facts, session)
    quotes = quotes_of(facts, table, session, session, rules, companies_only=True)
    companies = arrange(quotes, rules, FOR_LINES)
    owner = table["company_id"].to_numpy()[companies["at"].to_numpy()]
    common = table.loc[table["is_common"] & table["key"].notna(), ["key", "company_id"]]
    return rules, common, owner, companies["total_market_cap_usd"].to_numpy(float)


def _implied(weights: Mapping[str, float], sized: Sized | None) -> dict[str, float]:
    if sized is None:
        return {}
    rules, common, owner, cap_usd = sized
    weight = common["key"].map(weights).groupby(common["company_id"]).sum()
    weight_frac = weight.reindex(owner).fillna(0).to_numpy(float)
    implied = segments.implied_floats(
        weight_frac, cap_usd, HEURISTICS.weight_step_frac, rules
    )
    by_owner = pd.Series(implied, owner).dropna()
    told = common["company_id"].map(by_owner)
    return dict(zip(common["key"][told.notna()], told.dropna(), strict=True))
