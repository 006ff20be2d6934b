// The command line's way to the running node: one HTTP exchange with its admin listener.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {

// Where the admin listener of this configuration is reached from here.
[[nodiscard]] transport::endpoint admin_endpoint(const configuration& c);

struct admin_answer {
  int status = 0;
  nlohmann::json body;
};

// `body` null: GET, else POST. no_running_node when nothing listens there, timed_out, malformed.
core::awaitable<core::result<admin_answer>> ask_admin(core::environment& env, transport::endpoint admin, std::string target,
                                                      nlohmann::json body, core::time_point deadline);

}  // namespace phyllo::node
