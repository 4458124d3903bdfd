"""What readers ask of a projection and of the facts, one question a module."""
