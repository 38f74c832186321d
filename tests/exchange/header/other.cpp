/// The second file of the program that has these models.
#include "tiny.hpp"
#include "words.hpp"

const float* weights_of_tiny();
const float* weights_of_words();

const float* weights_of_tiny() { return tiny::data::weights(); }
const float* weights_of_words() { return words::data::weights(); }
