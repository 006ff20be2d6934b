// Health as users would see it: every 10 s a put and a get, through another node where there is one.
#pragma once

#include <cstdint>
#include <string>

#include "admin.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::node {

class health_probe {
 public:
  // `user` is the node's account: its records are ours to write. References outlive the probe.
  health_probe(core::environment& env, overlay::overlay& overlay, std::string user, identity::node_id self, core::logger log);

  core::awaitable<void> run();  // ends by cancellation

  // Good: the last probe succeeded, not long ago.
  [[nodiscard]] health report() const;

 private:
  core::awaitable<void> probe();
  core::awaitable<core::result<overlay::outcome>> put_and_get(std::string value);

  core::environment& env_;
  overlay::overlay& overlay_;
  std::string user_;
  identity::node_id self_;
  core::logger log_;
  unsigned place_ = 0;  // part of the record's type: changed until another node is the root
  unsigned turn_ = 0;
  core::time_point last_{};
  bool probed_ = false;
  bool good_ = false;
  std::string reason_ = "not probed yet";
  std::string through_;
  core::duration took_{};
};

}  // namespace phyllo::node
