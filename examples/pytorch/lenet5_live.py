from lenet5 import model

import strata_convert

strata_convert.write(strata_convert.from_torch(model, (1, 28, 28)), "lenet5")
