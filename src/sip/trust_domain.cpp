#include "trust_domain.hpp"

#include <algorithm>

namespace phyllo::sip {

trust_domain::trust_domain(const std::vector<std::string>& peers) {
  for (const auto& text : peers) {
    if (const auto p = transport::address_prefix::parse(text)) peers_.push_back(*p);
  }
}

bool trust_domain::trusted_peer(const source& s) const {
  if (!reliable(s.by) || over_websocket(s.by)) return false;
  return std::ranges::any_of(peers_, [&](const transport::address_prefix& p) { return p.contains(s.remote.address); });
}

bool trust_domain::trusted_peer(const destination&) const { return false; }

}  // namespace phyllo::sip
