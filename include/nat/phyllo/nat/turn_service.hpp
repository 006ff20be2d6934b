// The TURN server at a host's doors: over UDP, TCP and TLS, with a UDP port of its own for each relayed address.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/nat/turn_credentials.hpp"
#include "phyllo/nat/turn_settings.hpp"
#include "phyllo/transport/doors.hpp"

namespace phyllo::nat {

struct turn_status {
  std::size_t allocations = 0;
  std::size_t relay_ports = 0;
};

// It takes datagram_kind::turn and stream_kind::stun of the host, and gives them back in stop(). Bindings over streams are answered, too.
class turn_service {
 public:
  virtual ~turn_service() = default;
  // What is not given by value must outlive it. Where settings name no relay addresses they are the host's own.
  [[nodiscard]] static std::unique_ptr<turn_service> create(core::environment& env, transport::doors& host, turn_settings settings,
                                                            const turn_credentials& credentials, core::metrics& m);

  [[nodiscard]] virtual turn_status status() const = 0;
  // All allocations end. Before the host's stop().
  virtual core::awaitable<void> stop() = 0;
};

}  // namespace phyllo::nat
