"""Harnesses that throw hostile input at diagramkit."""
