"""Where pictures go: slides, Markdown."""
