// The way to a key as a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace phyllo::command {

// A line a node, this one first.
[[nodiscard]] std::string table_of(const nlohmann::json& trace);
// Why the way ends before the root, and what to do; empty: it does not.
[[nodiscard]] std::string complaint_of(const nlohmann::json& trace);

}  // namespace phyllo::command
