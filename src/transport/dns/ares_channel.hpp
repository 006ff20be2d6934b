// A c-ares channel on the event loop: its sockets are waited for, its timeouts kept, and each query ends in one call.
#pragma once

#include <ares.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/resolver.hpp"

namespace phyllo::transport {

class ares_channel_owner : public std::enable_shared_from_this<ares_channel_owner> {
 public:
  // `status` is c-ares'; the data is valid during the call. Called once, maybe at once, and with ARES_EDESTRUCTION at the latest.
  using bytes_handler = std::function<void(int status, core::byte_view answer)>;
  using addresses_handler = std::function<void(int status, const ares_addrinfo* answer)>;

  explicit ares_channel_owner(core::environment& env) : env_(env), timer_(env.get_executor()) {}
  ~ares_channel_owner() { stop(); }
  ares_channel_owner(const ares_channel_owner&) = delete;
  ares_channel_owner& operator=(const ares_channel_owner&) = delete;

  core::status open(const resolver_options& o);  // core::errc::invalid
  void query(const std::string& name, int type, bytes_handler done);
  void addresses(const std::string& name, addresses_handler done);
  void stop();
  [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

 private:
  static void on_socket(void* self, ares_socket_t fd, int readable, int writable);
  void watch(ares_socket_t fd);
  void process(ares_socket_t fd);
  void arm();

  core::environment& env_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, std::shared_ptr<asio::posix::stream_descriptor>> sockets_;
  asio::steady_timer timer_;
  std::size_t pending_ = 0;
};

}  // namespace phyllo::transport
