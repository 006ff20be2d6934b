// Links that others dial by DTLS: it is admitted once its sender has proved that it receives (reachability); the rest is counted.
#pragma once

#include <map>
#include <memory>

#include "host/host_state.hpp"
#include "link/dtls_carrier.hpp"
#include "port/reachability.hpp"
#include "port/udp_socket.hpp"

namespace phyllo::transport {

class dtls_link_server final : public datagram_service {
 public:
  static constexpr std::size_t handshakes_max = 1024;  // the oldest makes room

  // Both must outlive it.
  dtls_link_server(host_state& state, reachability& proofs) : state_(state), proofs_(proofs) {}

  void on_datagram(datagram_port& port, const incoming_datagram& d) override;
  void stop() { handshaking_.clear(); }

 private:
  void accept(udp_socket& socket, const endpoint& from, core::byte_view hello);
  void accepted(std::uint64_t number, dtls_carrier& carrier, const core::status& how);

  host_state& state_;
  reachability& proofs_;
  std::map<std::uint64_t, std::shared_ptr<dtls_carrier>> handshaking_;  // the oldest first
  std::uint64_t last_handshake_ = 0;
};

}  // namespace phyllo::transport
