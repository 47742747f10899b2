"""Tests of infrastructure code as a source."""
