// Plain listeners of their own, outside the demultiplexer: for the admin interface.
#pragma once

#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/errc.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::transport {

// Used on env's executor, which outlives it.
class stream_listener {
 public:
  virtual ~stream_listener() = default;  // closes

  // The next connection; closed after close(). One accept at a time; terminal cancellation throws.
  virtual core::awaitable<core::result<std::unique_ptr<stream>>> accept() = 0;
  virtual void close() = 0;
  [[nodiscard]] virtual endpoint local() const = 0;  // of a Unix socket: unspecified
};

// address_in_use, not_permitted, refused (an address that is not this host's); port 0 picks one.
[[nodiscard]] core::result<std::unique_ptr<stream_listener>> listen_tcp(core::environment& env, endpoint at);

}  // namespace phyllo::transport
