// Nonces of SIP digest authentication (RFC 7616 s.5.4): time, salt and a MAC under a key of ours, so that nothing is
// stored for a challenge; only nonces that a valid answer used are remembered, with the counts seen, until they expire.
//
// Counts are remembered by the book that saw them. So a nonce is good only where it was made: what it is bound to names the node, and
// one from before the book's time is stale. Else credentials that somebody has overheard would be good once more at each other node.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::sip {

//  0        6              14                    26
//  +--------+--------------+---------------------+
//  | ms     | salt         | HMAC-SHA-256, 12 of |   as lower-case hex
//  +--------+--------------+---------------------+
class nonce_book {
 public:
  using salt = std::array<std::uint8_t, 8>;
  // A full book forgets its oldest nonce and holds every nonce of that age for stale: memory is bounded, and
  // nothing forgotten can be replayed.
  static constexpr std::size_t remembered_usual = 131'072;

  // Nonces of before `began` are stale.
  explicit nonce_book(std::chrono::milliseconds lifetime, core::wall_time began = {}, std::size_t remembered_max = remembered_usual);

  // A nonce of that time; `s` must be random. `bound_to`: what must be the same when it is used: realm, node, the asker's address.
  [[nodiscard]] static std::string make(core::byte_view key, core::wall_time now, const salt& s, std::string_view bound_to);

  // What is known of a nonce before anything else is looked at: it costs a MAC, and tells strangers' inventions from what was made here.
  enum class age : std::uint8_t {
    good,
    old,      // made with one of `keys` for this very `bound_to`, and no longer good
    foreign,  // of another node or asker, or nobody's
  };
  [[nodiscard]] age age_of(std::span<const core::byte_view> keys, std::string_view nonce, core::wall_time now,
                           std::string_view bound_to) const;

  // To be called only for an answer whose digest is right. True: made with one of `keys`, young enough, and this count is new; the
  // count is then used up. False: the phone shall try again with a new nonce (stale).
  [[nodiscard]] bool use(std::span<const core::byte_view> keys, std::string_view nonce, std::uint32_t count, core::wall_time now,
                         std::string_view bound_to);

  [[nodiscard]] std::size_t remembered() const noexcept { return seen_.size(); }

 private:
  struct identity {
    std::uint64_t issued_ms = 0;
    nonce_book::salt salt{};
    friend auto operator<=>(const identity&, const identity&) = default;
  };
  struct counts {  // a window as of IPsec's anti-replay: requests may overtake one another
    std::uint32_t highest = 0;
    std::uint64_t below = 0;  // bit i: highest - i was seen
  };

  [[nodiscard]] static std::string sealed(core::byte_view key, const identity& id, std::string_view bound_to);
  [[nodiscard]] static std::optional<identity> opened(std::span<const core::byte_view> keys, std::string_view nonce,
                                                      std::string_view bound_to);
  [[nodiscard]] bool timely(const identity& id, std::uint64_t now_ms) const;
  void forget(std::uint64_t now_ms);
  static bool mark(counts& c, std::uint32_t count);

  std::chrono::milliseconds lifetime_;
  std::size_t remembered_max_;
  std::uint64_t floor_ms_ = 0;  // nonces up to this age are stale, because the book may have forgotten them
  std::map<identity, counts> seen_;
};

}  // namespace phyllo::sip
