// The file of [debug] keylog.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"

namespace phyllo::node {

// Adds lines to `path`, which only its owner reads. errc::io.
[[nodiscard]] core::result<std::function<void(std::string_view)>> open_key_log(const std::string& path);

}  // namespace phyllo::node
