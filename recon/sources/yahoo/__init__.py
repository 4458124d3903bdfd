"""Yahoo Finance through yfinance: the market of today, and estimates of the past.

`client` is the door to yfinance, `slices` and `market` fetch the whole market,
`quotes`, `symbols`, `history` and `states` are pure.
"""
