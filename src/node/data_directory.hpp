// Files of the data directory: secrets are 0600 from their first byte, and replaced whole or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::node {

// Makes it (0700, with its parents) unless it is there. errc::io.
[[nodiscard]] core::status make_private_directory(const std::string& path);

// Nothing: no such file. errc::io for any other failure, and for files over 1 MiB: none of ours is.
[[nodiscard]] core::result<std::optional<std::string>> read_file(const std::string& path);

// Written beside and renamed over, mode 0600. errc::io.
[[nodiscard]] core::status write_private_file(const std::string& path, std::string_view content);

}  // namespace phyllo::node
