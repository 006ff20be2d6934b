// The admin interface: pages GET /metrics, /healthz, /status, and commands POST /reload, /accounts/settle,
// /overlay/{get,add,update,remove,watch,trace,form}. It has two doors, each with a gate (admin_gate.hpp): a Unix socket in the data
// directory, and a TCP listener. Watch is a long poll: {"name", "seen": state of the answer before, "timeout_s"}. Trace takes a key (32 hex
// digits) for a name, too.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "admin/admin_gate.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/overlay/peer.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/listener.hpp"

namespace phyllo::node {

struct health {
  bool good = false;
  nlohmann::json report;  // always with "reason"
};

// Asked on the executor of the node.
struct admin_sources {
  std::function<nlohmann::json()> status;
  std::function<health()> healthz;
  // The overlay of that id, empty the only one: not_joined, unknown_overlay.
  std::function<core::result<overlay::overlay*>(const std::string& overlay_id)> overlay;
  // The way to the root of a key: the same errors, and what a peer's trace returns.
  std::function<core::awaitable<core::result<overlay::trace_outcome>>(std::string overlay_id, overlay::resource_id key, core::duration)>
      trace;
  // Has a node that joins in vain form the ring: refused, unknown_overlay.
  std::function<core::status(const std::string& overlay_id)> form;
  // Waits until the overlay's nodes know what the login server's accounts said at that change: overlay_node::settle.
  std::function<core::awaitable<core::result<overlay::revocation_reach>>(std::string overlay_id, std::int64_t change,
                                                                         core::duration timeout)>
      settle;
  // Reads certificates, anchors, revoked nodes and limits again; says what changed.
  std::function<core::result<nlohmann::json>()> reload;
  std::function<std::string()> metrics;
};

// One request that a gate has let in; pure but for the overlay. `sources` lives until it returns.
core::awaitable<transport::http_response> answer_admin(const admin_sources& sources, transport::http_request r);

// What the gate's refusal looks like.
[[nodiscard]] transport::http_response refuse_admin(const admin_gate::refusal& why);

struct admin_door {
  std::unique_ptr<transport::stream_listener> sockets;
  admin_gate gate;
};

// Used on env's executor; references outlive it.
class admin_listener {
 public:
  // Serves from now on. Each door has connections of its own, so that a crowd at one leaves the other open.
  [[nodiscard]] static std::unique_ptr<admin_listener> create(core::environment& env, std::vector<admin_door> doors, admin_sources sources,
                                                              core::metrics& m, core::logger log);
  virtual ~admin_listener() = default;
  virtual core::awaitable<void> stop() = 0;  // before destruction
};

}  // namespace phyllo::node
