// A file of the operator's, or of the system, as one string. Nothing that goes wrong with it throws: std::ifstream does, where a directory
// stands in the file's place.
#pragma once

#include <optional>
#include <string>

#include "phyllo/core/result.hpp"

namespace phyllo::core {

// Nothing: there is no such file. errc::io, with the path and the system's words: it is larger than `bytes_max`, or can not be read.
[[nodiscard]] result<std::optional<std::string>> read_file(const std::string& path, std::size_t bytes_max);

}  // namespace phyllo::core
