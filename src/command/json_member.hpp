// Members of JSON that another process made: nothing here throws, whatever it holds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace phyllo::command {

// A member of an object; `otherwise` where there is none, or none of that type.
[[nodiscard]] inline std::string text_at(const nlohmann::json& j, const char* key, std::string otherwise = {}) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  return found != j.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

[[nodiscard]] inline nlohmann::json list_at(const nlohmann::json& j, const char* key) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  return found != j.end() && found->is_array() ? *found : nlohmann::json::array();
}

}  // namespace phyllo::command
