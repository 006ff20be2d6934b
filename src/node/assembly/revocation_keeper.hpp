// The revocation list that a node goes by (identity.md), while it runs and from one start to the next. The overlay passes it on; a node
// that is cut off asks the bootstrap servers.
#pragma once

#include <cstdint>
#include <functional>

#include "assembly/document_keeper.hpp"
#include "assembly/server_clock.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/configuration.hpp"

namespace phyllo::node {

class revocation_keeper {
 public:
  struct parts {
    core::environment& env;
    const configuration& settings;
    identity::trust& trust;
    const document_keeper& document;
    server_clock& clock;
  };
  // References outlive it.
  revocation_keeper(const parts& p, core::logger log) : parts_(p), log_(std::move(log)) {}

  // What an earlier start has kept comes into force. The document is there.
  void load();
  void save();                   // where there is a newer one than on disk
  core::awaitable<void> keep();  // saves every 30 s; ends by cancellation
  // Of the bootstrap servers, while the node is cut off from those who would pass the list on: perhaps because its own certificate is
  // revoked. And for the first ones of a ring, who have no list yet. Ends by cancellation.
  core::awaitable<void> learn(std::function<bool()> cut_off);

 private:
  core::awaitable<void> fetch();

  parts parts_;
  core::logger log_;
  std::uint64_t kept_ = 0;  // number of the list on disk
};

}  // namespace phyllo::node
