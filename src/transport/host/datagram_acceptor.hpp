// What arrives by UDP and belongs to no settled association: STUN is answered, DTLS is admitted once its sender has
// proved that it receives (reachability), SIP goes up, the rest is counted.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "host/host_state.hpp"
#include "link/dtls_carrier.hpp"
#include "port/reachability.hpp"
#include "port/sip_sockets.hpp"
#include "port/udp_socket.hpp"

namespace phyllo::transport {

class datagram_acceptor final : public datagram_sink {
 public:
  static constexpr std::size_t handshakes_max = 1024;  // the oldest makes room
  // Hears the answer to a STUN request of ours.
  using stun_handler = std::function<void(const stun::message& answer, const endpoint& from)>;

  explicit datagram_acceptor(host_state& state)
      : state_(state),
        reach_(state.env, state.metrics),
        sip_(core::random_hash_key(state.env), state.metrics),
        probes_(probes_max, core::random_hash_key(state.env), &state.metrics.evictions("stun_probes")) {}

  void on_datagram(udp_socket& socket, const endpoint& from, core::byte_view data) override;

  // Where SIP datagrams leave from. They are heard on every socket that others know.
  [[nodiscard]] sip_sockets& sip() noexcept { return sip_; }
  // Sockets that take no associations of others.
  void mark_dialing(const udp_socket* socket) { dialing_.insert(socket); }
  void expect(const stun::transaction_id& id, stun_handler handler) { expected_.insert_or_assign(id, std::move(handler)); }
  // The same for whoever may be gone, within two seconds; of too many at a time the oldest is given up.
  static constexpr std::size_t probes_max = 1024;
  void probe(const stun::transaction_id& id, const endpoint& to, std::function<void()> answered);
  void forget(const stun::transaction_id& id) { expected_.erase(id); }
  void stop();

 private:
  void on_stun(udp_socket& socket, const endpoint& from, core::byte_view data);
  [[nodiscard]] bool admits(const udp_socket& socket, const endpoint& from, const stun::message& m);
  void on_dtls(udp_socket& socket, const endpoint& from, core::byte_view data);
  [[nodiscard]] bool take_probe(const stun::message& answer, const endpoint& from);
  void on_sip(udp_socket& socket, const endpoint& from, core::byte_view data);
  void accept(udp_socket& socket, const endpoint& from, core::byte_view hello);
  void accepted(std::uint64_t number, dtls_carrier& carrier, const core::status& how);

  host_state& state_;
  reachability reach_;
  sip_sockets sip_;
  std::set<const udp_socket*> dialing_;
  std::map<stun::transaction_id, stun_handler> expected_;
  struct probed {
    endpoint to;
    core::time_point until;
    std::function<void()> answered;
  };
  core::bounded_map<stun::transaction_id, probed> probes_;
  std::map<std::uint64_t, std::shared_ptr<dtls_carrier>> handshaking_;  // the oldest first
  std::uint64_t last_handshake_ = 0;
};

}  // namespace phyllo::transport
