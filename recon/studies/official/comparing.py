"""Ours, theirs and what came, company by company and list by list (of accuracy)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recon.indexes import BROAD, IN_BROAD, SMALL
from recon.indexes import INDEXES as FAMILY
from recon.reconstitution import Projection
from recon.reconstitution.event import GONE as LEFT
from recon.rulebook import Rulebook
from recon.studies.accuracy import causes, counting
from recon.studies.official.posted import ACTIONS, INDEXES, list_name
from recon.vocabulary import ADDITION, DELETION

COLUMNS = [
    "list",
    "symbol",
    "company",
    "ours",
    "official",
    "after",
    "agrees",
    "cause",
    "why",
    "rank",
    "total_market_cap_usd",
]
# what is set apart when an event is scored, in the words of the taxonomy
APART = {
    counting.GONE: causes.TIMING,
    counting.CAME: causes.TIMING,
    counting.CLASS: causes.STRUCTURE,
    counting.DOUBT: causes.LIST,
}
# what the other two tell together
MEMBER_BEFORE = "a member before: it joined since the list of members known"
LEFT_BEFORE = "no member before: it left since the list of members known"


def companies(
    units: pd.DataFrame,
    newest: pd.DataFrame,
    ranked: Projection,
    decided: Projection,
    seen: counting.Seen,
) -> pd.DataFrame:
    """Return the companies of `counting.units` and those that only a list names.

    Adds `stated`: the lists (index, action) of `newest` that name the company; and
    `left`: the first session on which it was listed no more, missing if it is.
    """
    company_of = _company_of_key(ranked, decided, seen)
    own = dict(zip(units["key"], units["company_id"], strict=True))
    known = {company: key for key, company in own.items() if pd.notna(company)}
    stated: dict[str, set[tuple[str, str]]] = {}
    for row in newest.rename(columns={"index": "list_index"}).itertuples():
        key = str(row.key)
        place = known.get(company_of.get(key, -1), key)
        stated.setdefault(place, set()).add((row.list_index, row.action))
    new = [key for key in stated if key not in units.index]
    table = units
    if new:
        table = pd.concat([units, _strangers(new, newest, ranked, company_of, decided)])
    left = decided.later
    gone = {} if left is None else dict(_gone(left, decided))
    return table.assign(
        stated=[frozenset(stated.get(key, ())) for key in table.index],
        left=[gone.get(company) for company in table["company_id"]],
    )


def rows(table: pd.DataFrame, newest: pd.DataFrame, *, is_known: bool) -> pd.DataFrame:
    """Return one row a list and company that ours, theirs or what came has.

    `official` is missing where no such list has been posted, `after` where what came
    is not known (`is_known`) or the company is set apart; `agrees` compares ours with
    the official list, or with what came where none has been posted.
    """
    posted = set(zip(newest["index"], newest["action"], strict=True))
    parts = []
    for index in INDEXES:
        for action in ACTIONS:
            ours = _does(table, "projected", index, action)
            # of what is not in the listings nothing is projected
            ours &= table["is_listed"].to_numpy(bool) | (action == ADDITION)
            came = _does(table, "came", index, action)
            came &= table["note"].isna().to_numpy() & is_known
            theirs = np.array([(index, action) in each for each in table["stated"]])
            shown = ours | theirs | came
            is_stated = (index, action) in posted
            after = pd.Series(came, table.index, dtype="boolean")
            official = pd.Series(theirs, table.index, dtype="boolean")
            part = table.assign(
                list=list_name(index, action),
                index=index,
                action=action,
                ours=pd.Series(ours, table.index, dtype="boolean"),
                official=official if is_stated else pd.NA,
                after=after.where(table["note"].isna() & is_known),
            )
            parts.append(part.astype({"official": "boolean"})[shown])
    whole = pd.concat(parts, ignore_index=True)
    truth = whole["official"].fillna(whole["after"])
    return whole.assign(
        agrees=whole["ours"] == truth,
        company=whole["company"].fillna(whole["name"]),
        symbol=whole["symbol"].fillna(whole["key"]),
    )


def with_causes(
    table: pd.DataFrame, lines: pd.DataFrame, rank_year: int, rules: Rulebook
) -> pd.DataFrame:
    """Add `cause` and `why` to the rows that do not agree, differences first."""
    is_wrong = table["agrees"].eq(False).fillna(False).to_numpy(bool)
    wrong = table[is_wrong]
    told = causes.with_causes(
        wrong.assign(came=_as_if_true(wrong)),
        lines,
        rank_year,
        (rules.large_count, rules.broad_count),
    )
    for words, cause in APART.items():
        is_apart = wrong["note"].eq(words).fillna(False)
        told.loc[is_apart, "cause"], told.loc[is_apart, "why"] = cause, words
    is_other = wrong["ours"] & wrong["official"].eq(False).fillna(False)
    for action, words in ((ADDITION, MEMBER_BEFORE), (DELETION, LEFT_BEFORE)):
        is_so = is_other & wrong["action"].eq(action) & wrong["after"]
        is_so = is_so.fillna(False).to_numpy(bool)
        told.loc[is_so, "cause"], told.loc[is_so, "why"] = causes.LIST, words
    left = wrong["left"].notna()
    told.loc[left, "cause"] = causes.TIMING
    told.loc[left, "why"] = wrong.loc[left, "left"]
    told = told[["cause", "why"]].reindex(table.index).fillna("")
    place = [list_name(index, action) for index in INDEXES[::-1] for action in ACTIONS]
    order = table["list"].map({name: at for at, name in enumerate(place)})
    whole = table.assign(**told, order=order, is_right=~is_wrong)
    by = ["is_right", "order", "total_market_cap_usd"]
    return whole.sort_values(
        by, ascending=[True, True, False], kind="stable", ignore_index=True
    )


def by_list(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a list: how many each side has, and how far they agree.

    Columns: list, ours, official, both, only_ours, only_official, agreement_frac (of
    the names that either has), after and right (of ours, what came). Counts are
    missing where no list has been posted or what came is not known.
    """
    found = []
    for index in INDEXES[::-1]:
        for action in ACTIONS:
            own = table[table["list"] == list_name(index, action)]
            ours, theirs, came = (own[name] for name in ("ours", "official", "after"))
            is_stated, is_known = theirs.notna().any(), came.notna().any()
            counted = own[came.notna()]
            both = int((ours & theirs.fillna(False)).sum())
            either = int((ours | theirs.fillna(False)).sum())
            found.append(
                {
                    "list": list_name(index, action),
                    "ours": int(ours.sum()),
                    "official": int(theirs.sum()) if is_stated else None,
                    "both": both if is_stated else None,
                    "only_ours": int(ours.sum()) - both if is_stated else None,
                    "only_official": int(theirs.sum()) - both if is_stated else None,
                    "agreement_frac": both / either if is_stated and either else None,
                    "after": int(came.sum()) if is_known else None,
                    "right": int((counted["ours"] & counted["after"]).sum())
                    if is_known
                    else None,
                }
            )
    table = pd.DataFrame(found)
    numbers = [name for name in table if name != "list"]
    return table.astype(dict.fromkeys(numbers, float))


