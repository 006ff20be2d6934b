// From which UDP socket a SIP datagram leaves. Answers, and requests to phones behind NAT, must come from where
// the other end has sent to (RFC 3581 s.4, RFC 5626 s.5.3), and every UDP port speaks SIP: so the socket is remembered where
// it is not the SIP port's of its family. Who has shown that he receives has a table of his own: however many strangers write, calls
// still find the phones.
#pragma once

#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "port/udp_socket.hpp"

namespace phyllo::transport {

class sip_sockets {
 public:
  static constexpr std::size_t strangers_max = 65'536;
  static constexpr std::size_t known_max = 65'536;

  // `m` must outlive it.
  sip_sockets(const core::hash_key& key, core::metrics& m)
      : strangers_(strangers_max, key, &m.evictions("sip_ways_of_strangers")), known_(known_max, key, &m.evictions("sip_ways")) {}

  // The SIP port's; the first of a family is what nothing else is known for. All sockets must outlive this.
  void add(udp_socket* s) { own_.push_back(s); }
  void heard(udp_socket& on, const endpoint& from);
  // It has shown that it receives: its way is kept from now on, wherever it is heard later.
  void keep(const endpoint& phone);
  // Null: no SIP port of the family is open.
  [[nodiscard]] udp_socket* towards(const endpoint& to);

 private:
  [[nodiscard]] udp_socket* default_of(const endpoint& to) const;

  std::vector<udp_socket*> own_;
  core::bounded_map<endpoint, udp_socket*> strangers_;
  core::bounded_map<endpoint, udp_socket*> known_;
};

}  // namespace phyllo::transport
