"""Fixtures for every test."""

pytest_plugins = ["tests.lab.fixtures"]
