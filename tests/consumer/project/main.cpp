#include <cstdio>
#include <strata/strata.hpp>

std::size_t parameters_in_the_other_file();

int main() {
    using Model = strata::Sequential<strata::Input<4>, strata::Dense<3>>;
    std::printf("%zu parameters\n", Model::parameter_count);
    return Model::parameter_count == 15 && parameters_in_the_other_file() == 15 ? 0 : 1;
}
