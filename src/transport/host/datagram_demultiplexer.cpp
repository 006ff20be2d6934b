#include "host/datagram_demultiplexer.hpp"

#include "port/sniff.hpp"

namespace phyllo::transport {
namespace {

// By kind: the reason that is counted where nobody serves it. Text has SIP's name, for nothing else comes so.
constexpr std::array<const char*, datagram_kinds> unserved{"stun_unserved", "dtls_unserved", "turn_unserved", "sip_unserved"};

}  // namespace

void datagram_demultiplexer::on_datagram(datagram_port& port, const incoming_datagram& d) {
  const auto kind = classify_datagram(d.data);
  if (!kind) return metrics_.drop("noise");
  const auto i = static_cast<std::size_t>(*kind);
  if (services_[i] == nullptr) return metrics_.drop(unserved[i]);
  services_[i]->on_datagram(port, d);
}

}  // namespace phyllo::transport
