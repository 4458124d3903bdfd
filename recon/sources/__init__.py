"""One file per provider: pure parsers, no store; `client` alone uses the network."""
