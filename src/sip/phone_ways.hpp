// From which UDP port a SIP datagram leaves. Answers, and requests to phones behind NAT, must come from where the other end has sent to
// (RFC 3581 s.4, RFC 5626 s.5.3), and every UDP port of the host speaks SIP: so the port is remembered where it is not the SIP port of its
// family. Who has shown that he receives has a table of his own: however many strangers write, calls still find the phones.
#pragma once

#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/transport/datagram_port.hpp"

namespace phyllo::sip {

class phone_ways {
 public:
  static constexpr std::size_t strangers_max = 65'536;
  static constexpr std::size_t known_max = 65'536;

  // `m` must outlive it.
  phone_ways(const core::hash_key& key, core::metrics& m)
      : strangers_(strangers_max, key, &m.evictions("sip_ways_of_strangers")), known_(known_max, key, &m.evictions("sip_ways")) {}

  // A SIP port; the first of a family is what nothing else is known for. All ports must outlive this.
  void add(transport::datagram_port* p) { own_.push_back(p); }
  void heard(transport::datagram_port& on, const transport::endpoint& from);
  // It has shown that it receives: its way is kept from now on, wherever it is heard later.
  void keep(const transport::endpoint& phone);
  // Null: no SIP port of the family is open.
  [[nodiscard]] transport::datagram_port* towards(const transport::endpoint& to);

 private:
  [[nodiscard]] transport::datagram_port* default_of(const transport::endpoint& to) const;

  std::vector<transport::datagram_port*> own_;
  core::bounded_map<transport::endpoint, transport::datagram_port*> strangers_;
  core::bounded_map<transport::endpoint, transport::datagram_port*> known_;
};

}  // namespace phyllo::sip
