"""Mermaid flowcharts, read and written."""
