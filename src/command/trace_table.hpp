// The way to a key as a table for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace phyllo::command {

// Each of these takes the node's answer as it comes, whatever it holds.

// The way ends before the root.
[[nodiscard]] bool ends_early(const nlohmann::json& trace);
// What ended it, or the whole request, for programs; empty: nothing has said what.
[[nodiscard]] std::string error_token_of(const nlohmann::json& answer);
// A line a node, this one first.
[[nodiscard]] std::string table_of(const nlohmann::json& trace);
// Why the way ends before the root, and what to do; empty: it does not.
[[nodiscard]] std::string complaint_of(const nlohmann::json& trace);

}  // namespace phyllo::command
