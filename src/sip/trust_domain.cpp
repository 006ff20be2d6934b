#include "trust_domain.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::sip {

trust_domain::trust_domain(const std::vector<std::string>& peers, std::vector<std::string> domains) : domains_(std::move(domains)) {
  for (const auto& text : peers) {
    if (const auto p = transport::address_prefix::parse(text)) peers_.push_back(*p);
  }
}

bool trust_domain::trusted_peer(const source& s) const {
  if (s.peer) return std::ranges::any_of(domains_, [&](const std::string& d) { return s.peer->has_authority(d); });
  if (!reliable(s.by) || over_websocket(s.by)) return false;
  return std::ranges::any_of(peers_, [&](const transport::address_prefix& p) { return p.contains(s.remote.address); });
}

bool trust_domain::trusted_peer(const destination& d) const { return d.node && d.authority; }

}  // namespace phyllo::sip
