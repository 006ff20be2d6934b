// JSON that another process made, and JSON for another process: nothing here throws, whatever it holds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace phyllo::node {

// One line. Bytes that are no UTF-8, which JSON can not hold, are replaced by U+FFFD.
[[nodiscard]] inline std::string printed(const nlohmann::json& j) {
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A member of an object; `otherwise` where there is none, or none of that type.
[[nodiscard]] inline std::string text_at(const nlohmann::json& j, const char* key, std::string otherwise = {}) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  return found != j.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

[[nodiscard]] inline nlohmann::json list_at(const nlohmann::json& j, const char* key) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  return found != j.end() && found->is_array() ? *found : nlohmann::json::array();
}

}  // namespace phyllo::node
