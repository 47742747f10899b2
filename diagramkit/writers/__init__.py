"""A `Drawing` as SVG and PNG; a pattern as text and JSON."""
