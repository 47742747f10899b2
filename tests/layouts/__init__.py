"""Tests of layouts. They only read the `Drawing` and the SVG, so that they work for any layout engine."""
