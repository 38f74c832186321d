"""Reads what PyTorch has saved, and writes models for it. Files are read without PyTorch, and nothing in them is run.

`from_torch` is for models that a Python program has: PyTorch exports them, and the export is read like a file.
"""
