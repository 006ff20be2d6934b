// Which of a host's UDP sockets a SIP datagram leaves from. Answers, and requests to phones behind NAT, must come from where
// the other end has sent to (RFC 3581 s.4, RFC 5626 s.5.3), and every UDP port speaks SIP: so the socket is remembered where
// it is not the SIP port's of its family.
#pragma once

#include <unordered_map>
#include <vector>

#include "udp_socket.hpp"

namespace phyllo::transport {

class sip_sockets {
 public:
  static constexpr std::size_t remembered_max = 65'536;
  // Longer than phones' registrations idle between keep-alives.
  static constexpr core::duration remembered_for = std::chrono::minutes(15);

  // The SIP port's; the first of a family is what nothing else is known for. All sockets must outlive this.
  void add(udp_socket* s) { own_.push_back(s); }
  // False: too many are remembered, so an answer would not find its way.
  [[nodiscard]] bool heard(udp_socket& on, const endpoint& from, core::time_point now);
  // Null: no SIP port of the family is open.
  [[nodiscard]] udp_socket* towards(const endpoint& to) const;

 private:
  struct way {
    udp_socket* by = nullptr;
    core::time_point heard;
  };
  [[nodiscard]] udp_socket* default_of(const endpoint& to) const;

  std::vector<udp_socket*> own_;
  std::unordered_map<endpoint, way, endpoint_hash> remembered_;
};

}  // namespace phyllo::transport
