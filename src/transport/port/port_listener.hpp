// One listening TCP port. It survives the exhaustion of file descriptors without spinning.
#pragma once

#include <asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/steering.hpp"
#include "port/socket_tools.hpp"

namespace phyllo::transport {

class port_listener {
 public:
  using handler = std::function<void(std::shared_ptr<tcp::socket>)>;  // connected and non-blocking

  // address_in_use, not_permitted with the port in the detail. `env` and `m` must outlive it. `shared`: with others of this process
  // (port_sharing.hpp).
  [[nodiscard]] static core::result<std::unique_ptr<port_listener>> open(core::environment& env, core::metrics& m, const endpoint& at,
                                                                         handler accepted, bool shared = false);
  port_listener(core::environment& env, core::metrics& m, handler accepted)
      : env_(env), metrics_(m), accepted_(std::move(accepted)), acceptor_(env.get_executor()) {}

  // Connections are refused when fewer than so many of the process' descriptors would be left, and `make_room` has closed nothing.
  void keep_descriptors(int kept, std::function<bool()> make_room) {
    kept_ = kept;
    make_room_ = std::move(make_room);
  }

  [[nodiscard]] core::status steer(const steering& by);  // as steer_port()
  core::awaitable<void> run();                           // accepts until close()
  void close();

 private:
  bool accept_one();
  [[nodiscard]] bool spends_reserve(int fd) const;

  core::environment& env_;
  core::metrics& metrics_;
  handler accepted_;
  tcp::acceptor acceptor_;
  int kept_ = 0;
  std::function<bool()> make_room_ = [] { return false; };
};

}  // namespace phyllo::transport
