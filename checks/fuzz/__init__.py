"""Fuzzers and generators of hostile input for diagramkit."""
