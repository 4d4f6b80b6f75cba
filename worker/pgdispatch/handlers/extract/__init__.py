"""Extracts: files in a folder, created whole and brought up to date."""
