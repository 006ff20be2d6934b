// `supernode overlay trace`: the nodes that a request for a name or key crosses, one a line.
#pragma once

#include "phyllo/command/command.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::command {

[[nodiscard]] exit_code trace_command(const overlay_request& r, std::string socket);

}  // namespace phyllo::command
