// A plain TCP listener of its own, outside the demultiplexer: for the admin interface.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

// Used on env's executor, which outlives it.
class tcp_listener {
 public:
  // address_in_use, not_permitted, refused (an address that is not this host's); port 0 picks one.
  [[nodiscard]] static core::result<std::unique_ptr<tcp_listener>> open(core::environment& env, endpoint at);
  virtual ~tcp_listener() = default;

  // The next connection; closed after close(). One accept at a time; terminal cancellation throws.
  virtual core::awaitable<core::result<std::unique_ptr<stream>>> accept() = 0;
  virtual void close() = 0;
  [[nodiscard]] virtual endpoint local() const = 0;
};

}  // namespace phyllo::transport
