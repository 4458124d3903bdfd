"""Names near a line: the watchlist of a day, and the filters over it."""
