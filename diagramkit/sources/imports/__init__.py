"""Import infrastructure templates as specs, and merge later imports with what was edited since.

`last_import` keeps the spec as it was last generated, `spec_content` reads specs as plain data, `three_way` merges
them, and `rewriting` writes the result into the text of the edited spec. `import_key` is the key that remembers how a
spec was imported.
"""
