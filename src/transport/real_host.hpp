// The host over real sockets.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "datagram_acceptor.hpp"
#include "host_state.hpp"
#include "link_race.hpp"
#include "phyllo/core/task_scope.hpp"
#include "port_listener.hpp"
#include "udp_socket.hpp"

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
  core::awaitable<core::result<std::unique_ptr<stream>>> open_tcp(endpoint to, core::time_point deadline) override;
  core::awaitable<core::result<std::unique_ptr<stream>>> open_tls(endpoint to, tls_client_options o, core::time_point deadline) override;
  core::status replace_web_certificate(web_certificate web) override { return state_.tls.set_web(web); }
  void replace_credential(std::shared_ptr<const identity::credential> c) override { state_.tls.set_credential(std::move(c)); }
  void tap_frames(frame_tap tap) override { state_.registry->tap = std::move(tap); }
  core::awaitable<void> stop() override;

 private:
  class race_guard;

  core::status open_udp(std::uint16_t port);
  core::status open_tcp_port(std::uint16_t port);
  core::awaitable<link_result> dial(candidate to, std::optional<identity::node_id> expected, core::time_point deadline);
  core::awaitable<link_result> dial_tls(endpoint to, std::optional<identity::node_id> expected, core::time_point deadline);
  core::awaitable<link_result> dial_dtls(endpoint to, std::optional<identity::node_id> expected, core::time_point deadline);
  core::result<std::shared_ptr<udp_socket>> dial_socket(const endpoint& to);
  [[nodiscard]] static asio::ip::address source_towards(const core::executor& ex, const std::optional<endpoint>& to);
  static core::awaitable<void> reap(std::shared_ptr<link_race> race);

  host_state state_;
  receive_arena arena_;
  datagram_acceptor datagrams_;
  std::vector<std::shared_ptr<udp_socket>> udp_;
  std::vector<std::shared_ptr<udp_socket>> dialing_;  // ours never meet theirs on one 5-tuple
  std::shared_ptr<udp_socket> sip_;
  std::vector<std::unique_ptr<port_listener>> listeners_;
  std::set<std::shared_ptr<link_race>> races_;
  core::task_scope scope_;           // listeners and accepted connections
  core::task_scope reapers_;         // of races that are over; joined, never cancelled
  std::optional<endpoint> dialled_;  // last
  bool stopping_ = false;
};

}  // namespace phyllo::transport
