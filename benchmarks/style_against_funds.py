"""Value weights of the Russell 1000 by the rules against those that funds show.

Usage: python benchmarks/style_against_funds.py STORE HOLDINGS --as-of 2023-08-11

HOLDINGS has whole holdings of a value fund and of the fund of the whole index (as_of,
fund, asset_class, ticker_key, market_value, price). What a company is of the one over
what it is of the other, moved to one day by its prices, is its value weight times a
number that is the same for all: companies of pure value stand on a plateau, whose level
is the median of the upper quarter. More than 95% in one style is all of it (8.7.1).
"""

import argparse
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon.rulebook import rulebook
from recon.store import Store
from recon.studies import style
from recon.vocabulary import membership_key

VALUE, WHOLE = ("IWD", date(2023, 10, 31)), ("IWB", date(2023, 11, 22))


def of_fund(holdings: pd.DataFrame, fund: str, as_of: date) -> pd.DataFrame:
    """Return weight and price by key of one fund on a day."""
    is_own = holdings["fund"].eq(fund) & holdings["as_of"].eq(pd.Timestamp(as_of))
    own = holdings[is_own & holdings["asset_class"].eq("Equity")]
    own = own.drop_duplicates("ticker_key").set_index("ticker_key")
    own = own[(own["market_value"] > 0) & (own["price"] > 0)]
    return own.assign(part=own["market_value"] / own["market_value"].sum())


def shown(holdings: pd.DataFrame) -> pd.Series:
    """Return the value weight that funds show, by key; 0 for companies not in value."""
    value, whole = of_fund(holdings, *VALUE), of_fund(holdings, *WHOLE)
    moved = whole["price"] / value["price"].reindex(whole.index)
    ratio = value["part"].reindex(whole.index) * moved / whole["part"]
    plateau = ratio[ratio >= ratio.quantile(0.75)].median()
    weight = (ratio / plateau).clip(upper=1.0).fillna(0.0)
    sole = rulebook(VALUE[1]).style.one_style_frac
    return weight.mask(weight > sole, 1.0).mask(weight < 1 - sole, 0.0)


def main() -> None:
    """Print shares on the right side and mean errors, by what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("holdings", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2023, 8, 11))
    given = parser.parse_args()
    official = shown(pd.read_parquet(given.holdings))
    store = Store(given.store)
    table = style.project(store, given.as_of).companies
    table = table[table["base_index"] == "R1000"]
    table = table.assign(key=membership_key(table["symbol"]))
    table = table.assign(official=table["key"].map(official))
    both = table.dropna(subset=["official", "value_weight_frac"])
    print(f"{len(both):,} of {len(official):,} companies, as of {given.as_of}")
    missing = both["missing"].replace("", "nothing")
    for name, rows in [("all", both), *both.groupby(missing)]:
        error = (rows["value_weight_frac"] - rows["official"]).abs()
        sides = np.sign(rows[["value_weight_frac", "official"]] - 0.5)
        is_right = sides.iloc[:, 0] == sides.iloc[:, 1]
        weights = rows["float_market_cap_usd"]
        print(
            f"missing {name}: {len(rows):,} companies, {is_right.mean():.1%} on the "
            f"right side ({np.average(is_right, weights=weights):.1%} of cap), mean "
            f"error of the value weight {error.mean() * 100:.1f} points"
        )
    pure = both[both["official"].isin([0.0, 1.0])]
    same = pure["official"] == pure["value_weight_frac"].round(2)
    print(f"{len(pure):,} in one style alone, {same.mean():.1%} of them here too")


if __name__ == "__main__":
    main()
