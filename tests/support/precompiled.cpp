// Carries the headers that are precompiled for all unit tests.