def counts(
    table: pd.DataFrame, newest: pd.DataFrame, decided: Projection, is_known: bool
) -> pd.DataFrame:
    """Return one row an index: how many companies it will hold, by each side.

    Columns: index, size (what it would hold with replacement), now, joins and leaves
    by our lists, gone (bound for the index and listed no more: nobody takes their
    place, Ground Rules 9.2.1), expected; official_expected, from the official lists;
    and after, what came. Companies, not share classes.
    """
    rules = decided.rules
    sizes = {BROAD: rules.broad_count, INDEXES[0]: rules.large_count}
    sizes[SMALL] = rules.broad_count - rules.large_count
    posted = set(zip(newest["index"], newest["action"], strict=True))
    found = []
    for index in INDEXES[::-1]:
        now = _in(table["now"], index)
        then = _in(table["projected"], index)
        gone = int((then & table["left"].notna()).sum())
        stated = [
            sum((index, action) in each for each in table["stated"])
            for action in ACTIONS
        ]
        is_stated = all((index, action) in posted for action in ACTIONS)
        came = _in(table["came"], index) & table["note"].isna()
        found.append(
            {
                "index": FAMILY[index].name,
                "size": sizes[index],
                "now": int(now.sum()),
                "joins": int((then & ~now).sum()),
                "leaves": int((now & ~then).sum()),
                "gone": gone,
                "expected": int(then.sum()) - gone,
                "official_expected": int(now.sum()) + stated[0] - stated[1]
                if is_stated
                else np.nan,
                "after": int(came.sum()) if is_known else np.nan,
            }
        )
    return pd.DataFrame(found)


