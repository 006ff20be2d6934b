// The relay ports that are open, whoever has them: an allocation, or a reservation (RFC 8656 s.7.2, EVEN-PORT).
#pragma once

#include <optional>
#include <vector>

#include "phyllo/stun/value.hpp"
#include "turn/port_pool.hpp"
#include "turn/turn_actions.hpp"

namespace phyllo::nat {

struct allocation;

class relay_table {
 public:
  // `actions` must outlive it. At most one address of each family is used, the first.
  relay_table(turn_actions& actions, const std::vector<asio::ip::address>& addresses, std::uint16_t first, std::uint16_t last,
              const core::hash_key& key);

  [[nodiscard]] bool serves(stun::address_family family) const { return place_of(family).has_value(); }
  // Opened, and nobody's yet; nullopt: no port is to be had. Of even_and_next: the even one, and second() is the next.
  [[nodiscard]] std::optional<relay_number> open(stun::address_family family, port_pool::wanted w);
  [[nodiscard]] relay_number second() const noexcept { return second_; }
  void close(relay_number n);

  void give(relay_number n, allocation* to) { relays_[n].owner = to; }
  [[nodiscard]] allocation* owner(relay_number n) const { return n < relays_.size() ? relays_[n].owner : nullptr; }
  [[nodiscard]] const core::endpoint& at(relay_number n) const { return relays_[n].at; }
  [[nodiscard]] std::size_t size() const noexcept { return relays_.size() - free_.size(); }

 private:
  struct relay {
    core::endpoint at;
    allocation* owner = nullptr;
  };
  struct place {
    asio::ip::address address;
    port_pool ports;
  };
  [[nodiscard]] std::optional<std::size_t> place_of(stun::address_family family) const;
  [[nodiscard]] std::optional<relay_number> open_at(const core::endpoint& at);
  [[nodiscard]] bool open_pair(place& p, std::uint16_t port, bool both, relay_number& first);

  turn_actions& actions_;
  std::vector<place> places_;
  std::vector<relay> relays_;
  std::vector<relay_number> free_;
  relay_number second_ = 0;
};

}  // namespace phyllo::nat
