#include <strata/strata.hpp>

std::size_t parameters_in_the_other_file() {
    return strata::Sequential<strata::Input<4>, strata::Dense<3>>::parameter_count;
}
