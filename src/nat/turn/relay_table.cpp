#include "turn/relay_table.hpp"

#include <algorithm>

namespace phyllo::nat {
namespace {

// So many ports are tried that turn out to be another program's.
constexpr std::size_t tries_max = 16;

}  // namespace

relay_table::relay_table(turn_actions& actions, const std::vector<asio::ip::address>& addresses, std::uint16_t first, std::uint16_t last,
                         const core::hash_key& key)
    : actions_(actions) {
  for (const auto& a : addresses) {
    if (!serves(stun::family_of(a))) places_.push_back({a, port_pool(first, last, key)});
  }
}

std::optional<std::size_t> relay_table::place_of(stun::address_family family) const {
  const auto at = std::ranges::find_if(places_, [family](const place& p) { return stun::family_of(p.address) == family; });
  if (at == places_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - places_.begin());
}

std::optional<relay_number> relay_table::open_at(const core::endpoint& at) {
  const auto n = free_.empty() ? static_cast<relay_number>(relays_.size()) : free_.back();
  if (!actions_.open_relay(n, at)) return std::nullopt;
  if (free_.empty()) {
    relays_.push_back({at, nullptr});
  } else {
    free_.pop_back();
    relays_[n] = {at, nullptr};
  }
  return n;
}

bool relay_table::open_pair(place& p, std::uint16_t port, bool both, relay_number& first) {
  const auto one = open_at({p.address, port});
  if (!one) return false;
  first = *one;
  if (!both) return true;
  const auto next = open_at({p.address, static_cast<std::uint16_t>(port + 1)});
  if (next) {
    second_ = *next;
    return true;
  }
  actions_.close_relay(first);
  relays_[first] = {};
  free_.push_back(first);
  return false;
}

std::optional<relay_number> relay_table::open(stun::address_family family, port_pool::wanted w) {
  const auto where = place_of(family);
  if (!where) return std::nullopt;
  auto& p = places_[*where];
  const bool both = w == port_pool::wanted::even_and_next;
  std::vector<std::uint16_t> failed;  // kept until the end, so that none is tried twice
  std::optional<relay_number> out;
  relay_number first = 0;
  while (!out && failed.size() < tries_max) {  // ends: each turn succeeds, fails, or finds nothing
    const auto port = p.ports.take(w);
    if (!port) break;
    if (open_pair(p, *port, both, first)) {
      out = first;
    } else {
      failed.push_back(*port);
    }
  }
  for (const auto port : failed) {
    p.ports.give_back(port);
    if (both) p.ports.give_back(static_cast<std::uint16_t>(port + 1));
  }
  return out;
}

void relay_table::close(relay_number n) {
  actions_.close_relay(n);
  const auto where = place_of(stun::family_of(relays_[n].at.address));
  places_[*where].ports.give_back(relays_[n].at.port);
  relays_[n] = {};
  free_.push_back(n);
}

}  // namespace phyllo::nat
