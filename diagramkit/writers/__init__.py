"""Turn a drawing, or a pattern, into one output format each: SVG, PNG, PDF, PowerPoint, draw.io, DOT, JSON ..."""
