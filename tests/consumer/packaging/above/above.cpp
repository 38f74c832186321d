// Nothing of it is compiled here.
