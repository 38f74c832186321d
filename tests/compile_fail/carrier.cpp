// Nothing is compiled from here: the target of this file carries the include directories of strata::strata.
