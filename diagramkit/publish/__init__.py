"""Where pictures go: slides."""
