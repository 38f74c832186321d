#include "strata/io/model_metadata.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <map>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

std::filesystem::path write(const test::temporary_folder& folder, const std::map<std::string, std::string>& metadata) {
    const auto path = folder.path() / "model.safetensors";
    write_safetensors(path, {}, metadata);
    return path;
}

}  // namespace

TEST_CASE("a model's file says which library wrote it, of which network") {
    CHECK(detail::model_metadata("Sequential<Input<4>, Dense<2>>", {.metadata = {{"run", "7"}}}) ==
          std::map<std::string, std::string>{{"strata", STRATA_VERSION},
                                             {"strata_model", "1"},
                                             {"network", "Sequential<Input<4>, Dense<2>>"},
                                             {"run", "7"}});
    CHECK_THROWS_WITH(detail::model_metadata("", {.metadata = {{"network", "x"}}}),
                      "save: the metadata \"network\" is written by strata itself");
}

TEST_CASE("the names of the classes come back as they were saved") {
    const test::temporary_folder folder;
    const std::vector<std::string> names{"cat", "a \"dog\", perhaps", "", "fünf\n"};
    CHECK(load_class_names(write(folder, detail::model_metadata("", {.class_names = names}))) == names);
    CHECK(load_class_names(write(folder, {})).empty());
    CHECK_THROWS_WITH(load_class_names(write(folder, {{"class_names", "[\"cat\""}})),
                      contains("model.safetensors: class_names: not JSON at byte 6"));
    CHECK_THROWS_WITH(load_class_names(write(folder, {{"class_names", "[] []"}})), contains("behind the end"));
    CHECK_THROWS_AS(detail::model_metadata("", {.class_names = {"\xff"}}), value_error);
}

TEST_CASE("a model of a newer format is refused, files of other tools are not") {
    const test::temporary_folder folder;
    const auto require = [&](const std::map<std::string, std::string>& metadata) {
        detail::require_known_version(safetensors_file::read(write(folder, metadata)));
    };
    CHECK_NOTHROW(require({}));
    CHECK_NOTHROW(require({{"strata_model", "1"}}));
    CHECK_THROWS_WITH(require({{"strata_model", "2"}}),
                      contains("a model of the format \"2\", this version of strata"));
}
