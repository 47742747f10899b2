"""Pictures that other programs can edit (draw.io, PowerPoint), read as shapes, and the records that they contain.

The files may come from anywhere: `untrusted` limits their size and rejects XML entities.
"""
