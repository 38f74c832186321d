"""`python -m strata_convert` is `strata-convert`."""
import sys

from strata_convert.cli import main

sys.exit(main())
