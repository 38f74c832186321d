"""Turns trained models of other libraries into strata's: a header with the network's type, a file with its weights."""

__version__ = "0.1.0"  # that of strata, see include/strata/config.hpp
