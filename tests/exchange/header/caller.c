/* Calls the model from C. */
#include "lenet5.h"

#include <stdio.h>
#include <string.h>

int main(void) {
    static float images[2 * LENET5_INPUT_SIZE];
    float outputs[2 * LENET5_OUTPUT_SIZE], sum = 0;
    int error = lenet5_predict(images, 2, outputs);
    size_t i;
    for (i = 0; i < LENET5_OUTPUT_SIZE; ++i) sum += outputs[i];
    if (error == 0 && sum > 0.999f && sum < 1.001f && lenet5_self_test() <= 1e-6f &&
        memcmp(outputs, outputs + LENET5_OUTPUT_SIZE, sizeof outputs / 2) == 0 && lenet5_predict(NULL, 1, outputs) == 1)
        return 0;
    printf("from C: %s, a sum of %g\n", lenet5_error(error), (double)sum);
    return 1;
}