def _company_of_key(
    ranked: Projection, decided: Projection, seen: counting.Seen
) -> dict[str, int]:
    """Return the company of each symbol, those that it has had since rank day too."""
    found: dict[str, int] = {}
    for securities in (decided.securities, ranked.securities):
        common = securities[securities["is_common"].astype(bool)]
        is_own = common["company_id"].isin(ranked.securities["company_id"])
        keyed = common[is_own & common["key"].notna()]
        found |= dict(zip(keyed["key"], keyed["company_id"].astype(int), strict=True))
    for old, new in seen.symbol_then.items():
        if old in found:
            found.setdefault(new, found[old])
    return found


def _strangers(
    keys: list[str],
    newest: pd.DataFrame,
    ranked: Projection,
    company_of: Mapping[str, int],
    decided: Projection,
) -> pd.DataFrame:
    """Return rows of companies that an official list names and ours has nowhere."""
    named = newest.drop_duplicates("key").set_index("key").loc[keys]
    listed = ranked.securities[ranked.securities["is_common"].astype(bool)]
    leads = listed.assign(leads=listed["security_id"].eq(listed["vehicle_id"]))
    leads = leads.sort_values("leads", ascending=False, kind="stable")
    leads = leads.drop_duplicates("company_id").set_index("company_id", drop=False)
    ids = pd.Series([company_of.get(key, -1) for key in keys], index=keys)
    own = leads.reindex(ids).set_axis(keys, axis=0)
    is_new = ~decided.securities["symbol_id"].isin(ranked.securities["symbol_id"])
    late = set(decided.securities.loc[is_new, "key"].dropna())
    is_listed = (ids >= 0).to_numpy()
    is_late = [key in late for key in keys]
    return own.assign(
        key=keys,
        symbol=own["symbol"].fillna(named["symbol"]),
        name=own["name"].fillna(named["name"]),
        now=own["current_index"].where(own["current_index"].isin(IN_BROAD), ""),
        projected=own["projected_index"].where(
            own["projected_index"].isin(IN_BROAD), ""
        ),
        came="",
        is_listed=is_listed,
        note=pd.Series([counting.CAME if late else None for late in is_late], keys),
    )


def _gone(later: pd.DataFrame, decided: Projection) -> list[tuple[int, str]]:
    """Return the companies that have left since rank day, and since when in words."""
    left = later[later["what"] == LEFT]
    listed = decided.securities.drop_duplicates("symbol").set_index("symbol")
    reasons = listed.reindex(left["symbol"])
    return [
        (int(company), str(reason))
        for company, reason in zip(
            reasons["company_id"], reasons["ineligible_reason"], strict=True
        )
        if pd.notna(company)
    ]


def _in(values: pd.Series, index: str) -> np.ndarray:
    return values.isin(IN_BROAD if index == BROAD else (index,)).to_numpy(bool)


def _does(table: pd.DataFrame, column: str, index: str, action: str) -> np.ndarray:
    """Tell which companies a list would have by an index now and another then."""
    now, then = _in(table["now"], index), _in(table[column], index)
    return (~now & then) if action == ADDITION else (now & ~then)


def _as_if_true(wrong: pd.DataFrame) -> list[str]:
    """Return the index that each company comes to where ours is wrong."""
    found = []
    for row in wrong.rename(columns={"index": "list_index"}).itertuples():
        is_in = (row.action == ADDITION) != bool(row.ours)
        if not is_in:
            came = "" if row.list_index == BROAD else row.came
        elif row.came in IN_BROAD:
            came = row.came
        else:
            came = SMALL if row.list_index == BROAD else row.list_index
        found.append(came)
    return found
