// How often passwords may be guessed at: wrong answers to challenges are bounded by the address that they come from and by the user whom
// they name. Nobody is kept out by the guesses of others: who has answered rightly from an address, or over a flow, is judged there
// whatever comes from elsewhere, and an address that nobody has guessed from takes its turns of a user apart from those that have been
// guessed from. A pure machine.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class guess_limit {
 public:
  // Of a user, all addresses together that he has not answered rightly from: so many wrong answers at once, and one more in each interval.
  static constexpr unsigned user_burst = 20;
  static constexpr core::duration user_interval = std::chrono::seconds(6);
  // An address or a flow stays proven for a user through so many wrong answers in a row.
  static constexpr unsigned proven_failures_max = 10;
  static constexpr core::duration failure_remembered = std::chrono::hours(1);
  // Answers of one address that wait for a secret to be found: what look-ups it can cause at a time.
  static constexpr std::size_t waiting_max = 200;
  static constexpr std::size_t remembered_max = 65'536;

  enum class refusal : std::uint8_t { none, address, user };
  struct attempt {
    std::uint64_t address = 0;  // as core::source_key has it
    std::uint64_t user = 0;
    std::uint64_t at_address = 0;  // the user there, and over this flow
    std::uint64_t at_flow = 0;
  };
  class waiting {  // an attempt whose secret is looked up
   public:
    waiting(guess_limit& of, std::uint64_t address) : of_(of), address_(address) { ++of_.waiting_[address_]; }
    waiting(const waiting&) = delete;
    ~waiting() { of_.waited(address_); }

   private:
    guess_limit& of_;
    std::uint64_t address_;
  };

  // `wrong_per_minute`: of one address, and as many at once. `key` must be random and secret; the counter is null or outlives it.
  guess_limit(unsigned wrong_per_minute, const core::hash_key& key, core::counter* evictions = nullptr);

  [[nodiscard]] attempt of(std::string_view user, const source& from) const;
  // Whether it is judged now. To be asked before the secret is looked up, and again before the answer is compared with it.
  [[nodiscard]] refusal refused(const attempt& a, core::time_point now);
  void succeeded(const attempt& a);
  void failed(const attempt& a, core::time_point now);

 private:
  // When its bucket is full again (the generic cell rate algorithm, ITU-T I.371).
  using full_time = core::time_point;
  struct of_address {
    full_time full;
    core::time_point last;
  };
  struct of_user {
    full_time clean;
    full_time suspect;
  };

  [[nodiscard]] static std::uint64_t joined(const core::hash_key& key, std::uint64_t a, std::uint64_t b);
  [[nodiscard]] bool proven(const attempt& a);
  [[nodiscard]] bool suspect(const attempt& a, core::time_point now);
  void waited(std::uint64_t address);

  core::hash_key key_;
  unsigned burst_;
  core::duration interval_;
  core::bounded_map<std::uint64_t, of_address> addresses_;
  core::bounded_map<std::uint64_t, of_user> users_;
  core::bounded_map<std::uint64_t, unsigned> proven_;  // wrong answers since the last right one
  std::unordered_map<std::uint64_t, std::size_t, core::keyed_hasher> waiting_;
};

}  // namespace phyllo::sip
