"""ONNX in: a graph of strata's layers becomes a type and its weights."""
