"""Packs of icons: brought in, cleaned, kept, and found again."""
