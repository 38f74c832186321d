"""Reads models that Keras has saved. Nothing of Keras is needed, and nothing in a file is executed."""
