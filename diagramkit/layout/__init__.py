"""From a graph with icons to a `Drawing`: measure, position nodes, route edges, draw and check."""
