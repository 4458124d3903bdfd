"""Loads run as processes of their own: started, watched, stopped, described."""
