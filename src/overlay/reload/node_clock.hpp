// The clock of this node, put right by what others say, and what is said of it to whoever runs the node (specification of the Pastry
// plug-in, clocks). The shell around clock_watch.
#pragma once

#include <cstdint>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "reload/clock_watch.hpp"

namespace phyllo::overlay {

class node_clock {
 public:
  node_clock(core::environment& env, core::logger log);  // `env` outlives it

  [[nodiscard]] core::wall_time wall_now() const;
  [[nodiscard]] bool agreed() const { return watch().agreed(env_.now()); }     // others have the same time as wall_now()
  [[nodiscard]] std::string text() const { return watch().text(env_.now()); }  // for people; empty: nothing is wrong with it

  // A server that TLS has authenticated has said its time.
  void hear(core::told_time t);
  // `n`, a peer, has said on its own link what its clock shows, Unix milliseconds, or 0. True: it is off; `known`: it was before.
  [[nodiscard]] bool told(const node_id& n, std::uint64_t unix_ms, bool known);

  void unjudged(const node_id& n) { watch_.unjudged(n, env_.now()); }
  void judged(const node_id& n) { watch_.judged(n); }
  [[nodiscard]] bool troubled() const noexcept { return watch_.troubled(); }
  [[nodiscard]] bool blind(std::size_t linked) { return watch().blind(linked, env_.now()); }

 private:
  clock_watch& watch() const;  // told what this node's clock shows now
  void say();

  core::environment& env_;
  core::logger log_;
  mutable clock_watch watch_;
  bool wrong_ = false;  // as it was last logged
  bool server_off_ = false;
};

}  // namespace phyllo::overlay
