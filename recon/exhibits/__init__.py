"""Charts and tables as a reader sees them, each declared once."""
