// The record by which others find a domain's proxies: this node's entry under `proxy location:DOMAIN`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/mailbox.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::sip {

// Where others reach this node's proxy.
struct proxy_place {
  std::string address;     // that they dial
  std::uint16_t sip = 0;   // port of UDP and TCP; 0: none
  std::uint16_t sips = 0;  // port of TLS; 0: none
  identity::node_id node;
};

class proxy_location {
 public:
  // References outlive it.
  proxy_location(core::environment& env, overlay::overlay& overlay, std::vector<std::string> domains, const proxy_place& at,
                 core::logger log);

  core::awaitable<void> run();  // stores, and stores again at half of the record's life; ends by cancellation
  void publish_now() { wanted_.push(true); }
  core::awaitable<void> withdraw();  // before the node drains; waits shortly

 private:
  [[nodiscard]] overlay::record record_of(const std::string& domain) const;
  core::awaitable<bool> publish();

  core::environment& env_;
  overlay::overlay& overlay_;
  std::vector<std::string> domains_;
  overlay::location location_;
  core::logger log_;
  core::mailbox<bool> wanted_;
};

}  // namespace phyllo::sip
