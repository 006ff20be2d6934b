// Health as users would see it: every 10 s a put and a get, through another node where there is one. What stands there before tells whether
// another process lives with this node's key.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "admin/admin.hpp"
#include "assembly/twin_watch.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::node {

class health_probe {
 public:
  // `user` is the node's account: its records are ours to write. `twin` hears, once, why this process is to end: it is the younger of two.
  // References outlive the probe.
  health_probe(core::environment& env, overlay::overlay& overlay, std::string user, identity::node_id self, std::uint32_t incarnation,
               std::function<void(const core::error& why)> twin, core::logger log);

  core::awaitable<void> run();  // ends by cancellation

  // Good: the last probe succeeded, not long ago.
  [[nodiscard]] health report() const;

 private:
  core::awaitable<void> probe();
  core::awaitable<core::result<overlay::outcome>> put_and_get(std::string value);
  core::awaitable<void> look_for_twin();
  [[nodiscard]] overlay::name place() const;

  core::environment& env_;
  overlay::overlay& overlay_;
  std::string user_;
  identity::node_id self_;
  std::function<void(const core::error& why)> on_twin_;
  core::logger log_;
  twin_watch twins_;
  // Part of the record's type. Probes begin at four places in turn, for with twins some roots answer one, some the other; from each a probe
  // goes on until another node is the root: with two nodes half of all places are ours, 2^-16 remain.
  static constexpr unsigned beginnings = 4;
  static constexpr unsigned places = 64;
  unsigned round_ = 0;
  unsigned place_ = 0;
  core::time_point last_{};
  bool probed_ = false;
  bool good_ = false;
  std::array<bool, places> marked_{};  // where a mark of ours stood once
  std::string reason_ = "not probed yet";
  std::string through_;
  core::duration took_{};
};

}  // namespace phyllo::node
