// The host over real sockets.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/datagram_acceptor.hpp"
#include "host/dialler.hpp"
#include "host/host_state.hpp"
#include "host/link_mover.hpp"
#include "phyllo/core/task_scope.hpp"
#include "port/port_listener.hpp"
#include "port/udp_socket.hpp"

namespace phyllo::transport {

class real_host final : public host {
 public:
  real_host(core::environment& env, host_options options, const identity::trust& trust, core::metrics& m, core::logger log);
  ~real_host() override;
  core::status open_ports();
  [[nodiscard]] host_state& state() noexcept { return state_; }

  core::awaitable<core::result<std::shared_ptr<link>>> connect(std::vector<candidate> to, std::optional<identity::node_id> expected,
                                                               core::time_point deadline) override;
  void accept(link_acceptor* a) override { state_.acceptor = a; }
  [[nodiscard]] std::vector<candidate> candidates() const override;

  void observe(host_observer* o) override { state_.observer = o; }
  core::status send_sip_datagram(const endpoint& to, core::byte_view data) override;
  [[nodiscard]] core::duration datagram_age() const override { return arena_.age(); }
  socket_load shed_sip_requests(const sip_shares& dropped) override;
  void keep_way(const endpoint& phone) override { datagrams_.sip().keep(phone); }
  void probe(const endpoint& to, std::function<void()> answered) override;
  [[nodiscard]] bool may_dial(const endpoint& to) const override { return state_.dials.allows(to); }
  core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp(endpoint to, core::time_point deadline) override;
  core::awaitable<core::result<std::unique_ptr<stream>>> open_tls(endpoint to, tls_client_options o, core::time_point deadline) override;
  core::status replace_web_certificate(web_certificate web) override { return state_.tls.set_web(web); }
  void replace_credential(std::shared_ptr<const identity::credential> c) override { state_.tls.set_credential(std::move(c)); }
  void replace_limits(const host_limits& limits) override { state_.replace_limits(limits); }
  void tap_frames(frame_tap tap) override { state_.registry->tap = std::move(tap); }
  core::awaitable<void> stop() override;

 private:
  core::status open_ports_at(const asio::ip::address& address);
  core::status open_udp(const endpoint& at);
  core::status open_tcp_port(const endpoint& at);
  [[nodiscard]] std::string network_of(const std::vector<candidate>& to) const;

  host_state state_;
  receive_arena arena_;
  datagram_acceptor datagrams_;
  std::vector<std::shared_ptr<udp_socket>> udp_;
  std::vector<std::unique_ptr<port_listener>> listeners_;
  dialler dialler_;
  link_mover mover_;
  core::task_scope scope_;  // listeners and accepted connections
  bool stopping_ = false;
};

}  // namespace phyllo::transport
