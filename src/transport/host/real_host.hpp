// The host over real sockets.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/datagram_demultiplexer.hpp"
#include "host/dialler.hpp"
#include "host/dtls_link_server.hpp"
#include "host/host_state.hpp"
#include "host/link_mover.hpp"
#include "host/stream_acceptor.hpp"
#include "host/stun_server.hpp"
#include "host/tls_link_server.hpp"
#include "phyllo/core/task_scope.hpp"
#include "port/port_listener.hpp"
#include "port/port_sharing.hpp"
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

  void serve(datagram_kind kind, datagram_service* by) override { datagrams_.serve(kind, by); }
  void serve(stream_kind kind, stream_service* by) override { state_.stream_services[static_cast<std::size_t>(kind)] = by; }
  [[nodiscard]] std::vector<datagram_port*> ports() const override;
  core::result<std::shared_ptr<datagram_port>> open_port(const endpoint& at, datagram_service& by) override;
  void probe(datagram_port& from, const endpoint& to, std::function<void()> answered) override;
  socket_load shed(const drop_rule& rule, const drop_shares& dropped) override;
  [[nodiscard]] std::vector<asio::ip::address> addresses() const override;
  [[nodiscard]] bool may_dial(const endpoint& to) const override { return state_.dials.allows(to); }
  core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp(endpoint to, core::time_point deadline) override;
  core::awaitable<core::result<std::unique_ptr<stream>>> open_tls(endpoint to, tls_client_options o, core::time_point deadline) override;
  core::awaitable<core::result<std::shared_ptr<link>>> adopt(std::unique_ptr<datagram_channel> path, adoption how,
                                                             core::time_point deadline) override;
  core::awaitable<core::result<std::unique_ptr<datagram_session>>> adopt_session(std::unique_ptr<datagram_channel> path, std::string alpn,
                                                                                 adoption how, core::time_point deadline) override;
  core::status replace_web_certificate(web_certificate web) override { return state_.tls.set_web(web); }
  void replace_credential(std::shared_ptr<const identity::credential> c) override { state_.tls.set_credential(std::move(c)); }
  void replace_limits(const host_limits& limits) override { state_.replace_limits(limits); }
  void tap_frames(frame_tap tap) override { state_.registry->tap = std::move(tap); }
  core::status steer(const steering& by) override;
  void take(moved_connection c) override { scope_.spawn(serve_moved(state_, std::move(c))); }
  core::awaitable<void> stop() override;

 private:
  core::status open_ports_at(const asio::ip::address& address);
  core::status open_udp(const endpoint& at);
  core::status open_tcp_port(const endpoint& at);
  [[nodiscard]] core::status may_link() const;
  [[nodiscard]] core::status may_adopt(const adoption& how) const;
  [[nodiscard]] std::string network_of(const std::vector<candidate>& to) const;

  host_state state_;
  receive_arena arena_;
  stun_server stun_;
  dtls_link_server dtls_links_;
  tls_link_server tls_links_;
  datagram_demultiplexer datagrams_;
  std::vector<std::shared_ptr<udp_socket>> udp_;
  std::vector<std::unique_ptr<port_listener>> listeners_;
  dialler dialler_;
  link_mover mover_;
  core::task_scope scope_;  // listeners and accepted connections
  bool stopping_ = false;
};

}  // namespace phyllo::transport
