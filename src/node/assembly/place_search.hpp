// Where other nodes of the overlay may be: by its document, by what this node has kept, by the local network, and by the lists of bootstrap
// servers.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "assembly/document_keeper.hpp"
#include "assembly/server_clock.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/local_discovery.hpp"

namespace phyllo::node {

class place_search {
 public:
  struct parts {
    core::environment& env;
    const configuration& settings;
    const identity::trust& trust;
    const document_keeper& document;
    server_clock& clock;
    core::metrics& metrics;
  };
  // References outlive it.
  place_search(const parts& p, core::logger log) : parts_(p), log_(std::move(log)) {}

  // As discovery.multicast says, and where this machine can. `own`: what the local network is told of this node.
  void open_discovery(transport::local_discovery::own_source own);
  core::awaitable<void> stop();  // before destruction

  // All of them, to be tried together, a few of each first; this node is not among them. The document is there. `ask_for_lists`: of who got
  // nowhere by the others. Takes up to 0.3 s, and with lists 3 s for each server.
  core::awaitable<std::vector<transport::endpoint>> find(bool ask_for_lists);

 private:
  core::awaitable<std::vector<transport::endpoint>> listed();

  parts parts_;
  core::logger log_;
  std::unique_ptr<transport::local_discovery> discovery_;  // null: switched off, or this machine can not
};

}  // namespace phyllo::node
