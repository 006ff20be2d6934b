// One supernode in one process: a node of each overlay of its configuration, and the admin interface to all.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::node {

// What came of a reload, by keys of the configuration.
struct reread_report {
  std::vector<std::string> changed;     // differ from before, and are in use now
  std::vector<std::string> need_start;  // differ too, but count from the next start on
};

class supernode {
 public:
  // Opens every port (transport's errors), the data directory, and the login server if it is one (disk's io, errc::configuration,
  // enrollment's errors); enrolling and joining go on by themselves from then on. `env` outlives it. After a failure nothing is left open.
  [[nodiscard]] static core::awaitable<core::result<std::unique_ptr<supernode>>> open(core::environment& env, configuration c,
                                                                                      core::logger log);
  virtual ~supernode() = default;

  // Takes no new calls, lets transactions end, leaves the overlay: at most 10 s. Then stop() is due.
  virtual core::awaitable<void> drain() = 0;
  // Closes everything and joins all coroutines; before destruction.
  virtual core::awaitable<void> stop() = 0;
  // How reread() reads the configuration again. Without it, reread() reads the files again that the one of the start names.
  virtual void reread_by(std::function<core::result<configuration>()> read) = 0;
  // Whoever writes the log closes its file and opens it by its name, for who has moved it away; reread() does so first, whatever comes of
  // the rest.
  virtual void reopen_by(std::function<core::status()> reopen) = 0;
  // Who hears, on env's executor, that this process is not to go on, and why: another one lives with this node's key. Without it a line of
  // the log is all.
  virtual void end_by(std::function<void(const core::error& why)> end) = 0;
  // Reads web certificate and key, anchors of the bootstrap servers, revoked nodes and limits of rates again. All of it is checked, then
  // all of it is in use; open connections stay as they are. errc::configuration, disk's io, errc::refused (it drains), transport's errors:
  // nothing has changed.
  virtual core::result<reread_report> reread() = 0;

  [[nodiscard]] virtual bool ready() const = 0;  // in every overlay, with all that it takes to serve what is configured
  // The API of all overlays that it is part of, by their instance names, for a program that embeds the node (tools/example/embed.cpp); null
  // until it has joined them all. Used on env's executor, not after stop().
  [[nodiscard]] virtual overlay::overlay* api() = 0;
  [[nodiscard]] virtual transport::endpoint admin() const = 0;  // where the pages of the admin interface are
  [[nodiscard]] virtual std::string admin_socket() const = 0;   // and by which Unix socket its commands go
};

}  // namespace phyllo::node
