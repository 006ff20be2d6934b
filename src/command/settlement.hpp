// What a change of the accounts comes to in the overlay: the running login server signs the next revocation list, and its neighbours take
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "admin_client.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::command {

struct settlement {
  bool in_force = false;  // in the overlay
  std::string text;       // for people: how it is, or why it is not
  // timed_out and what else keeps a running login server from it. Nothing where it does not run: then it does it at its next start.
  std::optional<core::error> why;
};

// What the node's answer says of it, whatever it holds; or why there is none.
[[nodiscard]] settlement read_settlement(const core::result<admin_answer>& answer);

// Waits for it at the running node of this configuration, at most `patience`. Blocking.
[[nodiscard]] settlement settle_accounts(const node::configuration& c, std::int64_t change, std::chrono::seconds patience);

}  // namespace phyllo::command
