"""Layout hints: what an author says about the arrangement of a diagram, in a spec (`layout:`) or in Mermaid comments.

`hint_kinds` is the table of hints. `layout_key` reads them from a spec, `comments` from Mermaid, and `hint_checks`
reports ids that do not exist and hints that contradict each other.
"""
