"""Decks of slides: which slides a pattern needs, and what each of them shows."""
