// JSON for another process: nothing here throws, whatever it holds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace phyllo::node {

// One line. Bytes that are no UTF-8, which JSON can not hold, are replaced by U+FFFD.
[[nodiscard]] inline std::string printed(const nlohmann::json& j) {
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace phyllo::node
