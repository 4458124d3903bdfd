"""The methodology's table of contents: one rule a module, tables in, tables out."""
