// What a program sees for an error that a person reads: a token in JSON, and the exit code of a command.
#pragma once

#include <string>

#include "phyllo/core/result.hpp"

namespace phyllo::node {

// What a command's process ends with, so that scripts can tell causes apart.
enum class exit_code : int { ok = 0, not_found = 1, usage = 2, refused = 3, timed_out = 4, no_running_node = 5 };

// "not_found": the enumerator's name, for programs; "error" for categories that are none of ours.
[[nodiscard]] std::string error_token(const core::error& e);

[[nodiscard]] exit_code exit_code_of(const core::error& e);
[[nodiscard]] exit_code exit_code_of_token(const std::string& token);

}  // namespace phyllo::node
