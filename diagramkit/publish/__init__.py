"""Put pictures where they are used: Markdown files, galleries, slides and wikis."""
