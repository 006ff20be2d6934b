// How much is answered by UDP to an address that has not shown that it receives: anybody may write another's address on a
// datagram, and answers (with their retransmissions, s.17.2.1) would strike that other. At most 1.5 times the bytes that came,
// of them half a time for provisional responses, so that the final one finds room; and ten answers within any second. An address has shown
// it when it has answered a challenge or a request of ours, or uses a route that we signed: nobody can who does not hear us.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/source_limit.hpp"

namespace phyllo::sip {

class response_budget {
 public:
  static constexpr double factor = 1.5;
  static constexpr double provisional_factor = 0.5;
  static constexpr double answers_in_a_second = 10;
  static constexpr std::size_t sources_max = 65'536;
  static constexpr core::duration proof_lifetime = std::chrono::hours(1);

  // `key` is random and secret; the counters, of what made room, outlive it or are null.
  explicit response_budget(const core::hash_key& key, core::counter* strangers = nullptr, core::counter* proven = nullptr)
      : strangers_(sources_max, key, strangers), proven_(sources_max, key, proven) {}

  void received(const asio::ip::address& from, std::size_t bytes, core::time_point now);
  // Whether a response of so many bytes may go; if so it is taken from the budget.
  [[nodiscard]] bool take(const asio::ip::address& to, std::size_t bytes, bool provisional, core::time_point now);
  // The bytes that a final response to there may have now.
  [[nodiscard]] std::size_t room(const asio::ip::address& to, core::time_point now) const;
  void proved(const asio::ip::address& a, core::time_point now);
  [[nodiscard]] bool proven(const asio::ip::address& a, core::time_point now) const;

 private:
  struct account {
    double credit = 0;           // bytes
    double provisional = 0;      // of them, for provisional responses
    core::token_bucket answers;  // of a newcomer in a full table: that of the account whose room it takes, so that floods clear none
  };

  core::bounded_map<std::uint64_t, account> strangers_;
  core::bounded_map<std::uint64_t, core::time_point> proven_;
};

}  // namespace phyllo::sip
