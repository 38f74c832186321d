// Two translation units of one program, compiled for other instruction sets, agree with each other and with the truth.
#include "unit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace {

int failures = 0;

void check(bool holds, const char* unit, const char* what) {
    if (!holds) std::printf("%s: %s\n", unit, what);
    failures += holds ? 0 : 1;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) return HUGE_VAL;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

void check_unit(const char* unit, const findings& found, std::size_t lanes) {
    check(found.lanes_of_float == lanes, unit, "another number of lanes");
    check(distance(found.line, {2, 1}) < 1e-2, unit, "the line is not y = 2 x + 1");
    check(found.predictions.size() == 120, unit, "another number of predictions");
    for (std::size_t n = 0; n + 3 <= found.predictions.size(); n += 3) {
        const double sum = found.predictions[n] + found.predictions[n + 1] + found.predictions[n + 2];
        if (!(std::abs(sum - 1) < 1e-5)) return check(false, unit, "probabilities do not add up to one");
    }
    check(found.loaded == found.predictions, unit, "the model that was loaded predicts something else");
    check(found.labels == std::vector<int>{7, 0, 9}, unit, "the labels that were read are not those of the file");
}

}  // namespace

int main(int, char** argv) {
    const findings avx2 = avx2_unit(argv[1]), sse2 = sse2_unit(argv[1]);
    check_unit("AVX2", avx2, 8);
    check_unit("SSE2", sse2, 4);
    check(distance(avx2.line, sse2.line) < 1e-6, "both", "the lines differ");
    check(distance(avx2.predictions, sse2.predictions) < 1e-4, "both", "the predictions differ");
    return failures == 0 ? 0 : 1;
}
