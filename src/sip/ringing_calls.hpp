// How many calls may wait for an answer at once: of one callee, so that his phone is not flooded, and of one caller, so that nobody has the
// node for himself (RFC 3261 s.21.4.24's 486, s.21.5.4's 503). Pure.
//
// A callee's places are counted by name, before he is looked up: so a flood costs no look-ups, and a refusal tells nothing of whether there
// is such a user. Of these places strangers have one half, and one caller a quarter: so users reach each other while strangers call, and
// honest strangers while one of them does. A caller is a user of ours by his name; of strangers it is the domain that they say they are of,
// and the address that they call from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "phyllo/core/keyed_hash.hpp"
#include "phyllo/sip/service_settings.hpp"
#include "shared_counts.hpp"

namespace phyllo::sip {

class ringing_calls {
 public:
  // By whom a call is; none of these names: somebody whom no bound holds for but the callee's (a gateway of the operator's).
  struct caller {
    std::vector<std::string> names;
    bool stranger = true;
  };
  enum class verdict {
    admitted,
    callee_busy,  // 486
    caller_busy,  // 503
  };

  // What a call counts for; its end gives it back. The bounds must outlive it.
  class place {
   public:
    place() = default;
    place(place&& other) noexcept : of_(std::exchange(other.of_, nullptr)), keys_(std::move(other.keys_)) {}
    place& operator=(place&& other) noexcept {
      std::swap(of_, other.of_);
      keys_.swap(other.keys_);
      return *this;
    }
    ~place() { release(); }
    void release() noexcept;

   private:
    friend class ringing_calls;
    ringing_calls* of_ = nullptr;
    std::vector<std::uint64_t> keys_;
  };

  // `key` must be random and secret: strangers choose names. `shared`: what shards count together, by the same key; null: they do not.
  ringing_calls(ringing_settings limits, const core::hash_key& key, shared_counts* shared = nullptr)
      : limits_(limits), key_(key), shared_(shared) {}

  // Admitted: `p` holds the place, beside those that it has already (a call that is forwarded rings at several users). O(1).
  [[nodiscard]] verdict admit(place& p, std::string_view callee, const caller& by);

  [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }  // names that are counted now

 private:
  struct wanted {
    std::uint64_t key;
    std::size_t max;
    verdict otherwise;
  };
  [[nodiscard]] std::vector<wanted> wanted_by(std::string_view callee, const caller& by) const;
  [[nodiscard]] std::size_t count(std::uint64_t key) const;
  void add(std::uint64_t key);
  void remove(std::uint64_t key) noexcept;
  [[nodiscard]] std::uint64_t key_of(std::string_view kind, std::string_view one, std::string_view other = {}) const;

  ringing_settings limits_;
  core::hash_key key_;
  shared_counts* shared_;
  std::unordered_map<std::uint64_t, std::size_t> counts_;  // by keyed hashes; as many as there are places
};

}  // namespace phyllo::sip
