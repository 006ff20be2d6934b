// From any tier's error to what a command prints and returns.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "phyllo/core/result.hpp"
#include "phyllo/node/errc.hpp"

namespace phyllo::node {

// "not_found": the enumerator's name, for programs; "error" for categories that are none of ours.
[[nodiscard]] std::string error_token(const core::error& e);

[[nodiscard]] exit_code exit_code_of(const core::error& e);
[[nodiscard]] exit_code exit_code_of_token(const std::string& token);

// "supernode: MESSAGE" on standard error, or {"error","message"} on standard output; returns the exit code.
exit_code report(const core::error& e, bool json);
// ok, or what report() makes of the error.
exit_code finish(const core::status& s, bool json);

}  // namespace phyllo::node
