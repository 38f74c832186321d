#pragma once

#include "strata/config.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/save_options.hpp"
#include "strata/core/text.hpp"
#include "strata/io/json.hpp"
#include "strata/io/safetensors.hpp"
#include "strata/io/safetensors_writer.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The texts in a model's file: who wrote it, the network, the names of the classes.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The version of the names and their meaning in model files. Files of older versions are read for ever, and so are
/// those of other tools, which have no version.
inline constexpr std::string_view model_file_version = "1";

/// The metadata of a model's file. Throws value_error for a text of the user's under a name that is taken.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::map<std::string, std::string> model_metadata(std::string network,
                                                                                          const save_options& options) {
    std::map<std::string, std::string> texts{{"strata", STRATA_VERSION},
                                             {"strata_model", std::string(model_file_version)}};
    texts["network"] = std::move(network);
    if (!options.class_names.empty()) {
        std::string& list = texts["class_names"];
        for (const std::string& name : options.class_names) list += (list.empty() ? "[" : ", ") + header_text(name);
        list += "]";
    }
    for (const auto& [name, text] : options.metadata) {
        if (!texts.emplace(name, text).second)
            raise<value_error>({"save: the metadata ", in_quotes(name), " is written by strata itself"});
    }
    return texts;
}

/// Throws file_error for a file whose format is newer than this library.
STRATA_OUT_OF_LINE inline void require_known_version(const safetensors_file& file) {
    const auto version = file.metadata().find("strata_model");
    if (version == file.metadata().end() || version->second == model_file_version) return;
    raise<file_error>({file.file_name(), ": a model of the format ", in_quotes(version->second),
                       ", this version of strata reads ", model_file_version,
                       " (use the version that wrote it, or a newer one; the model is as it was)"});
}

}  // namespace detail

/// The names of the classes that a model's file was saved with; none where it was saved without. Throws file_error.
STRATA_OUT_OF_LINE inline std::vector<std::string> load_class_names(const std::filesystem::path& path) {
    const safetensors_file file = safetensors_file::read(path);
    const auto stored = file.metadata().find("class_names");
    if (stored == file.metadata().end()) return {};
    std::vector<std::string> names;
    const std::string name = concat({file.file_name(), ": class_names"});
    detail::json_reader json(stored->second, name, " (a list of texts expected)");
    for (bool more = json.first('[', ']'); more; more = json.next(']')) names.push_back(json.string());
    json.expect_end();
    return names;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::load_class_names;
}  // namespace strata
