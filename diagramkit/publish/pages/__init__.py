"""Whole pages of Markdown for wikis: a tree of what a page contains, and the wikis' markup written from it."""
