// Members of JSON that another process made: nothing here throws, whatever it holds.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
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

// Nothing where there is none, or it is no object.
[[nodiscard]] inline std::optional<nlohmann::json> object_at(const nlohmann::json& j, const char* key) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  return found != j.end() && found->is_object() ? std::optional(*found) : std::nullopt;
}

// A whole number that is not negative; nothing where there is none.
[[nodiscard]] inline std::optional<std::uint64_t> number_at(const nlohmann::json& j, const char* key) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  if (found == j.end() || !found->is_number_integer()) return std::nullopt;
  if (!found->is_number_unsigned() && found->get<std::int64_t>() < 0) return std::nullopt;
  return found->get<std::uint64_t>();
}

// Any number; 0 where there is none.
[[nodiscard]] inline double real_at(const nlohmann::json& j, const char* key) {
  const auto found = j.is_object() ? j.find(key) : j.end();
  return found != j.end() && found->is_number() ? found->get<double>() : 0.0;
}

}  // namespace phyllo::command
