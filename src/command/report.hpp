// How a command ends: what it prints of an error, and its exit code.
#pragma once

#include "phyllo/core/result.hpp"
#include "phyllo/node/outcome.hpp"

namespace phyllo::command {

using node::exit_code;

// "supernode: MESSAGE" on standard error, or {"error","message"} on standard output; returns the exit code.
exit_code report(const core::error& e, bool json);
// ok, or what report() makes of the error.
exit_code finish(const core::status& s, bool json);

}  // namespace phyllo::command
