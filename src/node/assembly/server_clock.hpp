// What time it is by the servers that give a node documents and lists: each of their answers says it, authenticated by TLS. Nodes compare
// their clocks once they are in the overlay; before that a person is to know that this node's is wrong.
#pragma once

#include <optional>
#include <string>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/told_time.hpp"
#include "phyllo/enrollment/login_client.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

// Pure, for people. `own`: this node's wall clock less its steady clock. Empty: the two agree as well as the overlay asks for.
[[nodiscard]] std::string text_of_wrong_clock(const core::told_time& told, core::duration own);

class server_clock {
 public:
  // `env` outlives it.
  server_clock(core::environment& env, core::logger log) : env_(env), log_(std::move(log)) {}

  // Is told the time of an answer. This outlives it.
  [[nodiscard]] enrollment::time_listener listener();
  // From now on `p`, which lives as long as anybody listens, is told it too, and says itself what is wrong.
  void tell(overlay::peer& p);
  // Empty: nothing is wrong with this node's clock, as far as a server has said.
  [[nodiscard]] std::string wrong() const;

 private:
  void hear(core::told_time t);

  core::environment& env_;
  core::logger log_;
  std::optional<core::told_time> told_;  // last
  overlay::peer* peer_ = nullptr;
};

}  // namespace phyllo::node
