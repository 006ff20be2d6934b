// What the proxy learns of ways to phones from what it sends and hears (way_memory.hpp, neighbour_loads.hpp): the shell of these two
// machines, which asks nodes that are silent.
#pragma once

#include <cstdint>
#include <vector>

#include "neighbour_loads.hpp"
#include "own_names.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "proxy_context.hpp"
#include "way_memory.hpp"

namespace phyllo::sip {

class way_knowledge {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    transaction_layer& transactions;
    core::metrics& metrics;
  };
  // What `p` names must outlive it. `key` is random and secret.
  way_knowledge(parts p, const core::hash_key& key, core::logger log) : parts_(p), log_(std::move(log)), memory_(key), loads_(key) {}

  [[nodiscard]] const way_memory& memory() const noexcept { return memory_; }

  // True: on_time is due sooner than it was.
  bool sent(const fork_way& w, client_id id);
  void heard(const source& from) {
    if (from.peer) memory_.heard(from.peer->node());
  }
  void heard_response(const source& from, const message& response);
  // The node that this way leads over has said that it is overloaded, and this request is of the share that it does not want.
  [[nodiscard]] bool holds_back(proxy_context& c, const fork_way& w);
  void answered(const proxy_context& c, std::size_t branch, int status);

  // Asks silent nodes; the client transactions that wait for dead ones.
  [[nodiscard]] std::vector<std::uint64_t> on_time();
  [[nodiscard]] core::time_point next_time() const noexcept { return memory_.next_time(); }

 private:
  void ask(const node_way& n);

  parts parts_;
  core::logger log_;
  way_memory memory_;
  neighbour_loads loads_;
};

}  // namespace phyllo::sip
