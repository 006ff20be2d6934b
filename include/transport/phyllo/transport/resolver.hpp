// DNS look-ups (c-ares) with a bounded cache.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::transport {

struct naptr_record {  // RFC 3403
  std::uint16_t order = 0;
  std::uint16_t preference = 0;
  std::string flags;
  std::string service;
  std::string replacement;
  friend bool operator==(const naptr_record&, const naptr_record&) = default;
};

struct srv_record {  // RFC 2782
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
  friend bool operator==(const srv_record&, const srv_record&) = default;
};

struct resolver_options {
  std::vector<std::string> servers;                         // "192.0.2.53", "192.0.2.53:5353"; empty: the system's
  core::duration timeout = std::chrono::milliseconds(800);  // of the first try; later ones wait longer
  int tries = 3;
  std::size_t pending_max = 1'000;
  std::size_t cache_max = 10'000;
  core::duration ttl_max = std::chrono::hours(1);
  core::duration absence_ttl = std::chrono::seconds(30);  // of what is not there
};

// All calls on env's executor. An empty list: there is nothing of that sort under the name. Errors: timed_out, refused (the
// servers fail, or say nonsense), overloaded (pending_max), closed.
class resolver {
 public:
  // `env` must outlive it. core::errc::invalid: the servers, or the system's configuration.
  [[nodiscard]] static core::result<std::unique_ptr<resolver>> create(core::environment& env, resolver_options o);
  // Answers nothing, by closed: for a host whose resolver's configuration can not be read.
  [[nodiscard]] static std::unique_ptr<resolver> none(core::environment& env);
  virtual ~resolver() = default;

  virtual core::awaitable<core::result<std::vector<naptr_record>>> naptr(std::string name) = 0;
  virtual core::awaitable<core::result<std::vector<srv_record>>> srv(std::string name) = 0;
  // A and AAAA, and the hosts file; in the order of RFC 6724.
  virtual core::awaitable<core::result<std::vector<asio::ip::address>>> addresses(std::string name) = 0;
  virtual void stop() = 0;  // completes what is pending with closed; before destruction
};

}  // namespace phyllo::transport
