"""One file per provider: pure parsers, no store; the network by `client` alone.

`SOURCES` names what can be ingested, for the command line and the data page.
"""

SOURCES: dict[str, str] = {
    "listings": "table of all listings by day (CSV or Parquet)",
    "yahoo": "today's whole market from Yahoo Finance, by yfinance",
    "estimate": "past days from Yahoo's closes and share counts, est.",
    "archive": "Nasdaq screener archive: dated folders or a git clone",
    "vendor": "any CSV, Parquet or XLSX with date, symbol, price and market cap",
    "memberships": "iShares holdings (CSV, JSON), or a table of dated holdings",
    "holdings": "what iShares' Russell funds hold, asked for at their pages",
    "fundamentals": "book value, growth and analysts by company, as known on a day",
}
