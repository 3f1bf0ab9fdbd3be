"""Logging in: who somebody means, codes and passwords, and the links that the office sends."""
