// Mobility tickets (RFC 8016 s.3, appendix A): which allocation, and the how manieth ticket of it, sealed under a key of the server's.
#pragma once

#include <cstdint>
#include <optional>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/token_key.hpp"

namespace phyllo::nat {

struct turn_ticket {
  std::uint64_t serial = 0;  // of the allocation
  std::uint64_t number = 0;
};

class turn_tickets {
 public:
  explicit turn_tickets(const identity::sha256_digest& secret) : key_(secret) {}

  [[nodiscard]] core::bytes seal(const turn_ticket& t) const {
    core::bytes plain;
    core::wire_writer w(plain);
    w.u64(t.serial);
    w.u64(t.number);
    return key_.seal(core::as_bytes(context), plain);
  }
  // Nullopt: none of ours.
  [[nodiscard]] std::optional<turn_ticket> open(core::byte_view sealed) const {
    const auto plain = key_.open(core::as_bytes(context), sealed);
    if (!plain) return std::nullopt;
    core::wire_reader r(*plain);
    turn_ticket out;
    out.serial = r.u64();
    out.number = r.u64();
    return r.done() ? std::optional(out) : std::nullopt;
  }

 private:
  static constexpr std::string_view context = "turn mobility ticket";
  identity::token_key key_;
};

}  // namespace phyllo::nat
