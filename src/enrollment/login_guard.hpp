// What is known of who logs in: which networks have proven themselves, which have failed, and which accounts are being guessed at. It says
// who is served first and who is refused; it locks nobody out of his own account. A pure machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "attempt_limiter.hpp"
#include "login_place.hpp"
#include "login_queue.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::enrollment {

class login_guard {
 public:
  // Of an account, all networks together that it has not logged in from: so many attempts at once, and one more in each interval. Networks
  // that nobody has failed from count apart from the others, so that a guesser who has been seen takes nothing from them.
  static constexpr unsigned strangers_burst = 20;
  static constexpr core::duration strangers_interval = std::chrono::seconds(6);
  // A network stays proven for an account through so many failures in a row.
  static constexpr unsigned proven_failures_max = 5;
  static constexpr core::duration failure_remembered = std::chrono::hours(1);
  // A region of which so many networks have failed has failed as a whole: the next of its networks is the next guesser.
  static constexpr unsigned failed_networks_max = 16;
  static constexpr std::size_t remembered_max = 65536;  // of each kind

  enum class refusal : std::uint8_t { address, account };
  struct attempt {
    std::optional<refusal> refused;  // then the rest does not count
    login_queue::lane lane = login_queue::lane::suspect;
    login_place place;
    std::uint64_t account = 0;
  };

  login_guard(unsigned attempts_per_minute, const core::hash_key& key);

  // An attempt that is not refused counts as failed until it is told to have succeeded.
  [[nodiscard]] attempt begin(const login_place& from, std::string_view user, core::time_point now);
  void succeeded(const attempt& a, core::time_point now);
  void failed(const attempt& a, core::time_point now);
  void limit(unsigned attempts_per_minute) { limiter_.limit(attempts_per_minute); }

 private:
  struct strangers {  // when the bucket is full again (the generic cell rate algorithm, ITU-T I.371)
    core::time_point clean_full, suspect_full;
  };
  [[nodiscard]] std::uint64_t proof(const attempt& a) const;  // the key of an account at a network
  [[nodiscard]] bool has_failed(const login_place& at, core::time_point now);

  core::hash_key key_;
  attempt_limiter limiter_;
  struct of_region {
    unsigned networks = 0;  // that have failed, each at most once an hour
    core::time_point last;
  };
  core::bounded_map<std::uint64_t, core::time_point> failures_;  // by prefix: the last
  core::bounded_map<std::uint64_t, of_region> regions_;
  core::bounded_map<std::uint64_t, unsigned> proven_;  // failures in a row
  core::bounded_map<std::uint64_t, strangers> accounts_;
};

}  // namespace phyllo::enrollment
