"""Helpers of the tests, also used by the programs in `checks/` and `benchmarks/`. They import no test module."""
