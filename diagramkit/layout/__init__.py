"""From a graph with icons to a `Drawing`: measure, place, route, paint, check."""
