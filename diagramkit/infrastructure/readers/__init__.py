"""Readers of infrastructure: each turns the templates of a tool into the same records."""
