// Which digest algorithms a phone is offered, and which of its right answers are taken (RFC 8760, RFC 7616): every phone gets in, and
// whoever can do better than MD5 does.
//
// Deviation from RFC 8760 s.2.3, which puts the preferred algorithm on top: many phones look at the first challenge only, and give up when
// it is not MD5; some give up when any is not. So
//   - where a user has not answered rightly yet, MD5 is offered and then SHA-256; to who does not answer that, or wrongly, MD5 alone;
//   - where he has, he is offered what he last succeeded with there; one of MD5 is once offered SHA-256 on top, when he renews a
//     registration: if his phone gives up, it is registered still, and comes back for MD5;
//   - of a user who has used SHA-256, at this node or, as far as the ring says, at another, nothing else is taken any more: whoever strips
//   the
//     stronger offer on its way gains nothing.
// What is offered depends on what was answered from that very address, so nobody learns from it which users there are.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "digest.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/time.hpp"
#include "strong_users.hpp"

namespace phyllo::sip {

// Which digests users may answer with.
enum class digest_policy : std::uint8_t {
  adapt,    // the best that each can do: MD5 until he has used SHA-256, and from then on that alone
  require,  // SHA-256
};

// A pure machine. Addresses are as core::source_key has them.
class digest_offer {
 public:
  static constexpr std::size_t users_max = strong_users::users_max;    // who have answered rightly
  static constexpr std::size_t asked_max = 65'536;                     // whom strangers claim to be, each from one address
  static constexpr core::duration patience = std::chrono::seconds(3);  // a phone that can answer has done so
  static constexpr core::duration remembered = std::chrono::hours(1);
  static constexpr core::duration asked_again_after = std::chrono::minutes(10);  // of the ring

  // `key` must be random and secret; the counter is null or outlives it.
  digest_offer(digest_policy policy, const core::hash_key& key, core::counter* evictions = nullptr);

  // False: an answer by it is none.
  [[nodiscard]] bool speaks(digest_algorithm a) const noexcept {
    return policy_ != digest_policy::require || a == digest_algorithm::sha256;
  }
  // The algorithms of a challenge to who says that he is `user`, the topmost first. `renews`: it is for a registration whose nonce was made
  // here and is old.
  [[nodiscard]] std::vector<digest_algorithm> to(std::string_view user, std::uint64_t address, bool renews, core::time_point now);
  // For a right answer. False: it is not taken, since its user can do better, and he is asked there for that alone.
  [[nodiscard]] bool takes(const std::string& user, std::uint64_t address, digest_algorithm a);
  // Who was taken by MD5: the ring may know better of him, and was not asked lately for this place.
  [[nodiscard]] bool unsure(std::string_view user, std::uint64_t address, core::time_point now);
  // The ring does: he has used SHA-256 at another node, and is asked here for that alone.
  void learn_better(const std::string& user, std::uint64_t address) {
    strong_users_.add(user);
    answers_.try_emplace(place(user, address)).first.algorithm = digest_algorithm::sha256;
  }
  void failed(std::string_view user, std::uint64_t address, core::time_point now);

  [[nodiscard]] strong_users& users_of_better() noexcept { return strong_users_; }

 private:
  struct question {
    core::time_point at;
    bool wrong = false;  // it was answered so, or not at all
  };
  struct answer {
    digest_algorithm algorithm = digest_algorithm::md5;  // last succeeded with, or known to be
    bool tried = false;                                  // SHA-256 on top, or it can not be
    core::time_point ring_asked = core::time_point::min();
  };
  [[nodiscard]] std::uint64_t place(std::string_view user, std::uint64_t address) const;

  digest_policy policy_;
  core::hash_key key_;
  strong_users strong_users_;
  core::bounded_map<std::uint64_t, answer> answers_;      // right ones, by user and address
  core::bounded_map<std::uint64_t, question> questions_;  // without one
};

}  // namespace phyllo::sip
