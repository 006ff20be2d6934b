// What nodes send, counted from the bytes of the wire by an own reading of RELOAD's forwarding header (RFC 6940 s.6.3.2): look-ups (Pings
// to Resource-IDs, and their answers) apart from all that keeps the overlay up.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>

#include "phyllo/core/bytes.hpp"

namespace phyllo::simulate {

class message_counts {
 public:
  // One message as a link was given it. True: its sender is not its origin.
  bool note(core::byte_view message);
  [[nodiscard]] std::uint64_t lookups() const noexcept { return lookups_; }
  [[nodiscard]] std::uint64_t maintenance() const noexcept { return maintenance_; }
  [[nodiscard]] std::map<std::string, std::uint64_t> by_name() const;  // maintenance
  void reset();

 private:
  static constexpr std::size_t codes = 64;
  bool of_lookup(std::uint16_t code, std::uint64_t transaction, bool to_resource);

  std::uint64_t lookups_ = 0;
  std::uint64_t maintenance_ = 0;
  std::array<std::uint64_t, codes> by_code_{};
  std::unordered_set<std::uint64_t> recent_, older_;  // transactions of look-ups; an answer is not late by more than one set's time
};

}  // namespace phyllo::simulate
