"""Reading and writing Mermaid: flowcharts and architecture diagrams.

Reading: `read.parse` removes what Mermaid ignores (`preamble`) and passes the text to `flowchart` or `architecture`.
The flowchart parser takes tokens from `tokens` through a `cursor`, collects statements in `builder`, and explains
syntax errors with `mistakes`. Writing: `write` and `write_architecture`.
"""
