// Any bytes through the safetensors reader: a file_error, or tensors that can be converted and written, and that read
// back the same.
#include "strata/io/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace {

void convert_all(const strata::authoring::safetensors_file& file) {
    for (const std::string& name : file.names()) {
        try {
            (void)file.values<float>(name);
            (void)file.values<double>(name);
            (void)file.values<std::int16_t>(name);
        } catch (const strata::file_error&) {
            continue;  // a value that does not fit
        }
    }
}

void require_same_after_writing(const strata::authoring::safetensors_file& file) {
    std::vector<strata::authoring::tensor_view> tensors;
    for (const std::string& name : file.names()) tensors.push_back(file.at(name));
    std::string written = strata::authoring::detail::safetensors_preamble(tensors, file.metadata());
    for (const strata::authoring::tensor_view& tensor : tensors) {
        written.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
    }
    const auto again = strata::authoring::safetensors_file::read(std::as_bytes(std::span(written)), "written");
    if (again.names() != file.names() || again.metadata() != file.metadata()) std::abort();
    for (const strata::authoring::tensor_view& tensor : tensors) {
        const strata::authoring::tensor_view other = again.at(tensor.name);
        const bool same_bytes =
            tensor.bytes.size() == other.bytes.size() &&
            (tensor.bytes.empty() || std::memcmp(tensor.bytes.data(), other.bytes.data(), other.bytes.size()) == 0);
        if (other.type != tensor.type || other.extents != tensor.extents || !same_bytes) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    try {
        const auto file = strata::authoring::safetensors_file::read(bytes, "fuzz");
        convert_all(file);
        require_same_after_writing(file);
        (void)strata::authoring::safetensors_file::read(bytes, "fuzz", {.reject_nonfinite = true});
    } catch (const strata::file_error&) {
        return 0;  // the answer to a malformed file; any other exception is a finding
    }
    return 0;
}
