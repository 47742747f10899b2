"""Programs that check the project or help to work on it: `python -m checks.NAME`.

They may import helpers from `tests.support`, but no test module. Tests import some of them for short runs.
"""
