// The admin interface: GET /metrics, /healthz, /status for anyone who reaches it, POST /overlay/{get,add,update,remove,
// watch,trace} for the command line, from loopback only. Watch is a long poll: {"name", "seen": state of the answer before,
// "timeout_s"}. Trace takes a key (32 hex digits) for a name, too.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

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
  // Reads certificates, anchors, revoked nodes and limits again; says what changed.
  std::function<core::result<nlohmann::json>()> reload;
  std::function<std::string()> metrics;
};

// One request; pure but for the overlay. `sources` lives until it returns.
core::awaitable<transport::http_response> answer_admin(const admin_sources& sources, transport::http_request r);

// Used on env's executor; references outlive it.
class admin_listener {
 public:
  // Serves from now on.
  [[nodiscard]] static std::unique_ptr<admin_listener> create(core::environment& env, std::unique_ptr<transport::tcp_listener> sockets,
                                                              admin_sources sources, core::metrics& m, core::logger log);
  virtual ~admin_listener() = default;
  [[nodiscard]] virtual transport::endpoint local() const = 0;
  virtual core::awaitable<void> stop() = 0;  // before destruction
};

}  // namespace phyllo::node
