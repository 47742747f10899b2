"""Tools for AI agents: the functions that a model calls (`tools`), and their servers (`protocol`, `http`).

The server speaks the Model Context Protocol. A model writes Mermaid, and gets back a picture, the reason for each icon,
what is hard to read, and the fixes of its mistakes.
"""
