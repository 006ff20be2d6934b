// Peers on the local network, by multicast DNS (RFC 6762): answers those who ask, and asks. What is found is a hint: links authenticate.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

struct local_discovery_options {
  asio::ip::address address;  // IPv4: of the interface to ask and answer on; unspecified: the system's choice
  std::string overlay;        // others are not ours
  std::uint16_t port = 5353;
};

class local_discovery {
 public:
  // What is said to those who ask: an instance name of letters and digits, and where links are taken. Nothing: no answer.
  struct own_place {
    std::string instance;
    endpoint at;
  };
  using own_source = std::function<std::optional<own_place>()>;

  // address_in_use, not_permitted; refused for an IPv6 address. Answers from now on, at most 20 a second. References outlive it.
  [[nodiscard]] static core::result<std::unique_ptr<local_discovery>> open(core::environment& env, local_discovery_options o,
                                                                           own_source own, core::metrics& m);
  virtual ~local_discovery() = default;

  // Asks once and takes what comes within `span`; at most 32, own ones and other overlays' left out. Empty if it can not ask.
  virtual core::awaitable<std::vector<endpoint>> ask(core::duration span) = 0;

  virtual core::awaitable<void> stop() = 0;  // before destruction
};

}  // namespace phyllo::transport
