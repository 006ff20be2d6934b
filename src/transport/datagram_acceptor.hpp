// What arrives by UDP and belongs to no settled association: STUN is answered, DTLS is admitted once its sender has
// proved that it receives (reachability), SIP goes up, the rest is counted.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "dtls_carrier.hpp"
#include "host_state.hpp"
#include "reachability.hpp"
#include "sip_sockets.hpp"
#include "udp_socket.hpp"

namespace phyllo::transport {

class datagram_acceptor final : public datagram_sink {
 public:
  static constexpr std::size_t handshakes_max = 1024;
  // Hears the answer to a STUN request of ours.
  using stun_handler = std::function<void(const stun_message& answer, const endpoint& from)>;

  explicit datagram_acceptor(host_state& state) : state_(state), reach_(state.env, state.metrics) {}

  void on_datagram(udp_socket& socket, const endpoint& from, core::byte_view data) override;

  // Where SIP datagrams leave from. They are heard on every socket that others know.
  [[nodiscard]] sip_sockets& sip() noexcept { return sip_; }
  // Sockets that take no associations of others.
  void mark_dialing(const udp_socket* socket) { dialing_.insert(socket); }
  void expect(const stun_transaction& id, stun_handler handler) { expected_.insert_or_assign(id, std::move(handler)); }
  // The same for whoever may be gone; false: too many are asked at a time.
  static constexpr std::size_t probes_max = 1024;
  [[nodiscard]] bool probe(const stun_transaction& id, const endpoint& to, std::function<void()> answered);
  void forget(const stun_transaction& id) { expected_.erase(id); }
  void stop();

 private:
  void on_stun(udp_socket& socket, const endpoint& from, core::byte_view data);
  [[nodiscard]] bool admits(const udp_socket& socket, const endpoint& from, const stun_message& m);
  void on_dtls(udp_socket& socket, const endpoint& from, core::byte_view data);
  [[nodiscard]] bool take_probe(const stun_message& answer, const endpoint& from);
  void on_sip(udp_socket& socket, const endpoint& from, core::byte_view data);
  void accept(udp_socket& socket, const endpoint& from, core::byte_view hello);
  void accepted(dtls_carrier& carrier, const core::status& how);

  host_state& state_;
  reachability reach_;
  sip_sockets sip_;
  std::set<const udp_socket*> dialing_;
  std::map<stun_transaction, stun_handler> expected_;
  struct probed {
    endpoint to;
    core::time_point until;
    std::function<void()> answered;
  };
  std::map<stun_transaction, probed> probes_;
  std::set<std::shared_ptr<dtls_carrier>> handshaking_;
};

}  // namespace phyllo::transport
