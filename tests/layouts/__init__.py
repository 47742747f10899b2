"""Tests of layouts: they read the `Drawing` and the SVG alone, so that they hold for any engine."""
