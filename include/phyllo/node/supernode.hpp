// One supernode in one process: a node of each overlay of its configuration, and the admin interface to all.
#pragma once

#include <memory>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {

class supernode {
 public:
  // Opens every port (transport's errors), the data directory, and the login server if it is one (errc::io, errc::configuration,
  // enrollment's errors); enrolling and joining go on by themselves from then on. `env` outlives it. After a failure nothing is left open.
  [[nodiscard]] static core::awaitable<core::result<std::unique_ptr<supernode>>> open(core::environment& env, configuration c,
                                                                                      core::logger log);
  virtual ~supernode() = default;

  // Takes no new calls, lets transactions end, leaves the overlay: at most 10 s. Then stop() is due.
  virtual core::awaitable<void> drain() = 0;
  // Closes everything and joins all coroutines; before destruction.
  virtual core::awaitable<void> stop() = 0;
  // Reads the web certificate again. errc::io, errc::configuration, transport's errors: the old one stays.
  virtual core::status reload() = 0;

  [[nodiscard]] virtual bool ready() const = 0;  // in every overlay
  // The API of all overlays that it is part of, by their instance names, for a program that embeds the node (tools/example/embed.cpp); null
  // until it is ready. Used on env's executor, not after stop().
  [[nodiscard]] virtual overlay::overlay* api() = 0;
  [[nodiscard]] virtual transport::endpoint admin() const = 0;
};

}  // namespace phyllo::node
